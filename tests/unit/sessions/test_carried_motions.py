"""What majority votes can ask for, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from backend.sessions import rules
from backend.sessions.state import MotionKind, PauseReason, Session, Status
from tests.unit.sessions.strategies import (
    COUNTED,
    ITEMS,
    NOTHING,
    NOW,
    STRANGER,
    USERS,
    expired,
    gone,
    in_round,
    lobby,
    over,
    refused,
    swiping,
    tally_of,
    told,
    votes,
)

ADA, BO, CY, DI, EM = USERS[:5]
PAUSE, RESUME, SKIP, END = MotionKind
LATER = NOW + timedelta(minutes=1)


def paused(people: int = 3) -> Session:
    return rules.pause(swiping(people), PauseReason.VOTE, NOW).session


class TestWhatPasses:
    """docs/product.md S12."""

    def test_a_pause(self) -> None:
        change = votes(swiping(2), PAUSE, ADA, BO)
        assert told(change) == ["motion_voted", "motion_passed", "paused"]
        assert change.events[1].data == {"motion": "pause"}
        assert change.session.pause is not None
        assert change.session.pause.reason is PauseReason.VOTE
        assert change.session.motions == ()

    def test_a_resume(self) -> None:
        change = votes(paused(), RESUME, ADA, BO)
        assert told(change) == ["motion_voted", "motion_passed", "resumed"]
        assert change.session.ends_at == LATER + timedelta(minutes=5)

    def test_skipping_a_round_closes_it_now_and_the_next_follows(self) -> None:
        change = votes(swiping(2), SKIP, ADA, BO)
        assert told(change) == ["motion_voted", "motion_passed"]
        session = change.session
        assert session.being_counted
        assert (session.ends_at, session.ending, session.motions) == (LATER, False, ())
        following = rules.end_round(session, NOTHING, LATER)
        assert told(following) == ["round_ended", "round_started"]
        assert following.session.round == 2

    def test_ending_now_closes_the_round_and_the_closest_follow(self) -> None:
        change = votes(swiping(2), END, ADA, BO)
        assert told(change) == ["motion_voted", "motion_passed"]
        assert change.session.being_counted
        following = rules.end_round(change.session, NOTHING, LATER)
        assert told(following) == ["round_ended", "closest"]

    def test_ending_now_is_possible_in_a_pause_too(self) -> None:
        session = votes(paused(), END, ADA, BO).session
        assert (session.status, session.pause, session.ends_at) == (Status.SWIPING, None, LATER)
        assert rules.end_round(session, NOTHING, LATER).session.status is Status.CLOSEST

    def test_a_match_found_in_that_count_beats_it(self) -> None:
        for kind in (SKIP, END):
            session = votes(swiping(2), kind, ADA, BO).session
            liked = tally_of({ITEMS[2]: frozenset({ADA, BO})})
            assert rules.end_round(session, liked, LATER).session.status is Status.MATCHED

    def test_it_closes_all_other_motions(self) -> None:
        session = votes(swiping(3), SKIP, CY).session
        assert votes(session, PAUSE, ADA, BO).session.motions == ()


class TestWhatIsPossible:
    @pytest.mark.parametrize(
        ("running", "kind", "possible"),
        [
            (swiping(3), PAUSE, True),
            (swiping(3), RESUME, False),
            (swiping(3), SKIP, True),
            (swiping(3), END, True),
            (paused(), PAUSE, False),
            (paused(), RESUME, True),
            (paused(), SKIP, False),
            (paused(), END, True),
        ],
        ids=lambda value: value.status.value if isinstance(value, Session) else str(value),
    )
    def test_depends_on_the_clock(self, running: Session, kind: MotionKind, possible: bool) -> None:
        if possible:
            assert told(votes(running, kind, ADA)) == ["motion_opened"]
        else:
            with refused("motion_not_possible"):
                votes(running, kind, ADA)

    def test_nobody_resumes_without_the_majority_whatever_stopped_the_clock(self) -> None:
        for session in (gone(swiping(3), BO, CY), gone(paused(), BO, CY)):
            with refused("majority_away"):
                votes(session, RESUME, ADA)

    def test_without_the_majority_those_present_may_still_end_it(self) -> None:
        session = votes(gone(swiping(5), CY, DI, EM), END, ADA, BO).session
        assert rules.end_round(session, NOTHING, LATER).session.status is Status.CLOSEST

    def test_a_running_session_is_needed(self) -> None:
        with refused("not_started"):
            votes(lobby(), PAUSE, ADA)
        with refused("session_over"):
            votes(over(), PAUSE, ADA)
        with refused("session_over"):
            votes(expired(), PAUSE, ADA)

    def test_a_round_that_only_waits_to_be_counted_takes_no_votes(self) -> None:
        with refused("round_over"):
            rules.vote(swiping(), ADA, PAUSE, True, NOW + timedelta(minutes=5))
        with refused("round_over"):
            rules.vote(rules.close_round(swiping(), NOTHING, COUNTED).session, ADA, END, True, NOW)

    def test_only_who_plays_and_is_there_votes(self) -> None:
        watched = rules.join(in_round(2, 3), DI, "Di", NOW).session
        with refused("spectator"):
            votes(watched, PAUSE, DI)
        with refused("not_present"):
            votes(gone(swiping(3), CY), PAUSE, CY)
        with refused("not_participant"):
            votes(rules.leave(swiping(3), CY, NOW).session, PAUSE, CY)
        with refused("session_not_found"):
            votes(swiping(3), PAUSE, STRANGER)
