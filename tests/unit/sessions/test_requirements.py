"""Who may swipe and take back what and when, and in which words anything is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from backend.errors import AppError, Conflict, Forbidden, NotFound
from backend.sessions import rules
from backend.sessions.rules.endings import decide_closest
from backend.sessions.rules.requirements import iso_or_none, require_live
from backend.sessions.state import MotionKind, PauseReason
from tests.unit.sessions.strategies import (
    COUNTED,
    ITEMS,
    NOTHING,
    NOW,
    RESERVE,
    STRANGER,
    USERS,
    expired,
    gone,
    in_round,
    known_id,
    lobby,
    over,
    refused,
    swiping,
)

ADA, BO, CY, DI = USERS[:4]
END = NOW + timedelta(minutes=5)
PAUSED = rules.pause(swiping(), PauseReason.VOTE, NOW).session
CLOSING = rules.close_round(swiping(), NOTHING, COUNTED).session
WITHOUT_CY = rules.leave(swiping(3), CY, NOW).session
WATCHED = rules.join(in_round(2, 2), CY, "Cy", NOW).session


class TestSwiping:
    """docs/product.md S8 to S10, S12, S16, S18."""

    def test_the_cards_of_ones_own_deck_until_the_time_is_up(self) -> None:
        for item in ITEMS:
            rules.require_swipe(swiping(), ADA, item, END - timedelta(milliseconds=1))
        with refused("round_over"):
            rules.require_swipe(swiping(), ADA, ITEMS[0], END)

    def test_a_card_of_nobody_and_one_of_the_reserve(self) -> None:
        for item in (known_id(0xF00D), RESERVE[0]):
            with refused("unknown_item"):
                rules.require_swipe(swiping(), ADA, item, NOW)

    def test_in_round_two_not_the_cards_of_somebody_else(self) -> None:
        session = in_round(2, likes={ITEMS[0]: frozenset({ADA})})
        rules.require_swipe(session, BO, ITEMS[0], COUNTED)
        with refused("unknown_item"):
            rules.require_swipe(session, ADA, ITEMS[0], COUNTED)

    def test_in_round_three_the_shortlist(self) -> None:
        session = in_round(3)
        for item in session.shortlist:
            rules.require_swipe(session, ADA, item, NOW)
        with refused("unknown_item"):
            rules.require_swipe(session, ADA, ITEMS[5], NOW)

    def test_of_the_round_it_is_meant_for_and_of_no_other(self) -> None:
        session = in_round(3)
        item = session.shortlist[0]
        rules.require_swipe(session, ADA, item, NOW, 3)
        with refused("round_over"):
            rules.require_swipe(session, ADA, item, NOW, 2)
        with refused("round_over"):
            rules.require_undo(session, ADA, NOW, 1)
        with refused("not_started"):
            rules.require_swipe(in_round(2), ADA, item, NOW, 3)

    def test_a_lost_connection_never_costs_a_swipe(self) -> None:
        rules.require_swipe(gone(swiping(3), BO), BO, ITEMS[0], NOW)
        rules.require_undo(gone(swiping(3), BO), BO, NOW)

    @pytest.mark.parametrize(
        ("session", "user", "code"),
        [
            (lobby(), ADA, "not_started"),
            (over(), ADA, "session_over"),
            (expired(), ADA, "session_over"),
            (CLOSING, ADA, "round_over"),
            (PAUSED, ADA, "paused"),
            (WATCHED, CY, "spectator"),
            (WITHOUT_CY, CY, "not_participant"),
            (swiping(), STRANGER, "session_not_found"),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_is_refused_as_taking_back_is(self, session, user, code: str) -> None:
        with refused(code):
            rules.require_swipe(session, user, ITEMS[0], NOW)
        with refused(code):
            rules.require_undo(session, user, NOW)

    def test_undo_ends_with_the_round(self) -> None:
        rules.require_undo(swiping(), ADA, END - timedelta(milliseconds=1))
        with refused("round_over"):
            rules.require_undo(swiping(), ADA, END)


class TestTheWords:
    """People read these: what is wrong, and where there is something to do, what."""

    @pytest.mark.parametrize(
        ("act", "kind", "detail"),
        [
            (
                lambda: rules.leave(lobby(), STRANGER, NOW),
                NotFound,
                "There is no such session, or you are not part of it.",
            ),
            (
                lambda: rules.require_talk(WITHOUT_CY, CY),
                Forbidden,
                "You have left this session.",
            ),
            (
                lambda: rules.require_swipe(WATCHED, CY, ITEMS[0], NOW),
                Conflict,
                "You joined after the first round: you can watch, not swipe.",
            ),
            (lambda: require_live(expired()), Conflict, "This session is over."),
            (lambda: rules.require_talk(expired(), ADA), Conflict, "This session is over."),
            (
                lambda: rules.set_ready(swiping(), ADA, False, NOW),
                Conflict,
                "The session has already started.",
            ),
            (
                lambda: rules.require_swipe(lobby(), ADA, ITEMS[0], NOW),
                Conflict,
                "The session has not started yet.",
            ),
            (lambda: rules.require_undo(swiping(), ADA, END), Conflict, "The round is over."),
            (
                lambda: rules.require_swipe(swiping(), ADA, RESERVE[0], NOW),
                NotFound,
                "This card is not in your deck of this round.",
            ),
            (lambda: rules.require_undo(PAUSED, ADA, NOW), Conflict, "The session is paused."),
            (
                lambda: rules.require_can_start(lobby(), BO),
                Forbidden,
                "Only the host can start the session.",
            ),
            (
                lambda: rules.require_can_start(lobby(), ADA),
                Conflict,
                "Everybody must be ready, and at least two people present.",
            ),
            (
                lambda: rules.join(lobby(3, capacity=3), DI, "Di", NOW),
                Conflict,
                "This session is full (3 people).",
            ),
            (
                lambda: rules.join(swiping(2), CY, "Cy", NOW, frozenset()),
                Conflict,
                "Too few cards of this session's deck suit you; join before it starts.",
            ),
            (
                lambda: rules.vote(gone(swiping(3), CY), CY, MotionKind.PAUSE, True, NOW),
                Conflict,
                "You were away for too long to vote. Connect again first.",
            ),
            (
                lambda: rules.vote(swiping(), ADA, MotionKind.PAUSE, False, NOW),
                Conflict,
                "Nobody has asked for this.",
            ),
            (
                lambda: rules.vote(gone(swiping(2), BO), ADA, MotionKind.RESUME, True, NOW),
                Conflict,
                "The session goes on by itself once most of you are back.",
            ),
            (
                lambda: rules.vote(PAUSED, ADA, MotionKind.PAUSE, True, NOW),
                Conflict,
                "The session is paused.",
            ),
            (
                lambda: rules.vote(swiping(), ADA, MotionKind.RESUME, True, NOW),
                Conflict,
                "The session is not paused.",
            ),
            (lambda: rules.toss(over(), BO, 1), Forbidden, "Only the host can toss the coin."),
            (lambda: rules.toss(over(), ADA, 1), Conflict, "No cards share the first place."),
        ],
    )
    def test_of_a_refusal(self, act: Callable[[], object], kind: type[AppError], detail: str) -> None:
        with pytest.raises(AppError) as refusal:
            act()
        assert type(refusal.value) is kind
        assert refusal.value.detail == detail

    def test_only_a_pause_is_worth_trying_again_after(self) -> None:
        with pytest.raises(Conflict) as refusal:
            rules.require_undo(PAUSED, ADA, NOW)
        assert refusal.value.retry_after == 5.0
        with pytest.raises(Conflict) as refusal:
            rules.require_undo(CLOSING, ADA, NOW)
        assert refusal.value.retry_after is None


def test_moments_are_told_in_iso_8601() -> None:
    assert iso_or_none(NOW) == "2026-11-20T18:00:00.000Z"
    assert iso_or_none(None) is None


def test_a_running_session_is_live_and_a_decided_one_is_not() -> None:
    require_live(swiping())
    require_live(PAUSED)
    with refused("session_over"):
        require_live(decide_closest(swiping(), NOW).session)
