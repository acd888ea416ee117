"""Being gone, coming back, and what becomes of the session meanwhile."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions import rules
from backend.sessions.rules.lobby import COUNTDOWN
from backend.sessions.state import Energy, MotionKind, PauseReason, Status
from tests.unit.sessions.strategies import (
    NOW,
    USERS,
    gone,
    in_round,
    lobby,
    over,
    swiping,
    told,
    with_energies,
)

ADA, BO, CY, DI, EM = USERS[:5]
LATER = NOW + timedelta(minutes=1)


class TestBeingGone:
    """docs/product.md S9, S16."""

    def test_everybody_learns_who_is_not_waited_for_any_more(self) -> None:
        change = rules.go(swiping(3), BO, NOW)
        assert told(change) == ["participant_gone"]
        assert change.events[0].data == {
            "participant_id": str(BO),
            "required": [str(ADA), str(CY)],
            "starts_at": None,
        }
        assert change.session.participant(BO).gone

    def test_it_is_no_activity_and_coming_back_is(self) -> None:
        session = swiping(3)
        away = rules.go(session, BO, LATER).session
        assert away.expires_at == session.expires_at
        assert rules.come_back(away, BO, LATER).session.expires_at == LATER + timedelta(minutes=60)

    @pytest.mark.parametrize(
        "session",
        [gone(swiping(3), BO), rules.leave(swiping(3), BO, NOW).session, over(2)],
        ids=["gone already", "left", "over"],
    )
    def test_nothing_happens_where_nobody_waits(self, session) -> None:
        assert rules.go(session, BO, NOW) == rules.unchanged(session)

    def test_only_who_is_gone_can_come_back(self) -> None:
        for session in (swiping(3), rules.leave(gone(swiping(3), BO), BO, NOW).session):
            assert rules.come_back(session, BO, NOW) == rules.unchanged(session)

    def test_nobody_comes_back_to_what_is_over(self) -> None:
        finished = rules.expire(gone(lobby(2), BO), NOW + timedelta(hours=2)).session
        assert rules.come_back(finished, BO, NOW) == rules.unchanged(finished)

    def test_whoever_comes_back_is_required_again(self) -> None:
        change = rules.come_back(gone(swiping(3), BO), BO, NOW)
        assert told(change) == ["participant_back"]
        assert change.session.participants == swiping(3).participants
        assert change.session.required == {ADA, BO, CY}
        assert change.events[0].data == {
            "participant_id": str(BO),
            "required": [str(ADA), str(BO), str(CY)],
            "starts_at": None,
        }

    def test_a_spectator_who_comes_back_is_not(self) -> None:
        watched = rules.join(in_round(2, 2), CY, "Cy", NOW).session
        assert rules.come_back(gone(watched, CY), CY, NOW).session.required == {ADA, BO}

    def test_in_the_lobby_the_others_can_start_without_them(self) -> None:
        session = lobby(3)
        for user in (ADA, BO):
            session = rules.set_ready(session, user, True, NOW).session
        change = rules.go(session, CY, NOW)
        assert change.session.starts_at == NOW + COUNTDOWN
        assert change.events[0].data["starts_at"] == "2026-11-20T18:00:03.000Z"
        back = rules.come_back(change.session, CY, NOW)
        assert back.session.starts_at is None

    def test_the_groups_energy_is_known_without_them_and_open_again_with_them(self) -> None:
        session = with_energies(lobby(3), [Energy.LOW, Energy.LOW, None])
        change = rules.go(session, CY, NOW)
        assert told(change) == ["participant_gone", "energy_result"]
        assert told(rules.come_back(change.session, CY, NOW)) == ["participant_back"]

    def test_and_told_anew_when_somebody_comes_back_who_had_voted(self) -> None:
        session = gone(with_energies(lobby(2), [Energy.LOW, Energy.HIGH]), BO)
        change = rules.come_back(session, BO, NOW)
        assert told(change) == ["participant_back", "energy_result"]
        assert change.events[1].data["votes"] == {"low": 1, "medium": 0, "high": 1}


class TestTheMajority:
    """docs/product.md S16: while a majority is still there the session goes on, otherwise it pauses by itself."""

    @given(st.integers(2, 12), st.data())
    def test_the_session_pauses_exactly_while_at_most_half_are_there(
        self, people: int, data: st.DataObject
    ) -> None:
        session = swiping(people, capacity=12)
        for user in data.draw(st.lists(st.sampled_from(USERS[:people]), max_size=30)):
            away = session.participant(user).gone
            session = (rules.come_back if away else rules.go)(session, user, NOW).session
            here = sum(not p.gone for p in session.participants)
            assert (session.status is Status.SWIPING) == (here > people / 2 and here >= 2)
            assert session.pause is None or session.pause.reason is PauseReason.MAJORITY_AWAY

    def test_what_people_see_of_it(self) -> None:
        change = rules.go(swiping(2), BO, LATER)
        assert told(change) == ["participant_gone", "paused"]
        assert change.events[1].data == {"reason": "majority_away", "remaining_ms": 240_000}
        back = rules.come_back(change.session, BO, LATER)
        assert told(back) == ["participant_back", "resumed"]

    def test_a_pause_that_was_voted_for_stays_when_people_come_back(self) -> None:
        session = swiping(3)
        for user in (ADA, BO):
            session = rules.vote(session, user, MotionKind.PAUSE, True, NOW).session
        back = rules.come_back(gone(session, BO, CY), BO, NOW)
        assert told(back) == ["participant_back"]
        assert back.session.status is Status.PAUSED

    def test_when_somebody_gone_leaves_the_rest_may_be_the_majority(self) -> None:
        paused = gone(swiping(4), CY, DI)
        assert paused.status is Status.PAUSED
        assert told(rules.leave(paused, DI, NOW)) == ["participant_left", "resumed"]

    def test_a_spectator_is_no_part_of_it(self) -> None:
        watched = rules.join(in_round(2, 2), EM, "Em", NOW).session
        assert rules.go(watched, EM, NOW).session.status is Status.SWIPING
        assert rules.go(watched, BO, NOW).session.status is Status.PAUSED
