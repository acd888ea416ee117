"""Somebody who is taken out of a session: nothing of them is left in it, and nothing of the others changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from bson import ObjectId

from backend.compliance.erasure.store import ErasureState
from backend.sessions.forgetting import with_stand_in
from backend.sessions.records import to_record
from backend.sessions.state import Motion, MotionKind, Participant, Session
from backend.sessions.tally import Standing

NOW = datetime(2026, 11, 23, tzinfo=UTC)
ADA, BO, STAND_IN, CARD = ObjectId(), ObjectId(), ObjectId(), ObjectId()


@pytest.fixture
def session() -> Session:
    """A session in which Ada is wherever somebody can be."""
    return Session(
        id=ObjectId(),
        code="ABC234",
        host_id=ADA,
        menu="both",
        deck_size=20,
        capacity=5,
        round_seconds=(300, 180, 60),
        seed=7,
        created_at=NOW,
        expires_at=NOW,
        expiry_minutes=60,
        participants=(Participant(ADA, "Ada", NOW, started=True), Participant(BO, "Bo", NOW)),
        carried=Standing({CARD: frozenset({ADA, BO})}, {CARD: frozenset({ADA})}),
        motions=(
            Motion(MotionKind.PAUSE, ADA, (ADA, BO)),
            Motion(MotionKind.END_NOW, BO, (BO,), (ADA,)),
        ),
        operations={ADA: ("chat:1",), BO: ("chat:2",)},
    )


def test_nothing_of_them_is_left(session: Session) -> None:
    changed = with_stand_in(session, ADA, STAND_IN)
    everything = repr(to_record(changed)) + repr(changed.operations)
    assert str(ADA) not in everything
    assert "'Ada'" not in everything
    assert changed.host_id == STAND_IN
    assert changed.participant(STAND_IN).display_name == "Somebody"
    assert changed.participant(STAND_IN).started
    assert changed.version == session.version + 1


def test_the_others_are_as_they_were(session: Session) -> None:
    changed = with_stand_in(session, ADA, STAND_IN)
    assert changed.participant(BO) == session.participant(BO)
    assert changed.carried == Standing({CARD: frozenset({STAND_IN, BO})}, {CARD: frozenset({STAND_IN})})
    assert changed.motions == (
        Motion(MotionKind.PAUSE, STAND_IN, (STAND_IN, BO)),
        Motion(MotionKind.END_NOW, BO, (BO,), (STAND_IN,)),
    )
    assert changed.operations == {BO: ("chat:2",)}
    back = with_stand_in(changed, STAND_IN, ADA)
    named = replace(back.participant(ADA), display_name="Ada")
    again = replace(back.with_participant(named), version=session.version, operations=session.operations)
    assert again == session


def test_a_stand_in_is_the_same_each_time_and_another_one_elsewhere() -> None:
    erasure = ErasureState(
        id=ObjectId(),
        user_id=ADA,
        status="running",
        requested_at=NOW,
        due_at=NOW,
        begun_at=NOW,
        receipt_id="r",
        tell=True,
        secret=b"s" * 32,
    )
    here, there = ObjectId(), ObjectId()
    assert erasure.pseudonym_in(here) == erasure.pseudonym_in(here)
    assert erasure.pseudonym_in(here) != erasure.pseudonym_in(there)
    assert replace(erasure, secret=b"t" * 32).pseudonym_in(here) != erasure.pseudonym_in(here)
    with pytest.raises(ValueError, match="does not run"):
        replace(erasure, secret=b"").pseudonym_in(here)
