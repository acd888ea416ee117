"""Getting ready, the countdown, the start."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from backend.sessions import rules
from backend.sessions.rules.lobby import COUNTDOWN
from backend.sessions.state import Status
from tests.unit.sessions.strategies import (
    ITEMS,
    NOW,
    RESERVE,
    STRANGER,
    USERS,
    all_ready,
    expired,
    gone,
    lobby,
    refused,
    swiping,
    told,
)

ADA, BO, CY, DI, EM = USERS[:5]
SOON = NOW + timedelta(seconds=1)


class TestGettingReady:
    """docs/product.md S4."""

    def test_others_learn_who_is_ready(self) -> None:
        change = rules.set_ready(lobby(2), ADA, True, SOON)
        assert told(change) == ["ready_changed"]
        assert change.events[0].data == {"participant_id": str(ADA), "ready": True, "starts_at": None}
        assert change.session.expires_at == SOON + timedelta(minutes=60)

    def test_the_last_one_starts_a_countdown_of_three_seconds(self) -> None:
        session = rules.set_ready(lobby(2), ADA, True, NOW).session
        change = rules.set_ready(session, BO, True, NOW)
        assert change.session.starts_at == change.session.due_at == NOW + timedelta(seconds=3)
        assert change.events[0].data["starts_at"] == "2026-11-20T18:00:03.000Z"

    def test_one_who_is_not_ready_any_more_stops_it(self) -> None:
        change = rules.set_ready(all_ready(lobby(2)), ADA, False, NOW)
        assert change.session.starts_at is None
        assert change.events[0].data == {"participant_id": str(ADA), "ready": False, "starts_at": None}

    def test_saying_so_twice_changes_nothing(self) -> None:
        session = all_ready(lobby(2))
        assert rules.set_ready(session, ADA, True, SOON) == rules.unchanged(session)

    @given(st.lists(st.tuples(st.sampled_from(USERS[:3]), st.booleans()), max_size=20))
    def test_a_countdown_runs_exactly_while_all_are_ready(self, marks: list) -> None:
        session = lobby(3)
        for user, ready in marks:
            session = rules.set_ready(session, user, ready, NOW).session
            assert (session.starts_at is not None) == all(p.ready for p in session.participants)

    def test_one_alone_never_starts(self) -> None:
        assert all_ready(lobby(1)).starts_at is None
        assert gone(all_ready(lobby(2)), BO).starts_at is None

    def test_only_before_the_start_and_only_who_is_in(self) -> None:
        with refused("already_started"):
            rules.set_ready(swiping(), ADA, False, NOW)
        with refused("session_over"):
            rules.set_ready(expired(), ADA, True, NOW)
        with refused("session_not_found"):
            rules.set_ready(lobby(), STRANGER, True, NOW)
        with refused("not_participant"):
            rules.set_ready(rules.leave(lobby(3), CY, NOW).session, CY, True, NOW)


class TestTheHostsStart:
    """docs/product.md S4: when all present, two or more, are ready."""

    def test_needs_the_host_and_everybody_ready(self) -> None:
        rules.require_can_start(all_ready(lobby(2)), ADA)
        with refused("not_host"):
            rules.require_can_start(all_ready(lobby(2)), BO)
        with refused("not_ready"):
            rules.require_can_start(rules.set_ready(lobby(2), ADA, True, NOW).session, ADA)

    def test_needs_two(self) -> None:
        with refused("not_ready"):
            rules.require_can_start(all_ready(lobby(1)), ADA)

    def test_does_not_wait_for_who_is_gone(self) -> None:
        rules.require_can_start(all_ready(gone(lobby(3), CY)), ADA)

    def test_only_before_the_start_and_only_who_is_in(self) -> None:
        with refused("already_started"):
            rules.require_can_start(swiping(), ADA)
        with refused("session_over"):
            rules.require_can_start(expired(), ADA)
        with refused("session_not_found"):
            rules.require_can_start(lobby(), STRANGER)
        with refused("not_participant"):
            rules.require_can_start(rules.leave(lobby(2), ADA, NOW).session, ADA)


class TestBeginning:
    """docs/product.md S4, S8: the same deck for all in the same order, and five minutes."""

    def test_everybody_learns_deck_end_and_energy(self) -> None:
        change = rules.begin(all_ready(lobby(2)), ITEMS, RESERVE, SOON)
        assert told(change) == ["round_started"]
        assert change.events[0].data == {
            "round": 1,
            "ends_at": "2026-11-20T18:05:01.000Z",
            "deck": [str(item) for item in ITEMS],
            "deck_sizes": {str(ADA): len(ITEMS), str(BO): len(ITEMS)},
            "energy": {"level": "medium", "votes": {"low": 0, "medium": 0, "high": 0}},
            "required": [str(ADA), str(BO)],
        }

    def test_the_session_swipes(self) -> None:
        session = rules.begin(all_ready(lobby(2)), ITEMS, RESERVE, SOON).session
        assert (session.status, session.round) == (Status.SWIPING, 1)
        assert session.ends_at == SOON + timedelta(minutes=5)
        assert session.starts_at is None
        assert session.expires_at == SOON + timedelta(minutes=60)
        assert (session.deck, session.reserve) == (ITEMS, RESERVE)
        assert session.deck_of(ADA) == session.deck_of(BO) == ITEMS

    def test_nobody_sees_the_reserve_in_round_one(self) -> None:
        started = rules.begin(all_ready(lobby(2)), ITEMS, RESERVE, NOW)
        assert not any(str(item) in str(started.events) for item in RESERVE)

    def test_does_nothing_unless_all_are_ready_in_a_lobby(self) -> None:
        for session in (lobby(2), all_ready(lobby(1)), swiping()):
            assert rules.begin(session, ITEMS, RESERVE, NOW) == rules.unchanged(session)

    def test_somebody_who_is_gone_then_plays_when_they_are_back(self) -> None:
        session = rules.begin(all_ready(gone(lobby(4), CY)), ITEMS, RESERVE, NOW).session
        assert CY not in session.required
        back = rules.come_back(session, CY, NOW).session
        assert CY in back.required
        assert back.deck_of(CY) == ITEMS

    def test_until_then_they_are_none_of_those_whose_majority_must_be_there(self) -> None:
        """docs/product.md S16: a majority of those who started."""
        change = rules.begin(all_ready(gone(lobby(5), CY, DI, EM)), ITEMS, RESERVE, NOW)
        assert told(change) == ["round_started"]
        assert [p.started for p in change.session.participants] == [True, True, False, False, False]
        back = rules.come_back(change.session, CY, NOW).session
        assert back.participant(CY).started
        assert gone(back, CY).status is Status.SWIPING
        assert gone(back, CY, BO).status is Status.PAUSED

    def test_nobody_has_started_in_the_lobby(self) -> None:
        back = rules.come_back(gone(lobby(2), BO), BO, NOW).session
        assert not any(p.started for p in rules.join(back, CY, "Cy", NOW).session.participants)

    def test_the_deck_sizes_are_those_of_a_snapshot_also_for_who_left(self) -> None:
        waiting = all_ready(rules.leave(lobby(3), CY, NOW).session)
        change = rules.begin(waiting, ITEMS, RESERVE, NOW)
        sizes = {str(p.user_id): len(change.session.deck_of(p.user_id)) for p in change.session.participants}
        assert change.events[0].data["deck_sizes"] == sizes


class TestARefusedStart:
    """docs/product.md S5: the lobby says so."""

    def test_takes_the_ready_marks_back_and_says_why(self) -> None:
        session = rules.leave(lobby(3), CY, NOW).session
        change = rules.stop_countdown(all_ready(session), SOON, "deck_too_small", "Only 2 cards.")
        assert change.session.participants == session.participants
        assert change.session.starts_at is None
        assert change.session.expires_at == SOON + timedelta(minutes=60)
        assert [(event.type, event.data) for event in change.events] == [
            ("ready_changed", {"participant_id": str(ADA), "ready": False, "starts_at": None}),
            ("ready_changed", {"participant_id": str(BO), "ready": False, "starts_at": None}),
            ("start_refused", {"code": "deck_too_small", "detail": "Only 2 cards."}),
        ]

    def test_happens_only_while_a_countdown_runs(self) -> None:
        started = replace(swiping(), starts_at=NOW)
        for session in (lobby(2), started):
            assert rules.stop_countdown(session, NOW, "code", "detail") == rules.unchanged(session)


def test_the_countdown_is_three_seconds() -> None:
    """docs/product.md S4."""
    assert timedelta(seconds=3) == COUNTDOWN
