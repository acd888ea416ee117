"""What a session says of itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions import rules
from backend.sessions.state import SETTLING, Change, Event, Operation, Participant, Session, Status
from tests.unit.sessions.strategies import (
    COUNTED,
    ITEMS,
    NOTHING,
    NOW,
    RESERVE,
    STRANGER,
    USERS,
    all_ready,
    expired,
    in_round,
    lobby,
    over,
    refused,
    swiping,
)

ADA, BO, CY = USERS[:3]


@pytest.mark.parametrize(
    ("status", "running", "live", "decided"),
    [
        (Status.LOBBY, False, True, False),
        (Status.SWIPING, True, True, False),
        (Status.PAUSED, True, True, False),
        (Status.MATCHED, False, False, True),
        (Status.CLOSEST, False, False, True),
        (Status.EXPIRED, False, False, False),
        (Status.CLOSED, False, False, False),
    ],
)
def test_where_a_session_is_in_its_life(status: Status, running: bool, live: bool, decided: bool) -> None:
    assert (status.running, status.live, status.decided) == (running, live, decided)


@st.composite
def crowds(draw: st.DrawFn) -> Session:
    """A session with people of all kinds."""

    def person(user: ObjectId) -> Participant:
        left, gone, spectator, started = draw(st.tuples(*[st.booleans()] * 4))
        return Participant(
            user, "Somebody", NOW, left=left, gone=gone, spectator=spectator, started=started or not gone
        )

    return replace(lobby(0), participants=tuple(person(user) for user in USERS[: draw(st.integers(0, 12))]))


@given(crowds())
def test_who_counts_as_what(session: Session) -> None:
    people = session.participants
    assert session.members == tuple(p for p in people if not p.left)
    assert session.players == tuple(p for p in people if not p.left and not p.spectator)
    assert session.present == tuple(p for p in people if not p.left and not p.spectator and not p.gone)
    assert session.required == {p.user_id for p in session.present}


@given(crowds())
def test_a_majority_of_the_players_who_have_started_and_at_least_two_are_a_quorum(session: Session) -> None:
    """docs/product.md S16."""
    here = len(session.present)
    started = [p for p in session.participants if p.started and not p.left and not p.spectator]
    assert session.quorate == (here >= 2 and here > len(started) / 2)


def test_which_cards_may_have_been_shown() -> None:
    assert swiping().cards == ITEMS
    assert in_round(2).cards == in_round(3).cards == ITEMS + RESERVE


def test_which_deck_all_share_and_which_is_ones_own() -> None:
    """docs/product.md S4, S10."""
    first, second, third = (in_round(n, likes={ITEMS[0]: frozenset({ADA})}) for n in (1, 2, 3))
    assert first.shared_deck == first.deck_of(ADA) == ITEMS
    assert second.shared_deck == ()
    assert second.deck_of(ADA) == second.participant(ADA).own_deck != second.deck_of(BO)
    assert third.shared_deck == third.deck_of(ADA) == third.shortlist != ()


class TestWhenTimeChangesASessionNext:
    def test_a_lobby_expires(self) -> None:
        assert lobby().due_at == NOW + timedelta(minutes=60)

    def test_a_countdown_starts_the_round(self) -> None:
        assert all_ready(lobby()).due_at == NOW + timedelta(seconds=3)

    def test_a_round_is_counted_when_its_swipes_are_surely_in_the_log(self) -> None:
        session = swiping()
        assert timedelta(milliseconds=150) == SETTLING
        assert session.counted_at == session.due_at == COUNTED
        assert lobby().counted_at is None

    def test_a_running_clock_comes_before_expiry_even_where_that_is_earlier(self) -> None:
        assert replace(swiping(), expires_at=NOW).due_at == COUNTED
        assert replace(all_ready(lobby()), expires_at=NOW).due_at == NOW + timedelta(seconds=3)

    def test_nothing_any_more_once_it_is_over(self) -> None:
        assert over().due_at is None
        assert expired().due_at is None


def test_operations_are_remembered_by_participant() -> None:
    session = replace(lobby(), operations={ADA: ("vote:1", "vote:2")})
    assert session.has_carried_out(Operation(ADA, "vote:2"))
    assert not session.has_carried_out(Operation(ADA, "vote:3"))
    assert not session.has_carried_out(Operation(BO, "vote:2"))


def test_a_round_is_being_counted_from_closing_it_to_the_decision() -> None:
    closing = rules.close_round(swiping(rounds=(300,)), NOTHING, COUNTED).session
    assert not swiping().being_counted
    assert closing.being_counted
    assert not rules.end_round(closing, NOTHING, COUNTED).session.being_counted


def test_strangers_do_not_learn_that_a_session_exists() -> None:
    assert lobby().participant(BO).user_id == BO
    with refused("session_not_found"):
        lobby().participant(STRANGER)


def test_one_participant_changes_and_the_others_stay() -> None:
    session = lobby(3)
    changed = session.with_participant(replace(session.participant(BO), ready=True))
    assert [p.ready for p in changed.participants] == [False, True, False]


def test_activity_moves_the_expiry() -> None:
    """docs/product.md S17."""
    later = NOW + timedelta(minutes=7)
    assert replace(lobby(), expiry_minutes=30).touched(later).expires_at == later + timedelta(minutes=30)


def test_changes_follow_one_another_with_all_that_is_told() -> None:
    first, second = Event("first"), Event("second")
    before, after = lobby(1), lobby(2)
    assert Change(before, (first,)).and_then(Change(after, (second,))) == Change(after, (first, second))
