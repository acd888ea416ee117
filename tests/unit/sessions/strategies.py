"""Sessions for the tests of pure rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bson import ObjectId

from backend.sessions import rules
from backend.sessions.state import SETTLING, Energy, Participant, Session

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
COUNTED = NOW + timedelta(minutes=5) + SETTLING
USERS = tuple(ObjectId() for _ in range(6))
ITEMS = tuple(ObjectId() for _ in range(8))
RESERVE = tuple(ObjectId() for _ in range(3))


def lobby(people: int = 2, capacity: int = 5, rounds: tuple[int, ...] = (300, 180, 60)) -> Session:
    """A lobby with the first `people` users in it; USERS[0] is the host."""
    return Session(
        id=ObjectId(),
        code="ABC234",
        host_id=USERS[0],
        menu="both",
        deck_size=len(ITEMS),
        capacity=capacity,
        round_seconds=rounds,
        seed=1,
        created_at=NOW,
        expires_at=NOW + timedelta(minutes=60),
        expiry_minutes=60,
        participants=tuple(
            Participant(user, f"User {n}", joined_at=NOW) for n, user in enumerate(USERS[:people])
        ),
    )


def all_ready(session: Session, now: datetime = NOW) -> Session:
    """The session with every participant ready."""
    for participant in session.present:
        session = rules.set_ready(session, participant.user_id, True, now).session
    return session


def swiping(people: int = 2, rounds: tuple[int, ...] = (300, 180, 60)) -> Session:
    """A session in its first round with ITEMS as deck and RESERVE behind it."""
    return rules.begin(all_ready(lobby(people, rounds=rounds)), ITEMS, RESERVE, NOW).session


def with_energies(session: Session, energies: list[Energy | None]) -> Session:
    """The session with these votes, in order of the participants."""
    voted = tuple(replace(p, energy=e) for p, e in zip(session.participants, energies, strict=True))
    return replace(session, participants=voted)
