"""What need not be kept any longer is deleted, and nothing else."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import svcs
from bson import ObjectId
from flask.testing import FlaskClient

from backend.compliance.exports.building import ExportBuilder
from backend.compliance.register import REGISTER
from backend.compliance.retention.figures import RetentionFigures
from backend.compliance.retention.service import BATCH, RetentionService
from backend.config import Settings
from backend.infra.jobs import RUN_RETENTION
from backend.infra.mongo import MongoDatabase
from backend.jobs.runs import JobRuns, Overtaken, Turn
from tests.conftest import Account
from tests.set_clock import SetClock

pytestmark = pytest.mark.compliance

Register = Callable[..., Account]
Gone = dict[str, int]
Sweep = Callable[..., Gone]


@pytest.fixture
def sweep(retention: RetentionService, services: svcs.Container) -> Sweep:
    """Run retention; how many records went, by place, where any did."""

    def sweep(**how: object) -> Gone:
        return {swept.place: swept.gone for swept in retention.run(services, **how) if swept.gone}

    return sweep


@pytest.fixture
def database(services: svcs.Container) -> MongoDatabase:
    return services.get(MongoDatabase)


@pytest.fixture(autouse=True)
def nothing_left_by_others(sweep: Sweep, clock: SetClock) -> None:
    """Each test counts from nothing."""
    clock.advance(days=4000)
    sweep()
    clock.advance(days=-4000)


def closed_session(host: Account) -> ObjectId:
    session = host.post("/sessions", {"menu": "both"}).get_json()
    host.post(f"/sessions/{session['id']}/leave")
    return ObjectId(session["id"])


def built_export(owner: Account, services: svcs.Container) -> str:
    export_id: str = owner.post("/compliance/exports", {"password": owner.password}).get_json()["id"]
    services.get(ExportBuilder).build(services, ObjectId(export_id))
    return export_id


def test_finished_sessions_go_after_the_period_and_not_before(
    register: Register,
    sweep: Sweep,
    database: MongoDatabase,
    clock: SetClock,
    settings: Settings,
) -> None:
    session_id = closed_session(register())
    assert database["sessions"].find_one({"_id": session_id})["finished_at"]
    clock.advance(days=settings.data_retention_days, minutes=-5)
    assert "sessions" not in sweep()
    clock.advance(minutes=10)
    assert sweep()["sessions"] == 1
    assert database["sessions"].find_one({"_id": session_id}) is None


def test_a_session_that_goes_on_is_left_alone(
    register: Register, sweep: Sweep, database: MongoDatabase, clock: SetClock
) -> None:
    session = register().post("/sessions", {"menu": "both"}).get_json()
    clock.advance(days=1000)
    assert "sessions" not in sweep()
    assert database["sessions"].find_one({"_id": ObjectId(session["id"])})


def test_swipes_go_with_their_session(
    register: Register, sweep: Sweep, database: MongoDatabase, clock: SetClock
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
    sweep()
    assert database["swipes"].count_documents({"s": session_id}) == 0


def test_expired_exports_go_with_their_files(
    register: Register, sweep: Sweep, services: svcs.Container, clock: SetClock, settings: Settings
) -> None:
    ada = register()
    export_id = built_export(ada, services)
    stored = services.get(MongoDatabase)["exports"].find_one({"_id": ObjectId(export_id)})
    clock.moment = stored["expires_at"]
    assert "exports" not in sweep()
    assert list(settings.data_dir.rglob(f"{export_id}*"))
    clock.advance(milliseconds=1)
    assert sweep()["exports"] == 1
    assert not list(settings.data_dir.rglob(f"{export_id}*"))
    assert ada.get("/compliance/exports").get_json()["items"] == []


def test_half_written_files_of_killed_workers_go_after_a_day(sweep: Sweep, settings: Settings) -> None:
    folder = settings.data_dir / "storage/exports"
    folder.mkdir(parents=True, exist_ok=True)
    old, young = folder / "old.part", folder / "young.part"
    for part in (old, young):
        part.write_bytes(b"half")
    yesterday = time.time() - 25 * 3600
    os.utime(old, (yesterday, yesterday))
    sweep()
    assert (old.exists(), young.exists()) == (False, True)
    young.unlink()


def test_mails_that_became_files_go_after_thirty_days(
    sweep: Sweep, settings: Settings, clock: SetClock
) -> None:
    folder = settings.data_dir / "outbox"
    folder.mkdir(exist_ok=True)
    old, young = folder / "old.eml", folder / "young.eml"
    for mail, days in ((old, 31), (young, 29)):
        mail.write_bytes(b"To: somebody")
        written_at = (clock.now() - timedelta(days=days)).timestamp()
        os.utime(mail, (written_at, written_at))
    assert sweep(dry_run=True) == {"DATA_DIR/outbox/*.eml": 1}
    assert sweep() == {"DATA_DIR/outbox/*.eml": 1}
    assert (old.exists(), young.exists()) == (False, True)
    young.unlink()


def test_log_ins_that_ended_go_and_live_ones_stay(
    register: Register, sweep: Sweep, database: MongoDatabase, clock: SetClock
) -> None:
    ended, alive = register("Ada"), register("Bo")
    ended.post("/auth/logout")
    clock.advance(minutes=1)
    assert sweep()["auth_sessions"] == 1
    assert database["auth_sessions"].count_documents({"user": ObjectId(ended.id)}) == 0
    assert alive.get("/users/me").status_code == 200


def test_a_dry_run_counts_what_would_go_and_deletes_nothing(
    register: Register, sweep: Sweep, services: svcs.Container, clock: SetClock
) -> None:
    ada = register()
    closed_session(ada)
    built_export(ada, services)
    clock.advance(days=1000)
    would_go = sweep(dry_run=True)
    assert would_go == {"sessions": 1, "exports": 1, "auth_sessions": 1}
    assert sweep(dry_run=True) == would_go
    assert sweep() == would_go
    assert sweep() == {}


def test_it_says_by_which_rule_and_what_is_left(
    register: Register, retention: RetentionService, services: svcs.Container, clock: SetClock
) -> None:
    session_id = closed_session(register())
    ended_at = services.get(MongoDatabase)["sessions"].find_one({"_id": session_id})["finished_at"]
    clock.advance(days=1)
    swept = {one.place: one for one in retention.run(services)}["sessions"]
    assert swept.rule == "90 days after they ended."
    assert swept.cutoff == clock.now() - timedelta(days=90)
    assert (swept.gone, swept.oldest) == (0, ended_at)


def test_stopped_between_two_batches_the_next_run_does_the_rest(
    register: Register, sweep: Sweep, database: MongoDatabase, clock: SetClock
) -> None:
    reader = ObjectId(register().id)
    database["notifications"].insert_many(
        {"user_id": reader, "key": f"{n}", "kind": "x", "text": "x", "created_at": clock.now()}
        for n in range(BATCH + 1)
    )
    clock.advance(days=1000)

    def stop() -> None:
        raise InterruptedError

    while database["notifications"].count_documents({}) > 1:
        with pytest.raises(InterruptedError):
            sweep(after_batch=stop)
    assert sweep() == {"notifications": 1}


def test_a_run_that_stood_still_stops_when_another_has_begun(
    register: Register, sweep: Sweep, services: svcs.Container, database: MongoDatabase, clock: SetClock
) -> None:
    reader, runs = ObjectId(register().id), services.get(JobRuns)
    database["notifications"].insert_many(
        {"user_id": reader, "key": f"{n}", "kind": "x", "text": "x", "created_at": clock.now()}
        for n in range(3 * BATCH)
    )
    clock.advance(days=1000)
    stalled = runs.begin(RUN_RETENTION.name, "yesterday")
    later: list[Turn] = []

    def wake_up() -> None:
        """Meanwhile it has become the next night."""
        later.append(runs.begin(RUN_RETENTION.name, "today"))
        runs.check(stalled)

    left = database["notifications"].count_documents({})
    while left == database["notifications"].count_documents({}):
        with pytest.raises(Overtaken):
            sweep(after_batch=wake_up)
    assert database["notifications"].count_documents({}) == left - BATCH
    sweep(after_batch=lambda: runs.check(later[-1]))
    assert database["notifications"].count_documents({"user_id": reader}) == 0


def test_metrics_tell_what_went_and_how_old_the_rest_is(
    client: FlaskClient, register: Register, sweep: Sweep, services: svcs.Container, clock: SetClock
) -> None:
    for _ in range(2):
        closed_session(register())
    over = services.get(MongoDatabase)["sessions"].find({"live": False}).sort("finished_at", 1)
    clock.moment = over[0]["finished_at"]
    before = services.get(RetentionFigures).read().deleted.get("sessions", 0)
    clock.advance(days=90, milliseconds=1)
    assert sweep()["sessions"] == 1
    page = client.get("/metrics").text
    assert f'retention_deleted_total{{place="sessions"}} {before + 1}.0' in page
    assert float(re.search(r'retention_oldest_seconds{place="sessions"} (\S+)', page)[1]) < 60
    ran_at = re.search(r"\nretention_last_run_timestamp_seconds (\S+)", page)[1]
    assert float(ran_at) == clock.now().timestamp()


def test_whoever_is_logged_in_can_read_the_rules_in_force(register: Register) -> None:
    answer = register().get("/compliance/retention")
    rules = {rule["place"]: rule for rule in answer.get_json()["items"]}
    assert len(rules) == len(REGISTER)
    assert rules["sessions"]["kept"] == "90 days after they ended."
    assert rules["swipes"]["kept"] == "Goes with its session."
    assert not any("{" in words for rule in rules.values() for words in (rule["kept"], rule["holds"]))
