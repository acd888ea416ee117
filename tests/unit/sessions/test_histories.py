"""Random histories of a session, played by the rules and followed by the client's own reducer."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis.stateful import invariant

from backend.sessions.state import Session, Status
from backend.sessions.tally import Standing
from tests.unit.sessions.acting import Acting

HISTORIES = int(os.environ.get("DINDIN_HISTORIES", "250"))

pytestmark = [pytest.mark.long, pytest.mark.timeout(120 + HISTORIES // 4)]


class Histories(Acting):
    """What must hold, whatever they did."""

    @property
    def round_waits_to_be_counted(self) -> bool:
        """Whether the time of the round is up: what people do then neither stops its clock nor ends it otherwise."""
        return self.session.ends_at is not None and self.session.ends_at <= self.play.now

    @invariant()
    def there_is_at_most_one_outcome_and_nothing_after_the_end(self) -> None:
        session, before = self.session, self.play.before
        assert len(self.play.outcomes) <= 1
        assert (session.outcome is not None) == session.status.decided
        if not before.status.live:
            assert _without_toss(session) == _without_toss(before)
        assert (session.due_at is None) == (not session.status.live)
        if not session.status.live:
            assert session.carried == Standing()
            assert not session.motions

    @invariant()
    def a_match_has_a_like_of_every_required_participant(self) -> None:
        if self.session.status is Status.MATCHED and self.play.before.status.live:
            assert self.session.outcome is not None
            (item,) = self.session.outcome.items
            assert self.session.required <= self.play.likes_by_hand().get(item, set())
            assert self.session.quorate

    @invariant()
    def no_unanimous_card_is_passed_over(self) -> None:
        if self.session.status.running and self.session.quorate:
            likes = self.play.likes_by_hand()
            assert not any(self.session.required <= likes.get(item, set()) for item in self.session.cards)

    @invariant()
    def likes_carry_over(self) -> None:
        if self.session.status.running:
            assert {item: set(who) for item, who in self.play.tally().likes.items()} == {
                item: who for item, who in self.play.likes_by_hand().items() if who
            }

    @invariant()
    def a_running_session_has_a_host_and_enough_people(self) -> None:
        session = self.session
        if session.status.live:
            assert session.host_id in {p.user_id for p in session.members}
            assert len(session.members) <= session.capacity
        if session.status.running:
            assert len(session.players) >= 2
        if session.status is Status.SWIPING and not self.round_waits_to_be_counted:
            assert session.quorate

    @invariant()
    def the_clock_never_runs_while_paused(self) -> None:
        session = self.session
        assert (session.pause is not None) == (session.status is Status.PAUSED)
        if session.status.running:
            assert (session.ends_at is None) == (session.status is Status.PAUSED)
            left = (
                session.pause.remaining
                if session.pause
                else (session.ends_at or self.play.now) - self.play.now
            )
            whole = timedelta(seconds=session.round_seconds[session.round - 1])
            assert left + self.play.clock_ran == whole

    @invariant()
    def decks_hold_only_what_all_can_eat_and_nobody_else_sees(self) -> None:
        session = self.session
        for participant in session.participants:
            dealt = session.deck_of(participant.user_id)
            assert len(set(dealt)) == len(dealt)
            assert set(dealt) <= set(session.deck + session.reserve)
            assert not (participant.spectator and dealt)

    @invariant()
    def motions_are_open_only_while_they_can_pass(self) -> None:
        session = self.session
        kinds = [motion.kind for motion in session.motions]
        assert len(set(kinds)) == len(kinds)
        for motion in session.motions:
            there, needed = len(session.present), len(session.present) // 2 + 1
            assert session.status.running
            assert motion.in_favour
            assert set(motion.in_favour + motion.against) <= session.required
            assert not set(motion.in_favour) & set(motion.against)
            assert needed <= there - len(motion.against)
            assert len(motion.in_favour) < needed or self.round_waits_to_be_counted

    @invariant()
    def replaying_the_events_gives_the_snapshot(self) -> None:
        fresh = self.play.snapshot()
        seen = self.play.seen
        assert (seen.status, seen.round) == (fresh.status, fresh.round)
        assert seen.required == fresh.required
        assert seen.starts_at == fresh.starts_at
        assert seen.outcome == fresh.outcome
        if self.session.status is Status.LOBBY and self.session.present:  # else nobody is there to see it
            assert seen.energy == fresh.energy
        if self.session.status.live:
            assert seen.host_id == fresh.host_id
            assert seen.ends_at == fresh.ends_at
            assert seen.pause == fresh.pause
            assert sorted(seen.motions, key=repr) == sorted(fresh.motions, key=repr)
        if self.session.status.running:
            assert (seen.energy and seen.energy.level) == (fresh.energy and fresh.energy.level)
        assert {p.id: _but_presence(p) for p in seen.participants} == {
            p.id: _but_presence(p) for p in fresh.participants
        }


def _without_toss(session: Session) -> Session:
    return replace(session, outcome=session.outcome and replace(session.outcome, tossed=None))


def _but_presence(person: Any) -> Any:
    """What is known of somebody from numbered events and progress: whether they are connected is told apart."""
    status = person.status if person.status in {"left", "gone"} else "there"
    return replace(person, status=status)


TestHistories = pytest.mark.no_cover(Histories.TestCase)  # tracing makes it four times as slow
TestHistories.settings = settings(max_examples=HISTORIES, stateful_step_count=50, deadline=None)
