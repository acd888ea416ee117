"""Erasures that are interrupted, that wait, that meet somebody else's silence: each goes on, and ends right."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import svcs
from bson import ObjectId

from backend.compliance.erasure.service import ErasureService
from backend.compliance.erasure.tombstones import FOLDER
from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import Storage
from backend.infra.valkey import Valkey
from backend.sessions.service import SessionService
from backend.users.accounts import Accounts, Identity
from tests.conftest import Account
from tests.integration.compliance.conftest import ROOT
from tests.integration.compliance.half_way import (
    DoomedWorker,
    Hold,
    begin_erasure,
    closed_session,
    hold_middle_swipe,
    let_go_of_the_dead,
    swipe_often,
    working,
)
from tests.raw_search import Words, find_in_mongo
from tests.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.compliance]

# Several batches of `SwipeLog.hand_over`, so that there is a middle.
SWIPES = 40_000

Register = Callable[..., Account]
Work = Callable[[], str]


@pytest.fixture
def erasures(services: svcs.Container) -> ErasureService:
    return services.get(ErasureService)


@pytest.fixture
def database(services: svcs.Container) -> MongoDatabase:
    return services.get(MongoDatabase)


def erase_in_a_process(erasure_id: ObjectId, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What RQ does once it notices that the worker was killed: call the job again, elsewhere."""
    call = f"from worker.jobs.erasure import erase; assert erase('{erasure_id}') == 'finished'"
    return subprocess.run(
        [sys.executable, "-c", call], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


@dataclass(frozen=True)
class HalfWay:
    """An erasure that a worker is in the middle of.

    Attributes:
        session_id: what the person has swiped there has become a stand-in's, in part.
        hold: what keeps the worker there.
    """

    user_id: ObjectId
    session_id: ObjectId
    erasure_id: ObjectId
    worker: DoomedWorker
    hold: Hold

    @property
    def swiped(self) -> dict[str, ObjectId]:
        """What finds swipes that are still the person's."""
        return {"s": self.session_id, "p": self.user_id}

    @property
    def forgotten(self) -> dict[str, Any]:
        """What finds those that are not any more."""
        return {"s": self.session_id, "p": {"$ne": self.user_id}}


@pytest.fixture
def half_way(
    register: Register,
    services: svcs.Container,
    database: MongoDatabase,
    worker_environment: dict[str, str],
    tmp_path: Path,
) -> Callable[[], AbstractContextManager[HalfWay]]:
    """Have somebody erased by a worker until it is in the middle of that."""

    @contextmanager
    def half_way() -> Iterator[HalfWay]:
        ada = register("Ada")
        session_id = closed_session(services, ada)
        swipe_often(database, session_id, ada, SWIPES)
        erasure_id, swipes = begin_erasure(ada, database), database["swipes"]
        with (
            hold_middle_swipe(database, session_id, SWIPES) as hold,
            working(worker_environment, tmp_path / "log") as worker,
        ):
            at = HalfWay(ObjectId(ada.id), session_id, erasure_id, worker, hold)
            eventually(lambda: swipes.find_one(at.forgotten) is not None, seconds=60)
            yield at

    return half_way


@pytest.mark.timeout(300)
def test_killed_in_the_middle_it_is_done_by_the_next_attempt(
    half_way: Callable[[], AbstractContextManager[HalfWay]],
    database: MongoDatabase,
    valkey: Valkey,
    settings: Settings,
    worker_environment: dict[str, str],
) -> None:
    swipes = database["swipes"]
    with half_way() as at:
        at.worker.kill_all()
        left = swipes.count_documents(at.swiped)
    # For a minute nobody else would take the place of its scheduler, which other tests need.
    let_go_of_the_dead(valkey, settings.redis_prefix)
    assert 0 < left < SWIPES
    assert database["erasures"].find_one({"_id": at.erasure_id})["status"] == "running"
    before = {found["p"] for found in swipes.find(at.forgotten, {"p": 1}).limit(10)}

    done = erase_in_a_process(at.erasure_id, worker_environment)

    assert done.returncode == 0, done.stderr
    assert swipes.distinct("p", {"s": at.session_id}) == list(before)  # the same stand-in as before
    assert swipes.count_documents({"s": at.session_id}) == SWIPES
    assert database["erasures"].find_one({"_id": at.erasure_id}) is None
    assert list(find_in_mongo(Words(ids=[at.user_id]), database)) == []


@pytest.mark.timeout(300)
def test_an_attempt_whose_process_is_killed_is_made_again_by_the_worker(
    half_way: Callable[[], AbstractContextManager[HalfWay]], database: MongoDatabase
) -> None:
    with half_way() as at:
        at.worker.kill_attempt()
        assert database["erasures"].find_one({"_id": at.erasure_id}) is not None
        at.hold.release()
        eventually(lambda: database["erasures"].find_one({"_id": at.erasure_id}) is None, seconds=60)
        assert at.worker.stop() == 0
    assert database["swipes"].count_documents(at.swiped) == 0
    assert database["users"].find_one({"_id": at.user_id}) is None


def test_it_waits_for_a_session_that_others_still_play(
    register: Register, services: svcs.Container, database: MongoDatabase, erasures: ErasureService
) -> None:
    ada, bo, cy = register("Ada"), register("Bo"), register("Cy")
    session = ada.post("/sessions", {"menu": "both"}).get_json()
    for guest in (bo, cy):
        guest.post("/sessions/join", {"code": session["code"]})
    for person in (ada, bo, cy):
        person.post(f"/sessions/{session['id']}/ready", {"ready": True})
    assert ada.post(f"/sessions/{session['id']}/start").status_code == 200
    erasure_id = begin_erasure(ada, database)

    shown = bo.get(f"/sessions/{session['id']}").get_json()
    assert (shown["status"], shown["host_id"] in {bo.id, cy.id}) == ("swiping", True)
    assert next(p["status"] for p in shown["participants"] if p["id"] == ada.id) == "left"
    assert erasures.carry_out(erasure_id) == "waits"
    # The account is gone already; only the session still knows a participant of this id.
    assert database["users"].find_one({"_id": ObjectId(ada.id)}) is None
    card = bo.get(f"/sessions/{session['id']}/deck").get_json()["items"][0]["id"]
    swipe = {"op_id": f"{1:026d}", "item_id": card, "direction": "right"}
    assert bo.post(f"/sessions/{session['id']}/swipes", swipe).status_code == 200

    services.get(SessionService).leave(ObjectId(session["id"]), ObjectId(cy.id))

    assert erasures.carry_out(erasure_id) == "finished"
    names = {p["display_name"] for p in bo.get(f"/sessions/{session['id']}").get_json()["participants"]}
    assert names == {"Somebody", "Bo", "Cy"}
    assert list(find_in_mongo(Words(ids=[ada.id]), database)) == []


class Clerk:
    """Clerk's Backend API, as far as deleting a user goes: a real HTTP server."""

    def __init__(self) -> None:
        self.status = 200
        self.asked: list[tuple[str, str, str]] = []
        clerk = self

        class Handler(BaseHTTPRequestHandler):
            def do_DELETE(self) -> None:  # http.server's name
                clerk.asked.append((self.command, self.path, self.headers["Authorization"]))
                self.send_response(clerk.status)
                answer = b'{"deleted": true}' if clerk.status == 200 else b"not now"
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[None]:
        thread = Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


@pytest.fixture
def clerk() -> Iterator[Clerk]:
    clerk = Clerk()
    with clerk.running():
        yield clerk


def test_clerk_is_told_and_asked_again_until_it_hears(
    register: Register,
    services: svcs.Container,
    database: MongoDatabase,
    clerk: Clerk,
    worker_environment: dict[str, str],
) -> None:
    ada, issuer = register("Ada"), "http://127.0.0.1:9"
    services.get(Accounts).confirm_email(ObjectId(ada.id), ada.email)
    subject = f"user_{ada.id}"
    services.get(Accounts).by_identity(Identity(issuer, subject, ada.email, True, "Ada"))
    erasure_id = begin_erasure(ada, database)
    environment = {
        **worker_environment,
        "CLERK_ISSUER": issuer,
        "CLERK_AUTHORIZED_PARTIES": "https://app.example",
        "CLERK_SECRET_KEY": "sk_test_secret",
        "CLERK_API_URL": clerk.url,
    }
    clerk.status = 503

    failed = erase_in_a_process(erasure_id, environment)

    assert failed.returncode != 0
    assert "Unfinished" in failed.stderr
    assert subject not in failed.stderr
    assert "sk_test_secret" not in failed.stderr
    # Clerk held up nobody else.
    assert database["users"].find_one({"_id": ObjectId(ada.id)}) is None
    assert database["auth_sessions"].count_documents({"user": ObjectId(ada.id)}) == 0
    clerk.status = 200
    assert erase_in_a_process(erasure_id, environment).returncode == 0
    assert set(clerk.asked) == {("DELETE", f"/v1/users/{subject}", "Bearer sk_test_secret")}
    assert len(clerk.asked) == 2
    assert list(find_in_mongo(Words([subject], [ada.id]), database)) == []


def test_who_comes_back_with_a_backup_is_erased_again(
    register: Register,
    services: svcs.Container,
    database: MongoDatabase,
    erasures: ErasureService,
) -> None:
    erasures.replay_tombstones()  # whom other tests have left half-way
    ada, bo = register("Ada"), register("Bo")
    session_id = closed_session(services, ada, bo)
    backup = {
        name: list(database[name].find()) for name in ("users", "auth_sessions", "sessions", "notifications")
    }
    erasure_id = begin_erasure(ada, database)
    assert erasures.carry_out(erasure_id) == "finished"
    # The database is put back as it was; its own tombstones are lost with that, those in Storage are not.
    for name, documents in backup.items():
        database[name].delete_many({})
        database[name].insert_many(documents) if documents else None
    database["tombstones"].delete_many({})
    assert (
        ada.http.post("/api/v1/auth/login", json={"email": ada.email, "password": ada.password}).status_code
        == 200
    )
    assert services.get(Storage).names(FOLDER)

    assert erasures.replay_tombstones() == 1
    assert erasures.replay_tombstones() == 0

    assert list(find_in_mongo(Words([ada.email], [ada.id]), database)) == []
    login = {"email": ada.email, "password": ada.password}
    assert ada.http.post("/api/v1/auth/login", json=login).status_code == 401
    assert bo.get("/users/me").status_code == 200
    names = {p["display_name"] for p in bo.get(f"/sessions/{session_id}").get_json()["participants"]}
    assert names == {"Somebody", "Bo"}


def test_of_somebody_whose_account_did_not_come_back_the_rest_is_erased(
    register: Register, services: svcs.Container, database: MongoDatabase, erasures: ErasureService
) -> None:
    erasures.replay_tombstones()
    ada, bo = register("Ada"), register("Bo")
    closed_session(services, ada, bo)
    kept = {name: list(database[name].find()) for name in ("auth_sessions", "sessions")}
    assert erasures.carry_out(begin_erasure(ada, database)) == "finished"
    for name, documents in kept.items():
        database[name].delete_many({})
        database[name].insert_many(documents)
    assert erasures.replay_tombstones() == 1
    assert list(find_in_mongo(Words(ids=[ada.id]), database)) == []


def test_whom_a_single_place_knows_after_a_restore_is_erased_again(
    register: Register, database: MongoDatabase, erasures: ErasureService
) -> None:
    erasures.replay_tombstones()
    ada = register("Ada")
    user_id = ObjectId(ada.id)
    agreed = ada.get("/compliance/consents").get_json()["items"]
    version = next(one["current_version"] for one in agreed if one["kind"] == "special_category")
    consent = {"kind": "special_category", "version": version, "given": True}
    assert ada.put("/compliance/consents", consent).status_code == 200
    assert ada.put("/users/me/preferences", {"allergies": ["nuts"]}).status_code == 200
    assert ada.post("/compliance/exports", {"password": ada.password}).status_code == 202
    places = {"consents": "user", "exports": "user", "user_keys": "_id", "audit_subjects": "_id"}
    eventually(lambda: all(database[name].find_one({field: user_id}) for name, field in places.items()))
    kept = {name: list(database[name].find({field: user_id})) for name, field in places.items()}
    assert erasures.carry_out(begin_erasure(ada, database)) == "finished"
    for name, documents in kept.items():
        database[name].insert_many(documents)
        assert erasures.replay_tombstones() == 1, name
        assert list(find_in_mongo(Words(ids=[user_id]), database)) == []
