"""What versions before STORAGE_URL kept of exports goes when a database is prepared for this one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import svcs
from bson import ObjectId

from backend.compliance.exports.before_storage import delete_old_exports
from backend.compliance.exports.service import file_of
from backend.config import Settings
from backend.infra.storage import Storage
from tests.conftest import Account
from tests.integration.compliance.archives import download

pytestmark = pytest.mark.compliance

Register = Callable[..., Account]


@pytest.fixture
def old_folder(settings: Settings) -> Path:
    folder = settings.data_dir / "exports"
    folder.mkdir()
    return folder


def test_they_go_with_their_records_and_todays_stay(
    register: Register, build: Callable[[ObjectId], None], services: svcs.Container, old_folder: Path
) -> None:
    ada, bo = register("Ada"), register("Bo")
    before, after = (
        one.post("/compliance/exports", {"password": one.password}).get_json()["id"] for one in (ada, bo)
    )
    for one in (before, after):
        build(ObjectId(one))
    services.get(Storage).delete(file_of(ObjectId(before)))
    (old_folder / f"{before}.zip").write_bytes(b"everything about Ada")
    (old_folder / f"{before}.zip.0.part").write_bytes(b"half of it")

    settings = services.get(Settings)
    assert delete_old_exports(settings) == 2
    assert not old_folder.exists()
    assert ada.get(f"/compliance/exports/{before}").status_code == 404
    assert download(bo, after).status_code == 200
    assert delete_old_exports(settings) == 0


def test_where_todays_lie_in_the_old_place_nothing_is_old(settings: Settings, old_folder: Path) -> None:
    here = settings.model_copy(update={"storage_url": f"file://{settings.data_dir}"})
    todays = old_folder / f"{ObjectId()}.zip"
    todays.write_bytes(b"an export")
    assert delete_old_exports(here) == 0
    assert todays.exists()
    todays.unlink()
    old_folder.rmdir()
