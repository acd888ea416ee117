"""Backups in a folder and in a bucket: made, verified, restored and pruned alike."""

from __future__ import annotations

import secrets
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

import pytest

from backend.config import Settings
from backend.infra.keys import Ledger
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import Storage
from tests.integration.backups.documents import everything, fill
from tests.set_clock import SetClock
from worker.backups.errors import BackupError, Damaged
from worker.backups.making import make_backup
from worker.backups.pruning import prunable, prune
from worker.backups.restoring import Restoring
from worker.backups.sealing import BackupKeys
from worker.backups.vault import Vault
from worker.backups.verifying import verify, verify_quickly

pytest_plugins = ("tests.buckets",)


@pytest.fixture(params=["folder", "bucket"])
def storage(request: pytest.FixtureRequest, settings: Settings, folder: Path) -> Storage:
    """Where backups lie."""
    if request.param == "folder":
        return Storage(str(folder), settings)
    in_bucket: dict[str, str] = request.getfixturevalue("in_bucket")
    with_bucket = Settings(_env_file=None, **{**settings.model_dump(), **in_bucket})
    return Storage(f"{in_bucket['storage_url']}/{secrets.token_hex(4)}", with_bucket)


@pytest.fixture
def vault(database: MongoDatabase, storage: Storage, identity: str) -> Vault:
    return Vault(database.name, storage, BackupKeys.read([identity]), Ledger("for these tests"))


def test_from_one_database_into_another(
    database: MongoDatabase, other: MongoDatabase, vault: Vault, storage: Storage, clock: SetClock
) -> None:
    fill(database)
    made = make_backup(database, vault, clock)
    assert set(storage.names("")) == {f"{made.name}/manifest.json", *(file.name for file in made.files)}
    assert vault.latest() == made.name
    verify_quickly(vault, made.name)
    verify(vault, made.name)
    Restoring(vault, other, lambda: 0).restore(made.name, drop=False)
    assert everything(other) == everything(database)
    storage.delete(made.files[0].name)
    for check in (verify, verify_quickly):
        with pytest.raises(Damaged, match="it is missing"):
            check(vault, made.name)


def test_a_month_of_nights(database: MongoDatabase, vault: Vault, storage: Storage, clock: SetClock) -> None:
    database.people.insert_one({"n": 1})
    storage.write("not ours/manifest.json", b"")
    storage.write(f"{database.name}-2-20200101T000000Z/manifest.json", b"")
    others = storage.names("")
    for _ in range(10):
        clock.advance(days=3)
        make_backup(database, vault, clock)
        prune(vault, clock.now())
    moments = [clock.now() - timedelta(days=age) for age in (0, 3, 6)]
    assert vault.complete()[-3:] == [f"{database.name}-{moment:%Y%m%dT%H%M%SZ}" for moment in moments[::-1]]
    assert 5 <= len(vault.complete()) <= 6
    assert prunable(vault, clock.now()) == []
    assert set(others) <= set(storage.names(""))


def test_what_a_killed_backup_leaves_goes_after_a_day(
    database: MongoDatabase, vault: Vault, storage: Storage, clock: SetClock
) -> None:
    database.a_first.insert_one({"n": 1})
    database.people.insert_many([{"n": n, "text": "x" * 1000} for n in range(300)])
    killed = _killed_in_its_second_file(storage, vault.begin(clock.now()), database.name)
    with pytest.raises(BackupError, match="There is no backup"):
        vault.latest()
    clock.advance(hours=1)
    made = make_backup(database, vault, clock)
    assert prune(vault, clock.now()) == []
    assert list(vault.begun().values()) == [False, True]
    clock.advance(days=1)
    assert len(prune(vault, clock.now())) == 1
    assert vault.begun() == {made.name: True}
    assert storage.delete_unfinished(f"{killed.name}/{database.name}", clock.now() + timedelta(days=9)) == 0


@dataclass
class Attempt:
    """One that wrote its first file and a part of its second. Never tidied up, as long as somebody holds it."""

    name: str
    unended: AbstractContextManager[IO[bytes]]


def _killed_in_its_second_file(storage: Storage, name: str, database: str) -> Attempt:
    storage.write(f"{name}/{database}/a_first.bson.gz.age", b"whole")
    attempt = Attempt(name, storage.writing(f"{name}/{database}/people.bson.gz.age"))
    attempt.unended.__enter__().write(b"x" * (17 << 20))  # more than a bucket takes in one part
    return attempt


def test_two_in_one_second_do_not_mix(database: MongoDatabase, vault: Vault, clock: SetClock) -> None:
    database.people.insert_one({"n": 1})
    made = make_backup(database, vault, clock)
    with pytest.raises(BackupError, match="in this second"):
        make_backup(database, vault, clock)
    verify(vault, made.name)
