"""A database of its own for each test, on the real server, and a place for its backups."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyrage
import pytest

from backend.config import Settings
from backend.infra import valkey
from backend.infra.keys import Ledger
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import Storage
from tests.integration.backups.installation import Installation
from tests.set_clock import SetClock
from worker.backups.connection import connected
from worker.backups.sealing import BackupKeys
from worker.backups.vault import Vault


@pytest.fixture
def database(settings: Settings) -> Iterator[MongoDatabase]:
    """An empty database."""
    name = f"test_{secrets.token_hex(4)}"
    with connected(settings, name) as database:
        yield database
        for each in database.client.list_database_names():
            if each.startswith(name):
                database.client.drop_database(each)


@pytest.fixture
def other(database: MongoDatabase) -> MongoDatabase:
    """Another empty database, to restore into."""
    return database.client[f"{database.name}_other"]


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def identity() -> str:
    """An age identity."""
    return str(pyrage.x25519.Identity.generate())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where backups lie."""
    return tmp_path / "backups"


@pytest.fixture
def vault(database: MongoDatabase, settings: Settings, folder: Path, identity: str) -> Vault:
    return Vault(
        database.name, Storage(str(folder), settings), BackupKeys.read([identity]), Ledger("for these tests")
    )


@pytest.fixture
def installation(
    settings: Settings, database: MongoDatabase, folder: Path, tmp_path: Path
) -> Iterator[Installation]:
    """One of this test's own, with nobody in it."""
    changed = {
        "database_name": database.name,
        "redis_prefix": f"t{secrets.token_hex(4)}:",
        "data_dir": tmp_path / "own",
        "storage_url": str(tmp_path / "stored"),
        "backup_url": str(folder),
    }
    own = Settings(_env_file=None, **{**settings.model_dump(), **changed})
    with closing(valkey.connect(own)) as client:
        yield Installation(own, database, client)
