"""Joining and leaving."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions import rules
from backend.sessions.rules.lobby import COUNTDOWN
from backend.sessions.state import Energy, MotionKind, Participant, Status
from tests.unit.sessions.strategies import (
    ITEMS,
    NOW,
    RESERVE,
    STRANGER,
    USERS,
    all_ready,
    expired,
    gone,
    in_round,
    lobby,
    over,
    refused,
    swiping,
    told,
    with_energies,
)

ADA, BO, CY, DI, EM = USERS[:5]
LATER = NOW + timedelta(minutes=1)


class TestJoining:
    """docs/product.md S2, S18."""

    def test_everybody_learns_who_came_and_who_is_required_now(self) -> None:
        change = rules.join(lobby(1), BO, "Bo", LATER)
        assert change.session.participants[-1] == Participant(BO, "Bo", joined_at=LATER)
        assert told(change) == ["participant_joined"]
        assert change.events[0].data == {
            "participant": {
                "id": str(BO),
                "display_name": "Bo",
                "status": "away",
                "spectator": False,
                "ready": False,
                "energy_voted": False,
                "swiped": 0,
                "deck_size": 0,
            },
            "required": [str(ADA), str(BO)],
            "starts_at": None,
            "deck": [],
        }

    def test_joining_twice_changes_nothing(self) -> None:
        session = lobby(2)
        assert rules.join(session, BO, "Bo", NOW) == rules.unchanged(session)

    def test_joining_twice_changes_nothing_even_when_the_session_is_full_or_over(self) -> None:
        for session in (lobby(5, capacity=5), over()):
            assert rules.join(session, BO, "Bo", NOW) == rules.unchanged(session)

    @given(st.integers(2, 12))
    def test_a_session_takes_as_many_people_as_its_host_may_have_and_no_more(self, capacity: int) -> None:
        session = lobby(capacity - 1, capacity=capacity)
        full = rules.join(session, USERS[capacity - 1], "Last", NOW).session
        assert len(full.members) == capacity
        with refused("session_full"):
            rules.join(full, STRANGER, "Too late", NOW)

    def test_who_left_makes_room_for_another(self) -> None:
        session = rules.leave(lobby(3, capacity=3), CY, NOW).session
        assert DI in rules.join(session, DI, "Di", NOW).session.required

    def test_who_left_may_come_back_once_and_under_a_new_name(self) -> None:
        session = rules.leave(lobby(3), BO, NOW).session
        back = rules.join(session, BO, "Bobby", LATER).session
        assert [p.user_id for p in back.participants] == [ADA, CY, BO]
        assert back.participants[-1] == Participant(BO, "Bobby", joined_at=LATER)

    def test_a_countdown_does_not_run_over_the_head_of_somebody_who_has_just_come_in(self) -> None:
        session = all_ready(lobby(2))
        assert session.starts_at is not None
        assert rules.join(session, CY, "Cy", NOW).session.starts_at is None

    @pytest.mark.parametrize("session", [expired(1), over(2)])
    def test_a_session_that_is_over_takes_nobody(self, session) -> None:
        with refused("session_over"):
            rules.join(session, CY, "Cy", NOW)

    def test_it_counts_as_activity(self) -> None:
        assert rules.join(lobby(1), BO, "Bo", LATER).session.expires_at == LATER + timedelta(minutes=60)


class TestJoiningInRoundOne:
    """docs/product.md S18; docs/decisions/0006: who joins late takes what they cannot eat out of the deck."""

    def test_the_newcomer_is_required_and_swipes_the_same_deck(self) -> None:
        change = rules.join(swiping(2), CY, "Cy", NOW)
        assert CY in change.session.required
        assert change.session.deck_of(CY) == ITEMS
        assert change.events[0].data["deck"] == [str(item) for item in ITEMS]
        assert change.events[0].data["participant"]["deck_size"] == len(ITEMS)

    def test_cards_that_they_cannot_eat_leave_deck_and_reserve_for_all(self) -> None:
        suitable = frozenset((*ITEMS[2:], *RESERVE[1:]))
        change = rules.join(swiping(2), CY, "Cy", NOW, suitable)
        assert change.session.deck == ITEMS[2:]
        assert change.session.reserve == RESERVE[1:]
        assert change.events[0].data["deck"] == [str(item) for item in ITEMS[2:]]
        assert change.events[0].data["participant"]["deck_size"] == len(ITEMS) - 2

    def test_five_cards_are_enough_four_are_not(self) -> None:
        assert rules.join(swiping(2), CY, "Cy", NOW, frozenset(ITEMS[:5])).session.deck == ITEMS[:5]
        with refused("deck_too_small"):
            rules.join(swiping(2), CY, "Cy", NOW, frozenset(ITEMS[:4]))

    def test_in_the_lobby_there_is_no_deck_to_be_too_small(self) -> None:
        assert BO in rules.join(lobby(1), BO, "Bo", NOW, frozenset()).session.required

    def test_a_newcomer_makes_up_for_somebody_who_is_gone(self) -> None:
        paused = gone(swiping(2), BO)
        change = rules.join(paused, CY, "Cy", NOW)
        assert told(change) == ["participant_joined", "resumed"]
        assert change.session.status is Status.SWIPING

    def test_the_newcomer_is_one_of_those_whose_majority_must_be_there(self) -> None:
        session = rules.join(rules.join(swiping(2), CY, "Cy", NOW).session, DI, "Di", NOW).session
        assert session.participant(DI).started
        assert gone(session, CY).status is Status.SWIPING
        assert gone(session, CY, DI).status is Status.PAUSED

    def test_an_open_motion_needs_one_more_vote_then(self) -> None:
        session = rules.vote(swiping(3), ADA, MotionKind.PAUSE, True, NOW).session
        change = rules.join(session, DI, "Di", NOW)
        assert told(change) == ["participant_joined", "motion_voted"]
        assert change.events[1].data["needed"] == 3


class TestJoiningLater:
    """docs/product.md S18: only as a spectator who sees the outcome."""

    @pytest.mark.parametrize("number", [2, 3])
    def test_the_newcomer_watches_and_takes_no_card_away(self, number: int) -> None:
        session = in_round(number, 2)
        change = rules.join(session, CY, "Cy", NOW, frozenset())
        assert change.session.required == session.required
        assert change.session.players == session.players
        assert not change.session.participant(CY).started
        assert change.session.deck_of(CY) == ()
        assert (change.session.deck, change.session.reserve) == (session.deck, session.reserve)
        assert change.events[0].data["deck"] == []
        assert change.events[0].data["participant"]["spectator"] is True
        assert change.events[0].data["participant"]["deck_size"] == 0

    def test_somebody_who_left_in_round_one_and_comes_back_later_only_watches(self) -> None:
        session = rules.leave(in_round(2, 3), CY, NOW).session
        assert CY not in rules.join(session, CY, "Cy", NOW).session.required

    def test_spectators_take_a_place(self) -> None:
        session = rules.join(in_round(2, 2, capacity=3), CY, "Cy", NOW).session
        with refused("session_full"):
            rules.join(session, DI, "Di", NOW)


class TestLeaving:
    """docs/product.md S9; docs/decisions/0004: two make a session."""

    def test_everybody_learns_who_left_and_who_is_required_now(self) -> None:
        change = rules.leave(lobby(3), BO, LATER)
        assert told(change) == ["participant_left"]
        assert change.events[0].data == {
            "participant_id": str(BO),
            "required": [str(ADA), str(CY)],
            "host_id": str(ADA),
            "starts_at": None,
        }
        assert change.session.expires_at == LATER + timedelta(minutes=60)

    def test_leaving_takes_back_being_ready_and_being_gone(self) -> None:
        session = gone(all_ready(lobby(3)), BO)
        bo = rules.leave(session, BO, NOW).session.participant(BO)
        assert (bo.left, bo.ready, bo.gone) == (True, False, False)

    def test_leaving_twice_changes_nothing(self) -> None:
        session = rules.leave(lobby(3), CY, NOW).session
        assert rules.leave(session, CY, NOW) == rules.unchanged(session)

    def test_nobody_leaves_what_is_over(self) -> None:
        assert rules.leave(over(), BO, NOW) == rules.unchanged(over())

    def test_a_stranger_learns_nothing(self) -> None:
        with refused("session_not_found"):
            rules.leave(lobby(2), STRANGER, NOW)

    def test_the_last_one_closes_the_lobby(self) -> None:
        change = rules.leave(lobby(1), ADA, LATER)
        assert change.session.status is Status.CLOSED
        assert change.session.finished_at == LATER
        assert told(change) == ["participant_left", "session_closed"]

    def test_a_lobby_stays_open_for_one_and_a_started_session_does_not(self) -> None:
        assert rules.leave(lobby(2), BO, NOW).session.status is Status.LOBBY
        change = rules.leave(swiping(2), BO, NOW)
        assert change.session.status is Status.CLOSED
        assert told(change) == ["participant_left", "session_closed"]

    def test_spectators_do_not_keep_a_session_open(self) -> None:
        watched = rules.join(in_round(2, 2), CY, "Cy", NOW).session
        assert rules.leave(watched, BO, NOW).session.status is Status.CLOSED
        assert rules.leave(watched, CY, NOW).session.status is Status.SWIPING

    def test_three_minus_one_goes_on_with_two_required(self) -> None:
        session = rules.leave(swiping(3), BO, NOW).session
        assert session.status is Status.SWIPING
        assert session.required == {ADA, CY}

    def test_a_card_that_all_who_stay_like_becomes_the_match(self) -> None:
        likes = {ITEMS[1]: frozenset({ADA, BO})}
        session = swiping(3)
        assert rules.match(session, likes, NOW) == rules.unchanged(session)
        assert rules.match(rules.leave(session, CY, NOW).session, likes, NOW).session.status is Status.MATCHED

    def test_when_the_only_unready_one_leaves_the_countdown_starts(self) -> None:
        session = lobby(3)
        for user in (ADA, BO):
            session = rules.set_ready(session, user, True, NOW).session
        change = rules.leave(session, CY, NOW)
        assert change.session.starts_at == NOW + COUNTDOWN
        assert change.events[0].data["starts_at"] == "2026-11-20T18:00:03.000Z"

    def test_a_running_countdown_goes_on_without_who_left(self) -> None:
        session = all_ready(lobby(3))
        assert rules.leave(session, CY, NOW + timedelta(seconds=1)).session.starts_at == session.starts_at

    def test_without_the_vote_of_who_left_the_groups_energy_may_be_known(self) -> None:
        session = with_energies(lobby(3), [Energy.HIGH, Energy.HIGH, None])
        change = rules.leave(session, CY, NOW)
        assert told(change) == ["participant_left", "energy_result"]
        assert change.events[1].data["level"] == "high"

    def test_a_started_session_keeps_the_energy_it_started_with(self) -> None:
        assert told(rules.leave(swiping(3), CY, NOW)) == ["participant_left"]


class TestTheHost:
    """Somebody has to be able to start and to toss: the role passes on to who is there."""

    def test_passes_on_to_somebody_who_is_there_before_one_who_is_gone(self) -> None:
        change = rules.leave(gone(swiping(4), BO), ADA, NOW)
        assert change.session.host_id == CY
        assert change.events[0].data["host_id"] == str(CY)

    def test_passes_on_to_a_player_who_is_gone_before_a_spectator(self) -> None:
        watched = rules.join(in_round(2, 3), DI, "Di", NOW).session
        assert rules.leave(gone(watched, BO, CY), ADA, NOW).session.host_id == BO

    def test_stays_with_a_host_who_is_there_when_others_leave(self) -> None:
        assert rules.leave(lobby(3), CY, NOW).session.host_id == ADA

    def test_stays_with_a_host_who_is_gone(self) -> None:
        assert gone(swiping(3), ADA).host_id == ADA
