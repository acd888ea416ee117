"""Writing an archive: whole, or not there."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend.compliance.archive import Archive

pytestmark = pytest.mark.compliance

ABOUT = {"export_id": "e", "user_id": "u", "created_at": "2026-11-23T18:00:00.000Z"}


def write(target: Path, records: Iterator[dict[str, Any]]) -> None:
    with Archive(target) as archive:
        archive.add_object("profile.json", {"display_name": "Zo\u00eb"})
        archive.add_list("swipes.json", records)
        archive.close_with_manifest(ABOUT, "zoe@example.com", "Zo\u00eb")


def test_what_was_added_is_read_back(tmp_path: Path) -> None:
    target = tmp_path / "exports" / "one.zip"
    write(target, iter([{"n": 1}, {"n": 2}]))
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert json.loads(archive.read("profile.json")) == {"display_name": "Zo\u00eb"}
        assert json.loads(archive.read("swipes.json")) == [{"n": 1}, {"n": 2}]
        manifest = json.loads(archive.read("manifest.json"))
        assert "Zo\u00eb <zoe@example.com>" in archive.read("README.txt").decode()
    assert (manifest["schema"], manifest["schema_version"]) == ("dindin-export", 1)
    assert manifest["files"] == [
        {"name": "profile.json", "records": 1},
        {"name": "swipes.json", "records": 2},
    ]


def test_an_empty_list_is_a_list(tmp_path: Path) -> None:
    write(tmp_path / "one.zip", iter([]))
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        assert json.loads(archive.read("swipes.json")) == []


def test_a_failure_leaves_nothing_behind_and_the_former_file_alone(tmp_path: Path) -> None:
    target = tmp_path / "one.zip"
    target.write_bytes(b"the former one")

    def breaking() -> Iterator[dict[str, Any]]:
        yield {"n": 1}
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError, match="went away"):
        write(target, breaking())
    assert target.read_bytes() == b"the former one"
    assert list(tmp_path.iterdir()) == [target]


def test_nobody_else_on_the_machine_can_read_it(tmp_path: Path) -> None:
    target = tmp_path / "exports" / "one.zip"
    write(target, iter([]))
    assert target.stat().st_mode & 0o777 == 0o600
    assert target.parent.stat().st_mode & 0o777 == 0o700
