"""The rules of a session (docs/product.md S1-S18), as far as this version plays them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from backend.errors import AppError, Conflict, Forbidden, NotFound
from backend.sessions import rules
from backend.sessions.rules.lobby import COUNTDOWN
from backend.sessions.state import Change, Energy, Session, Status
from backend.sessions.tally import Tally
from tests.unit.sessions.strategies import (
    COUNTED,
    ITEMS,
    NOW,
    USERS,
    all_ready,
    lobby,
    swiping,
    with_energies,
)

NOTHING = Tally()


def end(session: Session, tally: Tally, now: datetime) -> Change:
    """Close the round and count it, as the service does."""
    return rules.end_round(rules.close_round(session, tally, now).session, tally, now)


def code_of(refused: pytest.ExceptionInfo[AppError]) -> str:
    return refused.value.code


class TestJoining:
    def test_a_newcomer_is_present_and_required(self) -> None:
        change = rules.join(lobby(1), USERS[1], "Bo", NOW)
        assert change.session.required == {USERS[0], USERS[1]}
        assert change.events[0].data["participant"]["display_name"] == "Bo"

    def test_joining_twice_changes_nothing(self) -> None:
        session = lobby(2)
        assert rules.join(session, USERS[1], "Bo", NOW) == rules.unchanged(session)

    def test_a_full_session_takes_nobody(self) -> None:
        with pytest.raises(Conflict) as refused:
            rules.join(lobby(2, capacity=2), USERS[2], "Cy", NOW)
        assert code_of(refused) == "session_full"

    def test_who_left_may_come_back_once(self) -> None:
        session = rules.leave(lobby(3), USERS[2], NOW).session
        back = rules.join(session, USERS[2], "Cy", NOW).session
        assert [p.user_id for p in back.participants].count(USERS[2]) == 1
        assert USERS[2] in back.required

    def test_joining_in_round_one_is_allowed_and_makes_the_newcomer_required(self) -> None:
        assert USERS[2] in rules.join(swiping(2), USERS[2], "Cy", NOW).session.required

    def test_joining_stops_a_running_countdown(self) -> None:
        session = all_ready(lobby(2))
        assert session.starts_at is not None
        assert rules.join(session, USERS[2], "Cy", NOW).session.starts_at is None

    def test_a_session_that_is_over_takes_nobody(self) -> None:
        over = rules.expire(lobby(1), NOW + timedelta(minutes=61)).session
        with pytest.raises(Conflict) as refused:
            rules.join(over, USERS[1], "Bo", NOW)
        assert code_of(refused) == "session_over"

    def test_a_late_newcomer_takes_what_they_cannot_eat_out_of_the_deck(self) -> None:
        change = rules.join(swiping(2), USERS[2], "Cy", NOW, frozenset(ITEMS[2:]))
        assert change.session.deck == ITEMS[2:]
        assert change.events[0].data["deck"] == [str(item) for item in ITEMS[2:]]

    def test_nobody_joins_late_where_too_little_would_be_left(self) -> None:
        with pytest.raises(Conflict) as refused:
            rules.join(swiping(2), USERS[2], "Cy", NOW, frozenset(ITEMS[: rules.MIN_DECK - 1]))
        assert code_of(refused) == "deck_too_small"


class TestLeaving:
    def test_the_host_role_passes_on(self) -> None:
        change = rules.leave(lobby(2), USERS[0], NOW)
        assert change.session.host_id == USERS[1]
        assert change.events[0].data["host_id"] == str(USERS[1])

    def test_the_last_one_closes_the_lobby(self) -> None:
        change = rules.leave(lobby(1), USERS[0], NOW)
        assert change.session.status is Status.CLOSED
        assert change.session.due_at is None

    def test_a_started_session_needs_two(self) -> None:
        change = rules.leave(swiping(2), USERS[1], NOW)
        assert change.session.status is Status.CLOSED
        assert [e.type for e in change.events] == ["participant_left", "session_closed"]

    def test_three_minus_one_goes_on_with_two_required(self) -> None:
        session = rules.leave(swiping(3), USERS[1], NOW).session
        assert session.status is Status.SWIPING
        assert session.required == {USERS[0], USERS[2]}

    def test_when_the_only_unready_one_leaves_the_countdown_starts(self) -> None:
        session = lobby(3)
        for user in USERS[:2]:
            session = rules.set_ready(session, user, True, NOW).session
        assert rules.leave(session, USERS[2], NOW).session.starts_at == NOW + COUNTDOWN

    def test_leaving_twice_changes_nothing(self) -> None:
        session = rules.leave(lobby(3), USERS[2], NOW).session
        assert rules.leave(session, USERS[2], NOW) == rules.unchanged(session)

    def test_a_stranger_learns_nothing(self) -> None:
        with pytest.raises(NotFound):
            rules.leave(lobby(2), USERS[5], NOW)


class TestEnergy:
    @pytest.mark.parametrize(
        ("votes", "expected"),
        [
            ([Energy.HIGH, Energy.HIGH, Energy.LOW], Energy.HIGH),
            ([Energy.HIGH, Energy.LOW], Energy.LOW),
            ([Energy.HIGH, Energy.MEDIUM], Energy.MEDIUM),
            ([None, None], Energy.MEDIUM),
            ([None, Energy.HIGH], Energy.HIGH),
        ],
    )
    def test_majority_and_the_lower_on_a_tie(self, votes: list[Energy | None], expected: Energy) -> None:
        assert rules.group_energy(with_energies(lobby(len(votes)), votes)) is expected

    def test_the_result_comes_with_the_last_vote_and_names_nobody(self) -> None:
        session = rules.vote_energy(lobby(2), USERS[0], Energy.LOW, NOW).session
        change = rules.vote_energy(session, USERS[1], Energy.HIGH, NOW)
        assert [e.type for e in change.events] == ["energy_voted", "energy_result"]
        assert change.events[1].data == {"level": "low", "votes": {"low": 1, "medium": 0, "high": 1}}

    def test_the_result_comes_too_when_the_last_vote_missing_leaves(self) -> None:
        session = lobby(3)
        for user in USERS[:2]:
            session = rules.vote_energy(session, user, Energy.HIGH, NOW).session
        change = rules.leave(session, USERS[2], NOW)
        assert [e.type for e in change.events] == ["participant_left", "energy_result"]

    def test_not_after_the_start(self) -> None:
        with pytest.raises(Conflict) as refused:
            rules.vote_energy(swiping(), USERS[0], Energy.LOW, NOW)
        assert code_of(refused) == "already_started"


class TestStarting:
    def test_a_countdown_starts_when_the_last_is_ready_and_stops_when_one_is_not(self) -> None:
        session = rules.set_ready(lobby(2), USERS[0], True, NOW).session
        assert session.starts_at is None
        session = rules.set_ready(session, USERS[1], True, NOW).session
        assert session.starts_at == session.due_at == NOW + COUNTDOWN
        assert rules.set_ready(session, USERS[0], False, NOW).session.starts_at is None

    def test_one_alone_never_starts(self) -> None:
        assert all_ready(lobby(1)).starts_at is None

    def test_only_the_host_may_start_at_once(self) -> None:
        with pytest.raises(Forbidden) as refused:
            rules.require_can_start(all_ready(lobby(2)), USERS[1])
        assert code_of(refused) == "not_host"

    def test_not_before_all_are_ready(self) -> None:
        session = lobby(2)
        with pytest.raises(Conflict) as refused:
            rules.require_can_start(session, USERS[0])
        assert code_of(refused) == "not_ready"
        assert rules.begin(session, ITEMS, NOW) == rules.unchanged(session)

    def test_the_round_has_one_deck_and_one_end_for_all(self) -> None:
        change = rules.begin(all_ready(lobby(2)), ITEMS, NOW)
        started = change.events[0].data
        assert started["deck"] == [str(i) for i in ITEMS]
        assert started["ends_at"] == "2026-11-20T18:05:00.000Z"
        assert change.session.ends_at == NOW + timedelta(minutes=5)

    def test_a_refused_start_takes_the_ready_marks_back_and_says_why(self) -> None:
        change = rules.stop_countdown(
            all_ready(lobby(2)), NOW, "deck_too_small", "Only 2 cards suit everybody."
        )
        assert not any(p.ready for p in change.session.participants)
        assert change.events[-1].data["code"] == "deck_too_small"


class TestSwipingRules:
    def test_before_the_start_after_the_end_and_outside_the_deck(self) -> None:
        running = swiping()
        over = rules.match(running, {ITEMS[0]: frozenset(USERS[:2])}, NOW).session
        cases = [
            (lobby(2), ITEMS[0], NOW, "not_started"),
            (running, ObjectId(), NOW, "unknown_item"),
            (running, ITEMS[0], NOW + timedelta(minutes=5), "round_over"),
            (over, ITEMS[0], NOW, "session_over"),
        ]
        for session, item, now, code in cases:
            with pytest.raises(AppError) as refused:
                rules.require_swipe(session, USERS[0], item, now)
            assert code_of(refused) == code

    def test_a_stranger_gets_not_found_and_who_left_is_refused(self) -> None:
        with pytest.raises(NotFound):
            rules.require_swipe(swiping(), USERS[4], ITEMS[0], NOW)
        with pytest.raises(Forbidden):
            rules.require_swipe(rules.leave(swiping(3), USERS[2], NOW).session, USERS[2], ITEMS[0], NOW)


class TestDeciding:
    @given(
        st.dictionaries(st.sampled_from(ITEMS), st.frozensets(st.sampled_from(USERS[:3])), max_size=8),
        st.booleans(),
    )
    def test_a_match_has_everybodys_like_and_is_the_first_such_card(
        self, likes: dict, third_leaves: bool
    ) -> None:
        session = swiping(3)
        if third_leaves:
            session = rules.leave(session, USERS[2], NOW).session
        unanimous = [i for i in ITEMS if session.required <= likes.get(i, frozenset())]
        change = rules.match(session, likes, NOW)
        if unanimous:
            assert change.session.outcome is not None
            assert change.session.outcome.items == (unanimous[0],)
            assert change.session.status is Status.MATCHED
            assert rules.match(change.session, likes, NOW) == rules.unchanged(change.session)
        else:
            assert change == rules.unchanged(session)

    def test_a_round_neither_ends_early_nor_twice(self) -> None:
        session = swiping()
        just_before = COUNTED - timedelta(milliseconds=1)
        assert end(session, NOTHING, just_before) == rules.unchanged(session)
        ended = end(session, NOTHING, COUNTED).session
        assert ended.status is Status.CLOSEST
        assert end(ended, NOTHING, NOW + timedelta(minutes=6)) == rules.unchanged(ended)

    def test_nothing_is_swiped_while_a_round_is_counted(self) -> None:
        closing = rules.close_round(swiping(), NOTHING, COUNTED).session
        assert closing.closing
        assert closing.due_at is not None
        with pytest.raises(Conflict) as refused:
            rules.require_swipe(closing, USERS[0], ITEMS[0], NOW)
        assert code_of(refused) == "round_over"
        likes = {ITEMS[0]: frozenset(USERS[:2])}
        assert rules.match(closing, likes, COUNTED) == rules.unchanged(closing)
        assert rules.end_round(closing, Tally(likes, {}, {}), COUNTED).session.status is Status.MATCHED

    def test_a_round_ends_early_when_everybody_has_finished(self) -> None:
        finished = Tally({}, {}, dict.fromkeys(USERS[:2], frozenset(ITEMS)))
        assert end(swiping(), finished, NOW).session.status is Status.CLOSEST

    def test_at_the_end_a_match_beats_the_closest(self) -> None:
        likes = Tally({ITEMS[3]: frozenset(USERS[:2])}, {}, {})
        assert end(swiping(), likes, COUNTED).session.status is Status.MATCHED

    @given(
        st.dictionaries(st.sampled_from(ITEMS), st.frozensets(st.sampled_from(USERS)), max_size=8),
        st.dictionaries(st.sampled_from(ITEMS), st.frozensets(st.sampled_from(USERS)), max_size=8),
    )
    def test_closest_is_ordered_by_likes_then_fewer_dislikes_then_deck(
        self, likes: dict, dislikes: dict
    ) -> None:
        best = rules.closest(ITEMS, Tally(likes, dislikes, {}))
        assert len(best) == len(set(best)) == rules.CLOSEST_COUNT

        def rank(item: ObjectId) -> tuple[int, int, int]:
            return (-len(likes.get(item, ())), len(dislikes.get(item, ())), ITEMS.index(item))

        assert all(rank(a) < rank(b) for a, b in pairwise(best))
        assert all(rank(best[-1]) < rank(other) for other in ITEMS if other not in best)


class TestTime:
    def test_due_is_the_countdown_then_the_counted_round_then_nothing(self) -> None:
        assert lobby().due_at == NOW + timedelta(minutes=60)
        running = swiping()
        assert running.due_at == COUNTED
        assert end(running, NOTHING, COUNTED).session.due_at is None

    def test_it_expires_after_the_last_activity_and_not_before(self) -> None:
        later = NOW + timedelta(minutes=30)
        session = rules.join(lobby(1), USERS[1], "Bo", later).session
        assert rules.expire(session, later + timedelta(minutes=59)) == rules.unchanged(session)
        change = rules.expire(session, later + timedelta(minutes=60))
        assert change.session.status is Status.EXPIRED
        assert [e.type for e in change.events] == ["expired"]
