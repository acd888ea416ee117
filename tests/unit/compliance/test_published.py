"""What is published of the register is what the register says."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from backend.compliance.exports import published_schema
from backend.compliance.exports.readme import readme_text
from backend.compliance.privacy_record import record_text
from backend.compliance.register import EXPORTED, REGISTER
from backend.compliance.wording import periods_of, usual_periods
from backend.config import Settings

pytestmark = pytest.mark.compliance

DOCS = Path(__file__).parents[3] / "docs"


def test_the_privacy_record_is_current() -> None:
    current = record_text(usual_periods())
    assert (DOCS / "privacy-record.md").read_text() == current, "run: python -m backend privacy-record"


def test_the_schema_of_exports_is_current() -> None:
    published = (DOCS / "api/export.schema.json").read_text()
    assert published == published_schema.document_text(), "run: python -m backend export-schema"


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(published_schema.document())


def test_every_place_is_in_the_privacy_record_and_in_the_readme() -> None:
    record, readme = record_text(usual_periods()), readme_text("today", usual_periods())
    exported = {holding.place for holding, _ in EXPORTED}
    for holding in REGISTER:
        assert f"`{holding.place.name}`" in record
        assert holding.place in exported or f"{holding.place.kind}: {holding.place.name}" in readme
    for _, export in EXPORTED:
        assert f"\n{export.file}\n" in readme


def test_a_servers_own_periods_are_told() -> None:
    own = Settings(
        _env_file=None,
        mongodb_uri="mongodb://nowhere",
        redis_url="redis://nowhere",
        secret_key="s" * 40,
        data_retention_days=123,
    )
    assert "123 days after they ended" in record_text(periods_of(own))
    assert "90 days after they ended" in record_text(usual_periods())
