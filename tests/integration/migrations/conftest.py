"""A database of its own for each test, on the real server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator

import pytest

from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from backend.migrations.record import SchemaRecord
from tests.set_clock import SetClock
from worker.backups.connection import connected


@pytest.fixture
def own(settings: Settings) -> Settings:
    """The settings of an installation whose database is empty."""
    return settings.model_copy(update={"database_name": f"test_{secrets.token_hex(4)}"})


@pytest.fixture
def database(own: Settings) -> Iterator[MongoDatabase]:
    """That database."""
    with connected(own) as database:
        yield database
        database.client.drop_database(database.name)


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def record(database: MongoDatabase, clock: SetClock) -> SchemaRecord:
    return SchemaRecord(database, clock)
