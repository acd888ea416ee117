"""A database that a restore left half-way is not used."""

from __future__ import annotations

import pytest

from backend.config import Settings
from backend.infra import mongo
from backend.infra.mongo import MongoDatabase
from backend.infra.restoring import MARKS, NotWhole
from tests.commands import run
from tests.environment import environment_of


@pytest.fixture(autouse=True)
def mark(database: MongoDatabase) -> None:
    database[MARKS].insert_one({"_id": "restore", "backup": "dindin-20261123T020000Z", "phase": "swapping"})


def test_it_is_not_ready(database: MongoDatabase) -> None:
    with pytest.raises(NotWhole, match="dindin-20261123T020000Z"):
        mongo.ping(database)
    database[MARKS].update_one({}, {"$set": {"phase": "filling"}})
    mongo.ping(database)


def test_it_is_not_prepared(settings: Settings, database: MongoDatabase) -> None:
    done = run("backend", "prepare", env=environment_of(settings, DATABASE_NAME=database.name))
    assert done.returncode == 1
    assert "`python -m worker restore`" in done.stderr
    assert "Traceback" not in done.stderr
    assert database.list_collection_names() == [MARKS]
