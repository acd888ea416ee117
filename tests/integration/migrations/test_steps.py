"""Each step, forwards, back and forwards again, on data."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from bson import ObjectId

from backend.infra.mongo import MongoDatabase
from backend.migrations import terms
from backend.migrations.moving import Migrator
from backend.migrations.record import SchemaRecord
from backend.migrations.steps import STEPS
from backend.sessions.records import _SINCE_THE_FIRST_VERSION

CARD = ObjectId()
OLD = {"code": "ABC234", "status": "swiping", "version": 3}
FILLED = {
    **OLD,
    "pause": None,
    "reserve": [],
    "shortlist": [],
    "carried": [],
    "motions": [],
    "counts": [],
    "ending": False,
    "group_id": None,
}
TODAYS = {**FILLED, "reserve": [CARD], "ending": True, "group_id": CARD}
# What is left of it in the version before: what says more than its absence.
TODAYS_BEFORE = {**OLD, "reserve": [CARD], "ending": True, "group_id": CARD}
ERASURE = {"status": "scheduled", "done": []}

Contents = Callable[[], dict[str, list[dict[str, Any]]]]


def test_steps_are_numbered_in_their_order() -> None:
    names = [step.name for step in STEPS]
    assert [name[:5] for name in names] == [f"{place:04}_" for place in range(1, len(STEPS) + 1)]
    assert all(re.fullmatch(r"[0-9]{4}(_[a-z0-9]+)+", name) for name in names)


def test_the_filled_fields_are_those_that_may_be_absent() -> None:
    assert FILLED == {**OLD, **_SINCE_THE_FIRST_VERSION}


@pytest.fixture
def migrator(database: MongoDatabase, record: SchemaRecord) -> Migrator:
    return Migrator(database, record)


@pytest.fixture
def contents(database: MongoDatabase) -> Contents:
    """What there is, without ids, in the order in which it was put in."""
    database.sessions.insert_many([dict(OLD), dict(TODAYS), {**OLD, "counts": [7]}])
    database.erasures.insert_many(
        [
            {**ERASURE, "quiet": False},
            {**ERASURE, "quiet": True},
            {**ERASURE, "quiet": True, "tell": False},
            {**ERASURE, "tell": True},
        ]
    )
    return lambda: {
        name: list(database[name].find({}, {"_id": 0}).sort("_id")) for name in ("sessions", "erasures")
    }


def test_sessions_up_down_up_end_where_they_were(
    migrator: Migrator, contents: Contents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terms, "_AT_ONCE", 2)  # more than one range
    migrator.move("2")
    up = contents()["sessions"]
    assert up == [FILLED, TODAYS, {**FILLED, "counts": [7]}]
    migrator.move("1")
    assert contents()["sessions"] == [OLD, TODAYS_BEFORE, {**OLD, "counts": [7]}]
    migrator.move("2")
    assert contents()["sessions"] == up


def test_whether_people_are_told_of_their_erasure_is_known_on_both_sides(
    migrator: Migrator, contents: Contents
) -> None:
    migrator.move("3")
    assert [one["tell"] for one in contents()["erasures"]] == [True, False, False, True]
    migrator.move("2")
    told, untold = {**ERASURE, "quiet": False}, {**ERASURE, "quiet": True}
    assert contents()["erasures"] == [told, untold, untold, told]
    migrator.move("3")
    assert [one["tell"] for one in contents()["erasures"]] == [True, False, False, True]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_that_was_killed_may_be_repeated_both_ways(
    step: terms.Step, migrator: Migrator, database: MongoDatabase, contents: Contents
) -> None:
    migrator.move(step.name)
    done = contents()
    step.up(database)
    assert contents() == done
    step.down(database)
    undone = contents()
    step.down(database)
    assert contents() == undone
