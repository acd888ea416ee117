"""A backup that was made before somebody was erased does not bring them back (docs/product.md P2, O4)."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import svcs

from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from tests.conftest import Account
from tests.environment import environment_of
from tests.integration.compliance.conftest import ROOT
from tests.raw_search import Words, find_in_mongo
from worker.backups.restoring import Restoring
from worker.backups.vault import Vault

pytestmark = pytest.mark.compliance

Command = Callable[..., str]


@pytest.fixture
def backups(tmp_path: Path) -> str:
    """Where backups lie."""
    return str(tmp_path / "backups")


@pytest.fixture
def command(settings: Settings, backups: str) -> Command:
    """`python -m worker ...`; returns what it said."""

    def command(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "worker", *arguments],
            cwd=ROOT,
            env=environment_of(settings, BACKUP_URL=backups),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return command


@pytest.fixture
def database(services: svcs.Container) -> MongoDatabase:
    return services.get(MongoDatabase)


@pytest.fixture
def other(database: MongoDatabase) -> Iterator[MongoDatabase]:
    """Another database on the same server."""
    name = f"{database.name}_restored"
    yield database.client[name]
    database.client.drop_database(name)


@pytest.fixture
def vault(settings: Settings, backups: str) -> Vault:
    return Vault.of(Settings(_env_file=None, **{**settings.model_dump(), "backup_url": backups}))


@dataclass
class Evening:
    """One that Ada and Bo have spent together; what would tell that Ada was there."""

    ada: Account
    bo: Account
    session: str
    words: Words


@pytest.fixture
def evening(register: Callable[..., Account]) -> Evening:
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


def erase(ada: Account, work: Callable[[], str]) -> None:
    asked = ada.post("/compliance/erasure", {"password": ada.password, "immediately": True})
    assert asked.status_code == 202
    work()


def test_who_was_erased_is_erased_again_in_an_empty_database(
    evening: Evening, work: Callable[[], str], command: Command, vault: Vault, other: MongoDatabase
) -> None:
    command("backup")
    erase(evening.ada, work)
    # The backup does know her: without the replay she would be back.
    Restoring(vault, other, lambda: 0).restore(vault.latest(), drop=False)
    back = {found.split()[1] for found in find_in_mongo(evening.words, other)}
    assert back >= {"users", "auth_sessions", "swipes"}

    assert "erased again: 1" in command("restore", "--into", other.name, "--drop")
    assert list(find_in_mongo(evening.words, other)) == []


def test_who_was_erased_is_erased_again_where_it_happened(
    evening: Evening, work: Callable[[], str], command: Command, database: MongoDatabase
) -> None:
    command("backup")
    erase(evening.ada, work)
    assert "erased again: 1" in command("restore", "--drop")
    assert list(find_in_mongo(evening.words, database)) == []
    assert evening.bo.get(evening.session).status_code == 200
    ada = evening.ada
    login = {"email": ada.email, "password": ada.password}
    assert ada.http.post("/api/v1/auth/login", json=login).status_code == 401
