"""`python -m backend rotate-keys`, as operators run it, on a database of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import svcs
from bson import ObjectId

from backend.config import Settings
from backend.infra.keys import KeyRing
from backend.infra.mongo import MongoDatabase
from backend.key_format import new_key
from tests.commands import run, run_from_nothing
from tests.environment import environment_of

Environment = Callable[..., dict[str, str]]
ROTATE = ("backend", "rotate-keys")
OLD, NEW = new_key("old"), new_key("new")


@pytest.fixture
def database(services: svcs.Container) -> Iterator[MongoDatabase]:
    known = services.get(MongoDatabase)
    own = known.client.get_database(f"{known.name}_rotating")
    yield own
    known.client.drop_database(own.name)


@pytest.fixture
def environment(settings: Settings, database: MongoDatabase) -> Environment:
    """With these keys."""
    return lambda *keys: environment_of(settings, DATABASE_NAME=database.name, DATA_KEYS=",".join(keys))


def wrap(database: MongoDatabase, entry: str, count: int) -> None:
    ring = KeyRing.read(entry)
    for _ in range(count):
        person = ObjectId()
        _, wrapped = ring.new_data_key(str(person))
        database.user_keys.insert_one({"_id": person, "key_name": wrapped.key_name, "sealed": wrapped.sealed})


def test_it_says_what_it_did_and_what_may_go(environment: Environment, database: MongoDatabase) -> None:
    wrap(database, OLD, 3)
    wrap(database, NEW, 2)
    done = run(*ROTATE, env=environment(NEW, OLD))
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.splitlines()
    assert first == "new is the newest key. Wrapped again: 3. Wrapped by it now: 5."
    assert second.startswith("No user needs old any more.")
    again = run(*ROTATE, env=environment(NEW))
    assert again.stdout == "new is the newest key. Wrapped again: 0. Wrapped by it now: 5.\n"


def test_it_says_which_key_is_missing_and_leaves_those_alone(
    environment: Environment, database: MongoDatabase
) -> None:
    wrap(database, OLD, 3)
    before = list(database.user_keys.find())
    done = run_from_nothing(*ROTATE, env=environment(NEW))
    assert done.returncode == 1
    assert "Cannot be opened: 3 wrapped by old (put it back into DATA_KEYS)." in done.stdout
    assert "may leave" not in done.stdout
    assert list(database.user_keys.find()) == before
