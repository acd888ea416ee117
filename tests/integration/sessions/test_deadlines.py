"""Deadlines on a real Valkey."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId

from backend.infra.valkey import Breaker, Valkey
from backend.sessions.deadlines import Deadlines

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.fixture
def deadlines(valkey: Valkey) -> Deadlines:
    return Deadlines(valkey, f"test{secrets.token_hex(4)}:", Breaker())


def test_what_is_due_is_given_to_one_caller_and_not_before_its_time(deadlines: Deadlines) -> None:
    session = ObjectId()
    deadlines.put([(session, NOW)])
    assert deadlines.claim(NOW - timedelta(milliseconds=1)) == []
    assert deadlines.claim(NOW) == [session]
    assert deadlines.claim(NOW) == []


def test_a_late_writer_cannot_push_a_deadline_back(deadlines: Deadlines) -> None:
    """Two processes change a session; the first one's deadline arrives last."""
    session = ObjectId()
    deadlines.put([(session, NOW + timedelta(seconds=3))])
    deadlines.put([(session, NOW + timedelta(hours=1))])
    assert deadlines.claim(NOW + timedelta(seconds=3)) == [session]


def test_more_than_fit_in_one_claim_come_with_the_next(deadlines: Deadlines) -> None:
    sessions = {ObjectId() for _ in range(120)}
    deadlines.put((session, NOW) for session in sessions)
    claimed: list[ObjectId] = []
    while due := deadlines.claim(NOW):
        claimed += due
    assert len(claimed) == 120
    assert set(claimed) == sessions
