"""The commit lane when the database is slow: bounded, honest, and nothing lost."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import svcs
from bson import ObjectId

from backend.errors import Busy
from backend.infra.mongo import MongoDatabase
from backend.sessions.commit import Answer, CommitLane, Committed
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Direction, Swipe
from tests.unit.sessions.strategies import ITEMS, lobby
from tests.waiting import eventually

BOUND = 5


@contextmanager
def writes_standing_still(database: MongoDatabase) -> Iterator[None]:
    """A real MongoDB that takes no writes for a while."""
    database.client.admin.command("fsync", lock=True)
    try:
        yield
    finally:
        database.client.admin.command("fsyncUnlock")


def test_past_its_bound_the_lane_says_busy_and_keeps_what_it_took(services: svcs.Container) -> None:
    log, store = services.get(SwipeLog, SessionStore)
    session = lobby(1)
    committed: list[Committed] = []
    answers: dict[str, Answer] = {}
    lane = CommitLane(log, store, committed.extend, most_waiting=BOUND)

    def submit_until_refused() -> Busy:
        for number in range(100):
            try:
                submit(number)
            except Busy as refused:
                return refused
        raise AssertionError("a lane without bounds")

    def submit(number: int) -> None:
        op_id = f"{number:026d}"
        swipe = Swipe(session.id, ObjectId(), op_id, ITEMS[0], Direction.LIKE, 0, number)
        lane.submit(swipe, lambda answer: answers.__setitem__(op_id, answer))
        taken.append(op_id)

    taken: list[str] = []
    with writes_standing_still(services.get(MongoDatabase)):
        assert submit_until_refused().retry_after
        assert BOUND <= len(taken) <= 2 * BOUND  # what is being written, and what waits behind it
        assert not answers
    eventually(lambda: len(answers) == len(taken))
    assert {one.swipe.op_id for one in committed} == set(taken)
    submit(1000)
    lane.close()
    assert set(answers) == set(taken)


def test_closing_the_lane_writes_what_is_waiting(services: svcs.Container) -> None:
    log, store = services.get(SwipeLog, SessionStore)
    session_id, user_id = ObjectId(), ObjectId()
    answers: list[Answer] = []
    lane = CommitLane(log, store, lambda _group: None)
    for number in range(50):
        swipe = Swipe(session_id, user_id, f"{number:026d}", ITEMS[0], Direction.SKIP, 1, number)
        lane.submit(swipe, answers.append)
    lane.close()
    assert len(answers) == 50
    assert len(log.trail(session_id, user_id, 1)) == 50
    with pytest.raises(Busy):
        lane.submit(swipe, answers.append)
