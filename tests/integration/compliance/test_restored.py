"""A backup that was made before somebody was erased does not bring them back (docs/product.md P2, O4)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import svcs
from bson import ObjectId

from backend.audit.trail import AuditTrail
from backend.config import Settings
from backend.infra.clock import SystemClock
from backend.infra.mongo import MongoDatabase
from tests.commands import run
from tests.conftest import Account
from tests.environment import environment_of
from tests.raw_search import Words, find_in_mongo
from worker.backups.connection import connected
from worker.backups.making import make_backup
from worker.backups.restoring import Restoring
from worker.backups.vault import Vault

pytestmark = pytest.mark.compliance

Register = Callable[..., Account]


@dataclass(frozen=True)
class Operator:
    """Somebody who runs this server: makes backups, restores them, and has a worker do what is to be done."""

    settings: Settings
    work: Callable[[], str]

    @property
    def vault(self) -> Vault:
        return Vault.of(self.settings)

    def back_up(self) -> str:
        """Make a backup; its name."""
        with connected(self.settings) as database:
            return make_backup(database, self.vault, SystemClock()).name

    def restore(self, *arguments: str) -> str:
        """`python -m worker restore ...`; what it said."""
        environment = environment_of(self.settings, BACKUP_URL=self.settings.backup_url)
        done = run("worker", "restore", *arguments, env=environment)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def operator(settings: Settings, tmp_path: Path, work: Callable[[], str]) -> Operator:
    own = {**settings.model_dump(), "backup_url": str(tmp_path / "backups")}
    return Operator(Settings(_env_file=None, **own), work)


@pytest.fixture
def database(services: svcs.Container) -> MongoDatabase:
    return services.get(MongoDatabase)


@pytest.fixture
def other(database: MongoDatabase) -> Iterator[MongoDatabase]:
    """Another database on the same server."""
    name = f"{database.name}_restored"
    yield database.client[name]
    database.client.drop_database(name)


@dataclass(frozen=True)
class Evening:
    """One that Ada and Bo have spent together; what would tell that Ada was there."""

    ada: Account
    bo: Account
    session: str
    words: Words


@pytest.fixture
def evening(register: Register) -> Evening:
    """Leaves something of both in many places."""
    ada, bo = register(f"Ada{secrets.token_hex(4)}"), register("Bo")
    session = ada.post("/sessions", {"menu": "both"}).get_json()
    path = f"/sessions/{session['id']}"
    bo.post("/sessions/join", {"code": session["code"]})
    for account in (ada, bo):
        account.post(f"{path}/ready", {"ready": True})
    assert ada.post(f"{path}/start").status_code == 200
    card = ada.get(f"{path}/deck").get_json()["items"][0]["id"]
    body = {"op_id": f"{1:026d}", "item_id": card, "direction": "right"}
    assert ada.post(f"{path}/swipes", body).status_code == 200
    for account in (ada, bo):
        account.post(f"{path}/leave")
    return Evening(ada, bo, path, Words(texts=[ada.email, ada.email.partition(".")[0]], ids=[ada.id]))


def ask(account: Account, **more: bool) -> None:
    """Ask to be erased."""
    assert account.post("/compliance/erasure", {"password": account.password, **more}).status_code == 202


def test_who_was_erased_is_erased_again_in_an_empty_database(
    evening: Evening, operator: Operator, other: MongoDatabase
) -> None:
    made = operator.back_up()
    ask(evening.ada, immediately=True)
    operator.work()
    # The backup does know her: without the replay she would be back.
    Restoring(operator.vault, other, lambda: 0).restore(made, drop=False)
    back = {found.split()[1] for found in find_in_mongo(evening.words, other)}
    assert back >= {"users", "auth_sessions", "swipes"}

    assert "erased again: 1" in operator.restore("--into", other.name, "--drop")
    assert list(find_in_mongo(evening.words, other)) == []


def test_who_was_erased_is_erased_again_where_it_happened(
    evening: Evening, operator: Operator, database: MongoDatabase
) -> None:
    operator.back_up()
    ask(evening.ada, immediately=True)
    operator.work()
    assert "erased again: 1" in operator.restore("--drop")
    assert list(find_in_mongo(evening.words, database)) == []
    assert evening.bo.get(evening.session).status_code == 200
    ada = evening.ada
    login = {"email": ada.email, "password": ada.password}
    assert ada.http.post("/api/v1/auth/login", json=login).status_code == 401


def test_what_was_asked_for_since_stays_asked_for(
    register: Register, operator: Operator, database: MongoDatabase
) -> None:
    stays, goes_later, goes_now = register("Stays"), register("Later"), register("Now")
    ask(stays)
    operator.back_up()
    assert stays.http.delete("/api/v1/compliance/erasure", headers=stays.headers).status_code == 204
    ask(goes_later)
    ask(goes_now, immediately=True)

    operator.restore("--drop")

    assert database.erasures.find_one({"user": ObjectId(stays.id)}) is None
    assert database.erasures.find_one({"user": ObjectId(goes_later.id), "status": "scheduled"})
    operator.work()
    gone = Words(texts=[goes_now.email], ids=[goes_now.id])
    assert list(find_in_mongo(gone, database)) == []
    assert stays.get("/users/me").status_code == 200


def test_the_audit_log_is_whole_after_a_restore(
    register: Register, operator: Operator, services: svcs.Container
) -> None:
    trail = services.get(AuditTrail)
    register("Ada")
    trail.checkpoint()
    operator.back_up()
    register("Bo")
    trail.checkpoint()
    operator.restore("--drop")
    assert trail.verify().findings == []
