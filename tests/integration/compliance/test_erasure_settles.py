"""Requests that were under way when somebody's erasure began, and others who play on: neither leaves anything."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest
import svcs
from bson import ObjectId

from backend.audit.trail import AuditTrail
from backend.auth.accounts import AccountService
from backend.auth.mails import AccountMails
from backend.compliance.erasure.doors import Doors
from backend.compliance.erasure.leftovers import Leftovers
from backend.compliance.erasure.receipts import Receipts
from backend.compliance.erasure.service import OTHERS_MAY_PLAY_FOR, ErasureService
from backend.compliance.erasure.store import ErasureStore
from backend.compliance.erasure.tombstones import Tombstones
from backend.config import Settings
from backend.infra.jobs import ERASE, RUN_RETENTION, JobQueue
from backend.infra.keys import Ledger
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import Storage
from backend.users.accounts import Accounts, Identity
from tests.conftest import Account
from tests.integration.compliance.half_way import begin_erasure, closed_session, swipe_often, working
from tests.raw_search import Words, find_in_mongo
from tests.set_clock import SetClock
from tests.waiting import eventually

pytestmark = [pytest.mark.compliance, pytest.mark.security]

Register = Callable[..., Account]
Documents = Mapping[str, list[dict[str, Any]]]
SETTLE_SECONDS = 60


@pytest.fixture
def database(services: svcs.Container) -> MongoDatabase:
    return services.get(MongoDatabase)


@pytest.fixture
def erasures(services: svcs.Container, settings: Settings, clock: SetClock) -> ErasureService:
    """The service of the app under test as it is in production, by a clock that the test moves."""
    database, ledger = services.get(MongoDatabase, Ledger)
    patient = {**settings.model_dump(), "erasure_settle_seconds": SETTLE_SECONDS}
    return ErasureService(
        store=services.get(ErasureStore),
        receipts=services.get(Receipts),
        tombstones=Tombstones(database, services.get(Storage), ledger),
        doors=services.get(Doors),
        accounts=services.get(AccountService),
        mails=services.get(AccountMails),
        jobs=services.get(JobQueue),
        clock=clock,
        settings=Settings(_env_file=None, **patient),
        record=services.get(AuditTrail).record,
        services=lambda: svcs.Container(services.registry),
    )


@pytest.fixture
def nobody_left(services: svcs.Container, database: MongoDatabase) -> None:
    """What other tests have left of people who were erased is gone."""
    strangers = Leftovers(
        store=services.get(ErasureStore),
        tombstones=Tombstones(database, services.get(Storage), services.get(Ledger)),
        services=lambda: svcs.Container(services.registry),
    ).without_account()
    for name in database.list_collection_names():
        names_one = [found["_id"] for found in database[name].find() if _mentions(found, strangers)]
        database[name].delete_many({"_id": {"$in": names_one}})


def _mentions(found: object, ids: Collection[ObjectId]) -> bool:
    if isinstance(found, dict):
        return any(_mentions(one, ids) for one in found.values())
    if isinstance(found, list):
        return any(_mentions(one, ids) for one in found)
    return isinstance(found, ObjectId) and found in ids


def busy(register: Register, services: svcs.Container) -> tuple[Account, Account, ObjectId]:
    """Somebody who has left something in many places; a friend; a session of theirs that is over."""
    ada, bo = register("Ada"), register("Bo")
    assert ada.eats(allergies=["nuts"]).status_code == 200
    recipe = ada.get("/recipes?limit=1").get_json()["items"][0]["id"]
    assert ada.put(f"/users/me/saved-recipes/{recipe}", {}).status_code < 300
    assert ada.post(f"/recipes/{recipe}/like").status_code < 300
    assert ada.post("/users/me/shopping-list/items", {"name": "beans"}).status_code < 300
    assert ada.post("/groups", {"name": "Home"}).status_code == 201
    assert ada.post("/compliance/exports", {"password": ada.password}).status_code == 202
    session_id = closed_session(services, ada, bo)
    swipe_often(services.get(MongoDatabase), session_id, ada, 3)
    services.get(AuditTrail).settle()
    return ada, bo, session_id


def written_about(database: MongoDatabase, account: Account, places: Mapping[str, str]) -> Documents:
    """What there is about somebody in these collections, by the field that names them."""
    found = {name: list(database[name].find({field: ObjectId(account.id)})) for name, field in places.items()}
    assert all(found.values()), found
    return found


def write_late(database: MongoDatabase, documents: Documents) -> None:
    """What requests do that were let in before, and are done only now."""
    for name, written in documents.items():
        database[name].delete_many({"_id": {"$in": [one["_id"] for one in written]}})
        database[name].insert_many(written)


# What a request can write after the doors were closed, and by which field it names who asked.
LATE = {
    "swipes": "p",
    "saved_items": "user_id",
    "likes": "user_id",
    "shopping_lists": "owner_id",
    "exports": "user",
    "consents": "user",
    "user_keys": "_id",
    "audit_subjects": "_id",
    "auth_sessions": "user",
}


def begin_by(clock: SetClock, account: Account, database: MongoDatabase) -> ObjectId:
    """As `begin_erasure`; it was now by the test's clock, and not by the app's."""
    erasure_id = begin_erasure(account, database)
    now = {"begun_at": clock.now(), "shut_at": clock.now()}
    database["erasures"].update_one({"_id": erasure_id}, {"$set": now})
    return erasure_id


def left_in_mongo(database: MongoDatabase, account: Account) -> list[str]:
    return list(find_in_mongo(Words([account.email], [account.id]), database))


def status_of(account: Account, receipt_id: str) -> str:
    shown = account.http.get(f"/api/v1/compliance/erasure-receipts/{receipt_id}").get_json()
    return str(shown["status"])


def test_what_was_written_behind_the_first_walk_goes_in_the_last(
    register: Register,
    services: svcs.Container,
    database: MongoDatabase,
    erasures: ErasureService,
    clock: SetClock,
) -> None:
    ada, bo, session_id = busy(register, services)
    late = written_about(database, ada, LATE)
    erasure_id = begin_by(clock, ada, database)
    receipt_id = database["erasures"].find_one({"_id": erasure_id})["receipt_id"]

    assert erasures.carry_out(erasure_id) == "waits"

    # At once nothing is left but what says that there is an erasure under way.
    assert {found.split()[1] for found in left_in_mongo(database, ada)} == {"erasures"}
    assert ada.get("/users/me").status_code == 401
    assert services.get(JobQueue).is_under_way(ERASE, f"{erasure_id}-last")
    write_late(database, late)
    clock.advance(seconds=SETTLE_SECONDS - 1)
    assert erasures.carry_out(erasure_id) == "waits"
    assert status_of(bo, receipt_id) == "running"
    clock.advance(seconds=1)
    assert erasures.carry_out(erasure_id) == "finished"
    assert status_of(bo, receipt_id) == "done"
    assert left_in_mongo(database, ada) == []
    assert database["swipes"].count_documents({"s": session_id}) == 3


@pytest.mark.timeout(300)
def test_no_worker_is_held_meanwhile_and_one_comes_back_to_it(
    register: Register, database: MongoDatabase, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    ada, bo = register("Ada"), register("Bo")
    with working({**worker_environment, "ERASURE_SETTLE_SECONDS": "3"}, tmp_path / "log") as worker:
        begun = time.monotonic()
        erasure_id = begin_erasure(ada, database)
        eventually(lambda: database["users"].find_one({"_id": ObjectId(ada.id)}) is None, seconds=60)
        asked = bo.post("/compliance/exports", {"password": bo.password}).get_json()["id"]
        eventually(lambda: bo.get(f"/compliance/exports/{asked}").get_json()["status"] == "done", seconds=60)
        eventually(lambda: database["erasures"].find_one({"_id": erasure_id}) is None, seconds=60)
        assert time.monotonic() - begun > 2.9  # it did settle; the clocks' ticks differ
        assert worker.stop() == 0
    assert left_in_mongo(database, ada) == []


@pytest.mark.usefixtures("nobody_left")
def test_what_was_written_even_later_is_found_at_night(
    register: Register,
    services: svcs.Container,
    database: MongoDatabase,
    work: Callable[[], str],
) -> None:
    ada, bo, session_id = busy(register, services)
    late = written_about(database, ada, LATE)
    assert services.get(ErasureService).carry_out(begin_erasure(ada, database)) == "finished"
    scheduled, running = register("Scheduled"), register("Running")
    scheduled.post("/compliance/erasure", {"password": scheduled.password})
    begin_erasure(running, database)
    stand_in = database["sessions"].find_one({"_id": session_id})["participants"][0]["user_id"]
    write_late(database, {name: written for name, written in late.items() if name != "swipes"})

    night = f"night-{ObjectId()}"
    services.get(JobQueue).enqueue(RUN_RETENTION, night, period=night)
    log = work()

    assert '"leftovers_found"' in log
    assert ada.id not in log
    assert left_in_mongo(database, ada) == []
    assert database["erasures"].find_one({"user": ObjectId(scheduled.id)})["status"] == "scheduled"
    shown = bo.get(f"/sessions/{session_id}").get_json()["participants"]
    assert {one["display_name"] for one in shown} == {"Somebody", "Bo"}
    assert shown[0]["id"] == str(stand_in)
    assert bo.get("/users/me").status_code == 200
    assert services.get(ErasureService).erase_leftovers(dry_run=True) == 0


@pytest.mark.usefixtures("nobody_left")
def test_somebody_named_by_a_session_alone_is_told_from_a_stand_in(
    register: Register, services: svcs.Container, database: MongoDatabase
) -> None:
    erasures = services.get(ErasureService)
    ada, bo = register("Ada"), register("Bo")
    session_id = closed_session(services, ada, bo)
    before = written_about(database, ada, {"sessions": "participants.user_id"})
    assert erasures.carry_out(begin_erasure(ada, database)) == "finished"
    assert erasures.erase_leftovers(dry_run=True) == 0
    write_late(database, before)
    assert erasures.erase_leftovers(dry_run=True) == 1
    assert database["erasures"].find_one({"user": ObjectId(ada.id)}) is None
    assert erasures.erase_leftovers() == 1
    again = database["erasures"].find_one({"user": ObjectId(ada.id)})
    assert again["tell"] is False
    assert erasures.carry_out(again["_id"]) == "finished"
    names = {p["display_name"] for p in bo.get(f"/sessions/{session_id}").get_json()["participants"]}
    assert names == {"Somebody", "Bo"}


@pytest.mark.usefixtures("nobody_left")
def test_whose_account_a_restore_did_not_bring_back_was_not_erased(
    services: svcs.Container, database: MongoDatabase
) -> None:
    """They registered after the backup. The audit log, which goes on over a restore, still knows them."""
    somebody = {"_id": ObjectId(), "pseudonym": secrets.token_hex(8), "secret": b""}
    database["audit_subjects"].insert_one(somebody)
    try:
        assert services.get(ErasureService).erase_leftovers(dry_run=True) == 0
    finally:
        database["audit_subjects"].delete_one({"_id": somebody["_id"]})


def playing(register: Register) -> tuple[Account, list[Account], str]:
    """Somebody who plays with two others; those; the session."""
    ada, others = register("Ada"), [register("Bo"), register("Cy")]
    session = ada.post("/sessions", {"menu": "both"}).get_json()
    for guest in others:
        guest.post("/sessions/join", {"code": session["code"]})
    for person in (ada, *others):
        person.post(f"/sessions/{session['id']}/ready", {"ready": True})
    assert ada.post(f"/sessions/{session['id']}/start").status_code == 200
    return ada, others, session["id"]


def test_others_who_play_on_hold_an_erasure_up_for_a_day_and_no_longer(
    register: Register, database: MongoDatabase, erasures: ErasureService, clock: SetClock
) -> None:
    ada, (bo, cy), session_id = playing(register)
    erasure_id = begin_by(clock, ada, database)
    clock.advance(seconds=OTHERS_MAY_PLAY_FOR.total_seconds() - 1)
    assert erasures.carry_out(erasure_id) == "waits"
    assert bo.get(f"/sessions/{session_id}").get_json()["status"] == "swiping"

    clock.advance(seconds=1)

    assert erasures.carry_out(erasure_id) == "finished"
    shown = cy.get(f"/sessions/{session_id}").get_json()
    assert shown["status"] == "expired"
    assert {p["display_name"] for p in shown["participants"]} == {"Somebody", "Bo", "Cy"}
    assert left_in_mongo(database, ada) == []


def test_address_and_accounts_elsewhere_are_not_kept_for_those_who_play_on(
    register: Register,
    services: svcs.Container,
    database: MongoDatabase,
    erasures: ErasureService,
    clock: SetClock,
) -> None:
    ada, _, _ = playing(register)
    services.get(Accounts).confirm_email(ObjectId(ada.id), ada.email)
    subject = f"subject-{ada.id}"
    elsewhere = Identity("https://issuer.example", subject, ada.email, True, "Ada")
    services.get(Accounts).by_identity(elsewhere)
    erasure_id = begin_by(clock, ada, database)
    known = Words([ada.email, subject])
    assert len(list(find_in_mongo(known, database))) == 2

    assert erasures.carry_out(erasure_id) == "waits"
    assert database["erasures"].find_one({"_id": erasure_id}).get("identities") is None
    clock.advance(seconds=SETTLE_SECONDS + 1)
    assert erasures.carry_out(erasure_id) == "waits"

    assert list(find_in_mongo(known, database)) == []
    assert database["erasures"].find_one({"_id": erasure_id})["status"] == "running"
    clock.advance(seconds=OTHERS_MAY_PLAY_FOR.total_seconds())
    assert erasures.carry_out(erasure_id) == "finished"


def test_a_slow_first_walk_says_nothing_about_the_last(
    register: Register, services: svcs.Container, database: MongoDatabase, clock: SetClock
) -> None:
    ada, store = register("Ada"), services.get(ErasureStore)
    first = store.find(begin_erasure(ada, database))
    assert first is not None
    last = store.begin_last_walk(first.id)
    assert last is not None
    store.note(first, "consents", 1, clock.now(), done=True)
    store.note(last, "groups", 1, clock.now(), done=True)
    now = store.find(first.id)
    assert now is not None
    assert now.done == {"groups"}
    assert store.begin_last_walk(first.id) is None
    assert services.get(ErasureService).carry_out(first.id) == "finished"
