"""Sessions, logs and opinions for the tests of pure rules."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from hypothesis import strategies as st

from backend.errors import AppError
from backend.sessions import rules
from backend.sessions.state import SETTLING, Change, Energy, MotionKind, Participant, Session
from backend.sessions.tally import Standing, Tally


def known_id(number: int) -> ObjectId:
    """The same id in every run."""
    return ObjectId(f"{number:024x}")


NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
COUNTED = NOW + timedelta(minutes=5) + SETTLING
ROUNDS = (300, 180, 60)
USERS = tuple(known_id(0xA00 + number) for number in range(12))
# The order of a deck is not that of its ids: whoever sorts by the wrong one of them is found out.
ITEMS = tuple(known_id(number) for number in (5, 2, 8, 1, 7, 3, 6, 4))
RESERVE = tuple(known_id(number) for number in (0x1B, 0x19, 0x1A))
STRANGER = known_id(0xBAD)
NOTHING = Tally()

Likes = Mapping[ObjectId, frozenset[ObjectId]]


@contextmanager
def refused(code: str) -> Iterator[None]:
    """What is done inside is refused for this reason."""
    with pytest.raises(AppError) as refusal:
        yield
    assert refusal.value.code == code


def told(change: Change) -> list[str]:
    """The kinds of events that people are told, in order."""
    return [event.type for event in change.events]


# --- sessions ---


def lobby(people: int = 2, capacity: int = 5, rounds: tuple[int, ...] = ROUNDS) -> Session:
    """A lobby with the first `people` users in it; USERS[0] is the host."""
    return Session(
        id=known_id(0xC0DE),
        code="ABC234",
        host_id=USERS[0],
        menu="both",
        deck_size=len(ITEMS),
        capacity=max(capacity, people),
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


def swiping(people: int = 2, rounds: tuple[int, ...] = ROUNDS, capacity: int = 5) -> Session:
    """A session in its first round with ITEMS as deck and RESERVE behind it."""
    waiting = all_ready(lobby(people, capacity=capacity, rounds=rounds))
    return rules.begin(waiting, ITEMS, RESERVE, NOW).session


def with_energies(session: Session, energies: list[Energy | None]) -> Session:
    """The session with these votes, in order of the participants."""
    voted = tuple(replace(p, energy=e) for p, e in zip(session.participants, energies, strict=True))
    return replace(session, participants=voted)


def gone(session: Session, *users: ObjectId, now: datetime = NOW) -> Session:
    """The session without those who were away for too long."""
    for user in users:
        session = rules.go(session, user, now).session
    return session


def counted(session: Session, tally: Tally = NOTHING, now: datetime | None = None) -> Change:
    """Close the round and count it, as the service does; when its time is up unless `now` says otherwise."""
    now = now or session.counted_at or NOW
    return rules.end_round(rules.close_round(session, tally, now).session, tally, now)


def in_round(number: int, people: int = 2, likes: Likes | None = None, capacity: int = 5) -> Session:
    """A session whose earlier rounds nobody agreed in; in round 1 they liked `likes`, and swiped nothing else."""
    session = swiping(people, capacity=capacity)
    tally = tally_of(likes or {})
    for _ in range(1, number):
        session = counted(session, tally).session
        tally = tally_of(session.carried.likes)
    return session


def votes(session: Session, kind: MotionKind, *users: ObjectId, in_favour: bool = True) -> Change:
    """What the last of these votes, all a minute after NOW, leads to."""
    change = rules.unchanged(session)
    for user in users:
        change = rules.vote(change.session, user, kind, in_favour, NOW + timedelta(minutes=1))
    return change


def over(people: int = 2) -> Session:
    """A session that matched on the first card."""
    return rules.match(swiping(people), {ITEMS[0]: frozenset(USERS[:people])}, NOW).session


def expired(people: int = 2) -> Session:
    """A session that nobody touched for an hour."""
    return rules.expire(lobby(people), NOW + timedelta(minutes=60)).session


def tally_of(likes: Likes, dislikes: Likes | None = None) -> Tally:
    """What a round's log amounts to in which people had these opinions, and no others."""
    swiped: dict[ObjectId, set[ObjectId]] = {}
    for opinions in (likes, dislikes or {}):
        for item, people in opinions.items():
            for user in people:
                swiped.setdefault(user, set()).add(item)
    return Tally(likes, dislikes or {}, {user: frozenset(items) for user, items in swiped.items()})


# --- strategies ---


def opinions_of(people: int) -> st.SearchStrategy[dict[ObjectId, frozenset[ObjectId]]]:
    """Who of the first `people` users holds an opinion on which card of the deck."""
    return st.dictionaries(st.sampled_from(ITEMS), st.frozensets(st.sampled_from(USERS[:people])), max_size=8)


def standings(people: int = 4) -> st.SearchStrategy[Standing]:
    """Likes and dislikes; nobody does both to a card."""

    def standing(likes: Likes, dislikes: Likes) -> Standing:
        return Standing(likes, {item: who - likes.get(item, frozenset()) for item, who in dislikes.items()})

    return st.builds(standing, opinions_of(people), opinions_of(people))
