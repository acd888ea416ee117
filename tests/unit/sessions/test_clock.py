"""The clock of a round: it starts, stands still, goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions import rules
from backend.sessions.state import SETTLING, MotionKind, Pause, PauseReason, Session, Status
from tests.unit.sessions.strategies import (
    COUNTED,
    NOTHING,
    NOW,
    ROUNDS,
    USERS,
    counted,
    expired,
    gone,
    in_round,
    lobby,
    over,
    swiping,
    told,
)

ADA, BO, CY = USERS[:3]
MINUTE = timedelta(minutes=1)
MILLISECOND = timedelta(milliseconds=1)


class TestTheLengthOfRounds:
    """docs/product.md S8: five minutes, three, one."""

    @pytest.mark.parametrize(("number", "seconds"), [(1, 300), (2, 180), (3, 60)])
    def test_each_round_has_its_own(self, number: int, seconds: int) -> None:
        session = in_round(number)
        started = NOW + timedelta(seconds=sum(ROUNDS[: number - 1])) + (number - 1) * SETTLING
        assert session.round == number
        assert session.ends_at == started + timedelta(seconds=seconds)

    def test_a_round_is_counted_a_moment_after_its_end(self) -> None:
        assert swiping().due_at == COUNTED
        assert counted(swiping(), now=COUNTED - MILLISECOND).events == ()
        assert counted(swiping(), now=COUNTED).events

    def test_a_new_round_counts_as_activity_and_closes_all_motions(self) -> None:
        asked = rules.vote(swiping(3), ADA, MotionKind.PAUSE, True, NOW).session
        session = counted(asked).session
        assert session.round == 2
        assert session.expires_at == COUNTED + timedelta(minutes=60)
        assert session.motions == ()


class TestAPause:
    """docs/product.md S12: a pause stops the clock exactly."""

    def test_everybody_learns_why_and_what_the_clock_showed(self) -> None:
        change = rules.pause(swiping(), PauseReason.VOTE, NOW + MINUTE)
        assert told(change) == ["paused"]
        assert change.events[0].data == {"reason": "vote", "remaining_ms": 240_000}
        session = change.session
        assert session.status is Status.PAUSED
        assert session.pause == Pause(PauseReason.VOTE, timedelta(minutes=4))
        assert session.ends_at is None
        assert session.expires_at == NOW + MINUTE + timedelta(minutes=60)

    def test_going_on_tells_the_new_end(self) -> None:
        paused = rules.pause(swiping(), PauseReason.VOTE, NOW + MINUTE).session
        change = rules.resume(paused, NOW + 10 * MINUTE)
        assert told(change) == ["resumed"]
        assert change.events[0].data == {"ends_at": "2026-11-20T18:14:00.000Z"}
        assert change.session.status is Status.SWIPING
        assert change.session.pause is None
        assert change.session.expires_at == NOW + 10 * MINUTE + timedelta(minutes=60)

    def test_both_close_all_motions(self) -> None:
        asked = rules.vote(swiping(3), ADA, MotionKind.SKIP_ROUND, True, NOW).session
        paused = rules.pause(asked, PauseReason.VOTE, NOW).session
        assert paused.motions == ()
        asked = rules.vote(paused, ADA, MotionKind.END_NOW, True, NOW).session
        assert rules.resume(asked, NOW).session.motions == ()

    def test_only_a_session_that_expires_ends_a_pause_by_time(self) -> None:
        paused = rules.pause(swiping(), PauseReason.VOTE, NOW).session
        assert paused.due_at == paused.expires_at
        assert counted(paused, now=NOW + 9 * MINUTE) == rules.unchanged(paused)

    @given(
        st.lists(st.tuples(st.integers(0, 100_000), st.integers(0, 10_000_000)), max_size=20),
        st.sampled_from([1, 2, 3]),
    )
    def test_over_any_number_of_pauses_a_round_lasts_as_long_as_it_should_to_the_millisecond(
        self, spans: list[tuple[int, int]], number: int
    ) -> None:
        session = in_round(number)
        assert session.ends_at
        now = session.ends_at - timedelta(seconds=ROUNDS[number - 1])
        left = timedelta(seconds=ROUNDS[number - 1])
        for ran, stood in spans:
            now += ran * MILLISECOND
            left -= ran * MILLISECOND
            session = rules.pause(session, PauseReason.VOTE, now).session
            if left <= timedelta():
                assert session.status is Status.SWIPING
                return
            now += stood * MILLISECOND
            session = rules.resume(session, now).session
            assert session.ends_at == now + left

    @pytest.mark.parametrize(
        ("session", "now"),
        [
            (lobby(), NOW),
            (over(), NOW),
            (expired(), NOW),
            (rules.pause(swiping(), PauseReason.VOTE, NOW).session, NOW),
            (swiping(), NOW + 5 * MINUTE),
            (rules.close_round(swiping(), NOTHING, COUNTED).session, NOW),
            (replace(swiping(), ends_at=None), NOW),
        ],
        ids=["lobby", "matched", "expired", "paused", "time is up", "being counted", "no end"],
    )
    def test_only_a_running_clock_can_be_stopped(self, session: Session, now: datetime) -> None:
        assert rules.pause(session, PauseReason.VOTE, now) == rules.unchanged(session)

    def test_a_clock_can_be_stopped_in_its_last_millisecond(self) -> None:
        change = rules.pause(swiping(), PauseReason.VOTE, NOW + 5 * MINUTE - MILLISECOND)
        assert change.events[0].data["remaining_ms"] == 1

    def test_people_see_whole_milliseconds_of_it(self) -> None:
        stopped = Pause(PauseReason.VOTE, timedelta(microseconds=1999))
        assert rules.pause_view(stopped) == {"reason": "vote", "remaining_ms": 1}

    def test_only_a_standing_clock_can_go_on(self) -> None:
        assert rules.resume(swiping(), NOW) == rules.unchanged(swiping())


class TestTheQuorum:
    """docs/product.md S16; who is there and what follows is tried in test_being_gone.py."""

    def test_a_session_with_its_majority_just_goes_on(self) -> None:
        assert rules.enforce_quorum(swiping(3), NOW) == rules.unchanged(swiping(3))

    def test_it_says_nothing_twice(self) -> None:
        paused = gone(swiping(3), BO, CY)
        assert rules.enforce_quorum(paused, NOW) == rules.unchanged(paused)

    def test_a_round_that_only_waits_to_be_counted_does_not_pause(self) -> None:
        closing = rules.close_round(swiping(3), NOTHING, COUNTED).session
        assert told(rules.go(gone(closing, BO), CY, NOW)) == ["participant_gone"]

    def test_a_lobby_has_no_clock(self) -> None:
        assert rules.enforce_quorum(lobby(1), NOW) == rules.unchanged(lobby(1))
