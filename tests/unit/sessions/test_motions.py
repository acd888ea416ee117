"""Asking and voting: what a majority is, and who is counted in it."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions import rules
from backend.sessions.rules import motions
from backend.sessions.state import Motion, MotionKind, Status
from tests.unit.sessions.strategies import (
    NOW,
    USERS,
    gone,
    refused,
    swiping,
    told,
    votes,
)

ADA, BO, CY, DI, EM = USERS[:5]
PAUSE, RESUME, SKIP, END = MotionKind
LATER = NOW + timedelta(minutes=1)


class TestAsking:
    def test_a_vote_in_favour_opens_a_motion_that_is_not_open(self) -> None:
        change = votes(swiping(3), PAUSE, BO)
        assert told(change) == ["motion_opened"]
        assert change.events[0].data == {
            "motion": "pause",
            "opened_by": str(BO),
            "in_favour": [str(BO)],
            "against": [],
            "needed": 2,
        }
        assert change.session.motions == (Motion(PAUSE, BO, (BO,)),)
        assert change.session.expires_at == LATER + timedelta(minutes=60)

    def test_nobody_votes_against_what_nobody_asked_for(self) -> None:
        asked = votes(swiping(3), SKIP, ADA).session
        with refused("no_such_motion"):
            rules.vote(asked, BO, PAUSE, False, NOW)

    def test_the_others_votes_are_told(self) -> None:
        asked = votes(swiping(4), PAUSE, BO).session
        change = rules.vote(asked, CY, PAUSE, False, NOW)
        assert told(change) == ["motion_voted"]
        assert change.events[0].data == {
            "motion": "pause",
            "opened_by": str(BO),
            "in_favour": [str(BO)],
            "against": [str(CY)],
            "needed": 3,
        }

    def test_a_mind_can_be_changed_and_counts_once(self) -> None:
        session = votes(swiping(5), PAUSE, ADA, BO).session
        session = rules.vote(session, BO, PAUSE, False, NOW).session
        assert session.motions == (Motion(PAUSE, ADA, (ADA,), (BO,)),)
        session = rules.vote(session, BO, PAUSE, True, NOW).session
        assert session.motions == (Motion(PAUSE, ADA, (ADA, BO), ()),)

    @pytest.mark.parametrize("in_favour", [True, False])
    def test_the_same_vote_again_changes_nothing(self, in_favour: bool) -> None:
        session = votes(swiping(5), PAUSE, ADA, BO).session
        session = rules.vote(session, BO, PAUSE, in_favour, NOW).session
        assert rules.vote(session, BO, PAUSE, in_favour, LATER) == rules.unchanged(session)

    def test_several_motions_can_be_open_one_of_each_kind(self) -> None:
        session = votes(swiping(5), PAUSE, ADA).session
        session = votes(session, SKIP, BO).session
        session = votes(session, PAUSE, CY).session
        assert {motion.kind: motion.in_favour for motion in session.motions} == {
            SKIP: (BO,),
            PAUSE: (ADA, CY),
        }


class TestTheMajority:
    """docs/live-protocol.md: passes with more than half of those present, fails once it cannot pass any more."""

    @pytest.mark.parametrize("people", range(2, 13))
    def test_more_than_half_is_enough_and_half_is_not(self, people: int) -> None:
        session = swiping(people, capacity=12)
        for said, user in enumerate(USERS[:people], start=1):
            change = rules.vote(session, user, PAUSE, True, NOW)
            assert (change.session.status is Status.PAUSED) == (said > people / 2)
            if said > people / 2:
                return
            session = change.session

    @pytest.mark.parametrize("people", range(2, 13))
    def test_it_fails_as_soon_as_too_few_are_left_who_could_agree(self, people: int) -> None:
        session = rules.vote(swiping(people, capacity=12), ADA, PAUSE, True, NOW).session
        for against, user in enumerate(USERS[1:people], start=1):
            change = rules.vote(session, user, PAUSE, False, NOW)
            hopeless = people - against <= people / 2
            assert ("motion_failed" in told(change)) == hopeless
            assert (change.session.motions == ()) == hopeless
            if hopeless:
                assert change.events[-1].data == {"motion": "pause"}
                return
            session = change.session
        pytest.fail("it never failed")

    def test_one_alone_decides_what_those_present_decide(self) -> None:
        assert votes(gone(swiping(2), BO), END, ADA).session.ending

    def test_who_opened_it_may_drop_it_again(self) -> None:
        asked = votes(swiping(5), PAUSE, ADA).session
        change = rules.vote(asked, ADA, PAUSE, False, NOW)
        assert told(change) == ["motion_voted", "motion_failed"]
        assert change.session.motions == ()

    @given(st.integers(2, 6), st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
    def test_whatever_they_vote_it_passes_with_a_majority_and_never_without(
        self, people: int, said: list[tuple[int, bool]]
    ) -> None:
        session = swiping(people)
        favour: set[int] = set()
        for number, in_favour in said:
            voter = number % people
            if not (session.motions or in_favour):
                continue
            favour = (favour | {voter} if in_favour else favour - {voter}) if session.motions else {voter}
            change = rules.vote(session, USERS[voter], SKIP, in_favour, NOW)
            assert ("motion_passed" in told(change)) == (2 * len(favour) > people)
            if change.session.closing:
                return
            session = change.session


class TestCountingAnew:
    """Who is not there has no vote: open motions are counted again when somebody comes or goes."""

    def test_the_vote_of_who_is_gone_does_not_count(self) -> None:
        session = votes(swiping(5), PAUSE, ADA, BO).session
        change = rules.go(session, BO, NOW)
        assert told(change) == ["participant_gone", "motion_voted"]
        assert change.events[1].data == {
            "motion": "pause",
            "opened_by": str(ADA),
            "in_favour": [str(ADA)],
            "against": [],
            "needed": 3,
        }

    def test_nor_does_it_when_it_was_against(self) -> None:
        session = votes(swiping(5), PAUSE, ADA).session
        session = votes(session, PAUSE, BO, in_favour=False).session
        assert rules.leave(session, BO, NOW).session.motions == (Motion(PAUSE, ADA, (ADA,), ()),)

    def test_what_half_wanted_passes_when_one_of_the_others_goes(self) -> None:
        session = votes(swiping(4), PAUSE, ADA, BO).session
        change = rules.leave(session, CY, LATER)
        assert told(change) == ["participant_left", "motion_voted", "motion_passed", "paused"]

    def test_what_nobody_present_wants_any_more_has_failed(self) -> None:
        session = votes(swiping(5), PAUSE, ADA).session
        change = rules.go(session, ADA, NOW)
        assert told(change) == ["participant_gone", "motion_voted", "motion_failed"]
        assert change.events[1].data["in_favour"] == []
        assert change.session.motions == ()

    def test_what_cannot_pass_any_more_has_failed(self) -> None:
        session = votes(swiping(5), PAUSE, ADA).session
        session = votes(session, PAUSE, BO, CY, in_favour=False).session
        assert told(rules.leave(session, DI, NOW)) == ["participant_left", "motion_failed"]

    def test_nothing_is_told_of_motions_that_stand_as_before(self) -> None:
        session = votes(swiping(5), PAUSE, ADA).session
        change = rules.leave(session, EM, NOW)
        assert change.session.motions == session.motions
        assert told(change) == ["participant_left"]

    def test_several_motions_are_told_each_and_the_first_that_passes_closes_all(self) -> None:
        session = votes(swiping(4), PAUSE, ADA, BO).session
        session = votes(session, SKIP, CY).session
        change = rules.leave(session, DI, NOW)
        assert told(change) == [
            "participant_left",
            "motion_voted",
            "motion_voted",
            "motion_passed",
            "paused",
        ]
        assert change.session.motions == ()

    def test_those_that_failed_do_not_keep_the_others_from_passing(self) -> None:
        session = votes(swiping(4), SKIP, CY).session
        session = votes(session, PAUSE, ADA, BO).session
        change = rules.leave(session, CY, NOW)
        assert told(change)[1:] == [
            "motion_voted",
            "motion_voted",
            "motion_failed",
            "motion_passed",
            "paused",
        ]
        assert change.events[3].data == {"motion": "skip_round"}

    def test_nothing_passes_once_the_time_of_the_round_is_up(self) -> None:
        session = votes(swiping(4), PAUSE, ADA, BO).session
        late = NOW + timedelta(minutes=5)
        assert told(rules.leave(session, CY, late)) == ["participant_left", "motion_voted"]


def test_a_motion_as_people_see_it() -> None:
    motion = Motion(SKIP, ADA, (ADA,), (BO, CY))
    assert motions.motion_view(motion, swiping(4)) == {
        "motion": "skip_round",
        "opened_by": str(ADA),
        "in_favour": [str(ADA)],
        "against": [str(BO), str(CY)],
        "needed": 3,
    }


def test_what_is_needed_grows_by_one_with_every_second_person() -> None:
    motion = Motion(PAUSE, ADA, (ADA,))
    needed = [motions.motion_view(motion, swiping(n, capacity=12))["needed"] for n in range(2, 13)]
    assert needed == [2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7]
    assert all(b - a in {0, 1} for a, b in pairwise(needed))
