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


def test_what_was_brought_to_todays_place_stays(
    register: Register, build: Callable[[ObjectId], None], services: svcs.Container, old_folder: Path
) -> None:
    ada = register("Ada")
    export_id = ada.post("/compliance/exports", {"password": ada.password}).get_json()["id"]
    build(ObjectId(export_id))
    (old_folder / f"{export_id}.zip").write_bytes(services.get(Storage).read(file_of(ObjectId(export_id))))
    assert delete_old_exports(services.get(Settings)) == 1
    assert not old_folder.exists()
    assert download(ada, export_id).status_code == 200


def test_what_cannot_be_deleted_is_found_again(
    register: Register, services: svcs.Container, old_folder: Path
) -> None:
    """What is killed half-way leaves no record of a file that is gone."""
    ada = register("Ada")
    export_id = ada.post("/compliance/exports", {"password": ada.password}).get_json()["id"]
    in_the_way = old_folder / f"{export_id}.zip"
    in_the_way.mkdir()
    with pytest.raises(OSError, match=export_id):
        delete_old_exports(services.get(Settings))
    assert ada.get(f"/compliance/exports/{export_id}").status_code == 404
    in_the_way.rmdir()
    old_folder.rmdir()


def test_where_todays_lie_in_the_old_place_nothing_is_old(settings: Settings, old_folder: Path) -> None:
    here = settings.model_copy(update={"storage_url": f"file://{settings.data_dir}"})
    todays = old_folder / f"{ObjectId()}.zip"
    todays.write_bytes(b"an export")
    assert delete_old_exports(here) == 0
    assert todays.exists()
    todays.unlink()
    old_folder.rmdir()
