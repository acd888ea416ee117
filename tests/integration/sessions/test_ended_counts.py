"""Counts of sessions that are over, from the cache: never those of another version, and never of a live session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import svcs
from bson import ObjectId

from backend.compliance.register import forgetting
from backend.config import Settings
from backend.infra.cache import CACHE_KEYS
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Valkey, literal
from tests.conftest import Account
from tests.decided import Decided, decide
from tests.departed import Departed
from tests.waiting import eventually

Register = Callable[..., Account]


@pytest.fixture
def ada(register: Register) -> Account:
    return register()


@pytest.fixture
def over(ada: Account, register: Register) -> Decided:
    """A session that has just ended."""
    return decide(ada, register("Bo"))


def swiped(person: Account, session: Decided) -> list[int]:
    shown = person.get(f"/sessions/{session.session_id}").get_json()
    return [participant["swiped"] for participant in shown["participants"]]


def counted(valkey: Valkey, settings: Settings, session: Decided) -> list[bytes]:
    prefix = literal(settings.redis_prefix + CACHE_KEYS)
    found = valkey.scan_iter(f"{prefix}{{sessions:{session.session_id}}}:swiped:*", count=1000)
    return sorted(found)


def let_time_pass(services: svcs.Container, session: Decided) -> None:
    """The session has been over for an hour more, and is another version."""
    sessions, who = services.get(MongoDatabase)["sessions"], {"_id": ObjectId(session.session_id)}
    ended = sessions.find_one(who)["finished_at"]
    sessions.update_one(who, {"$set": {"finished_at": ended - timedelta(hours=1)}, "$inc": {"version": 1}})


def test_they_are_cached_once_nothing_can_come_any_more(
    ada: Account, over: Decided, services: svcs.Container, valkey: Valkey, settings: Settings
) -> None:
    assert swiped(ada, over) == [1, 1]
    assert counted(valkey, settings, over) == []
    let_time_pass(services, over)
    assert [swiped(ada, over) for _ in range(3)] == [[1, 1]] * 3
    eventually(lambda: swiped(ada, over) and len(counted(valkey, settings, over)) == 1)
    assert ada.get(f"/sessions/{over.session_id}/deck").get_json()["swiped"] == [over.card]


def test_another_version_has_other_counts(
    ada: Account, over: Decided, services: svcs.Container, valkey: Valkey, settings: Settings
) -> None:
    let_time_pass(services, over)
    assert swiped(ada, over) == [1, 1]
    eventually(lambda: swiped(ada, over) and len(counted(valkey, settings, over)) == 1)
    database = services.get(MongoDatabase)
    database["swipes"].update_one(
        {"s": ObjectId(over.session_id), "p": ObjectId(ada.id)}, {"$set": {"p": ObjectId()}}
    )
    let_time_pass(services, over)  # as when somebody else gets their place
    assert sorted(swiped(ada, over)) == [0, 1]
    eventually(lambda: swiped(ada, over) and len(counted(valkey, settings, over)) == 2)


def test_being_erased_takes_them_along(
    ada: Account, over: Decided, services: svcs.Container, valkey: Valkey, settings: Settings
) -> None:
    let_time_pass(services, over)
    eventually(lambda: swiped(ada, over) and counted(valkey, settings, over))
    gone = Departed(ObjectId(ada.id), [ObjectId(over.session_id)])
    assert forgetting.cached_sessions(services, gone) == 2
    assert counted(valkey, settings, over) == []
