"""What need not be kept any longer is deleted, and nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import pytest
import svcs
from bson import ObjectId

from backend.compliance.exports import ExportService
from backend.compliance.retention import RetentionCounts, RetentionService
from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from tests.conftest import Account
from tests.set_clock import SetClock

pytestmark = pytest.mark.compliance

Register = Callable[..., Account]


@pytest.fixture
def database(services: svcs.Container) -> MongoDatabase:
    return services.get(MongoDatabase)


@pytest.fixture(autouse=True)
def nothing_left_by_others(retention: RetentionService, clock: SetClock) -> None:
    """Each test counts from nothing."""
    clock.advance(days=4000)
    retention.run()
    clock.advance(days=-4000)


def closed_session(host: Account) -> ObjectId:
    session = host.post("/sessions", {"menu": "both"}).get_json()
    host.post(f"/sessions/{session['id']}/leave")
    return ObjectId(session["id"])


def test_finished_sessions_go_after_the_period_and_not_before(
    register: Register,
    retention: RetentionService,
    database: MongoDatabase,
    clock: SetClock,
    settings: Settings,
) -> None:
    session_id = closed_session(register())
    assert database["sessions"].find_one({"_id": session_id})["finished_at"]
    clock.advance(days=settings.data_retention_days, minutes=-5)
    assert retention.run().sessions == 0
    clock.advance(minutes=10)
    assert retention.run().sessions == 1
    assert database["sessions"].find_one({"_id": session_id}) is None


def test_a_session_that_goes_on_is_left_alone(
    register: Register, retention: RetentionService, database: MongoDatabase, clock: SetClock
) -> None:
    session = register().post("/sessions", {"menu": "both"}).get_json()
    clock.advance(days=1000)
    assert retention.run().sessions == 0
    assert database["sessions"].find_one({"_id": ObjectId(session["id"])})


def test_swipes_go_with_their_session(
    register: Register, retention: RetentionService, database: MongoDatabase, clock: SetClock
) -> None:
    session_id = closed_session(register())
    swipe = {
        "s": session_id,
        "p": ObjectId(),
        "o": "x",
        "i": ObjectId(),
        "d": "right",
        "r": 1,
        "t": 0,
        "c": b"0" * 24,
    }
    database["swipes"].insert_one(swipe)
    clock.advance(days=1000)
    retention.run()
    assert database["swipes"].count_documents({"s": session_id}) == 0


def test_expired_exports_go_with_their_files(
    register: Register,
    retention: RetentionService,
    exports: ExportService,
    clock: SetClock,
    settings: Settings,
) -> None:
    ada = register()
    export = exports.request(ObjectId(ada.id), ada.password, "")
    exports.build(export.id)
    file = settings.data_dir / "exports" / f"{export.id}.zip"
    clock.advance(days=settings.export_keep_days)
    assert retention.run().exports == 0
    assert file.exists()
    clock.advance(seconds=1)
    assert retention.run().exports == 1
    assert not file.exists()
    assert exports.all_of(ObjectId(ada.id)) == []


def test_half_written_files_of_killed_workers_go_after_a_day(
    retention: RetentionService, settings: Settings
) -> None:
    folder = settings.data_dir / "exports"
    folder.mkdir(exist_ok=True)
    old, young = folder / "old.part", folder / "young.part"
    for part in (old, young):
        part.write_bytes(b"half")
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    retention.run()
    assert (old.exists(), young.exists()) == (False, True)
    young.unlink()


def test_log_ins_that_ended_go_and_live_ones_stay(
    register: Register, retention: RetentionService, database: MongoDatabase, clock: SetClock
) -> None:
    ended, alive = register("Ada"), register("Bo")
    ended.post("/auth/logout")
    clock.advance(minutes=1)
    assert retention.run().auth_sessions == 1
    assert database["auth_sessions"].count_documents({"user": ObjectId(ended.id)}) == 0
    assert alive.get("/users/me").status_code == 200


def test_a_dry_run_counts_and_deletes_nothing(
    register: Register, retention: RetentionService, exports: ExportService, clock: SetClock
) -> None:
    ada = register()
    closed_session(ada)
    exports.build(exports.request(ObjectId(ada.id), ada.password, "").id)
    clock.advance(days=1000)
    expected = RetentionCounts(sessions=1, notifications=0, exports=1, auth_sessions=1)
    assert retention.run(dry_run=True) == expected
    assert retention.run(dry_run=True) == expected
    assert retention.run() == expected
    assert retention.run() == RetentionCounts(sessions=0, notifications=0, exports=0, auth_sessions=0)
