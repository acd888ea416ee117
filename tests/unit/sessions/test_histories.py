"""Random histories of a session, played by the rules and followed by the client's own reducer."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend.errors import AppError
from backend.infra.clock import to_iso
from backend.sessions import rules
from backend.sessions.state import Change, Energy, Session, Status
from backend.sessions.tally import Direction, Swipe, tally
from backend.sessions.views import snapshot_of
from client.net import events, frames
from client.net.fields import Fields
from client.net.reading import read_snapshot
from client.store import session_reducer
from client.store.state import Session as SeenSession
from tests.unit.sessions.strategies import ITEMS, NOW, USERS, lobby

users = st.sampled_from(USERS[:5])
items = st.sampled_from(ITEMS)


def card(item: str) -> dict[str, Any]:
    """The least that a client takes for a card."""
    return {
        "id": item,
        "kind": "recipe",
        "title": item,
        "subtitle": "",
        "image_url": "",
        "blurhash": "",
        "cuisines": [],
        "dietary_tags": [],
        "sponsored": False,
    }


class Histories(RuleBasedStateMachine):
    """People do what they like, in any order, and time passes."""

    @initialize(capacity=st.integers(2, 5))
    def open_lobby(self, capacity: int) -> None:
        self.session: Session = lobby(1, capacity=capacity)
        self.now = NOW
        self.seq = 0
        self.swipes: list[Swipe] = []
        self.outcomes: list[str] = []
        self.before = self.session
        self.seen: SeenSession = self.snapshot()

    def apply(self, change: Change) -> None:
        """Take a change as the transitions do, and let the client follow."""
        self.before = self.session
        self.session = change.session
        for event in change.events:
            self.seq += 1
            told = dict(event.data)
            if "outcome" in told:
                self.outcomes.append(event.type)
                told["outcome"] = {**told["outcome"], "items": [card(i) for i in told["outcome"]["items"]]}
            text = json.dumps(
                {"seq": self.seq, "at": self.now.timestamp() * 1000, "type": event.type, "data": told}
            )
            (parsed,) = frames.parse(text)
            assert isinstance(parsed, events.Event), parsed
            for _ in range(2):  # said twice: harmless
                self.seen = session_reducer.with_event(self.seen, "e", parsed)

    def attempt(self, act: Any, *arguments: Any) -> None:
        """Try a rule; what it refuses changes nothing."""
        try:
            self.apply(act(self.session, *arguments, self.now))
        except AppError:
            return

    @rule(user=users)
    def join(self, user: ObjectId) -> None:
        self.attempt(lambda s, now: rules.join(s, user, "Somebody", now))

    @rule(user=users)
    def leave(self, user: ObjectId) -> None:
        self.attempt(rules.leave, user)
        if self.session.status is Status.SWIPING:
            self.apply(rules.match(self.session, tally(self.swipes).likes, self.now))

    @rule(user=users, energy=st.sampled_from(Energy))
    def vote(self, user: ObjectId, energy: Energy) -> None:
        self.attempt(rules.vote_energy, user, energy)

    @rule(user=users, ready=st.booleans())
    def get_ready(self, user: ObjectId, ready: bool) -> None:
        self.attempt(rules.set_ready, user, ready)

    @rule()
    def everybody_gets_ready(self) -> None:
        for participant in self.session.present:
            self.attempt(rules.set_ready, participant.user_id, True)

    @rule()
    def begin(self) -> None:
        self.apply(rules.begin(self.session, ITEMS, self.now))

    @rule()
    def refuse_to_begin(self) -> None:
        self.apply(rules.stop_countdown(self.session, self.now, "deck_too_small", "Too few cards."))

    @precondition(lambda self: self.session.status is Status.SWIPING)
    @rule(user=users, item=items, direction=st.sampled_from(Direction))
    def swipe(self, user: ObjectId, item: ObjectId, direction: Direction) -> None:
        try:
            rules.require_swipe(self.session, user, item, self.now)
        except AppError:
            return
        at = len(self.swipes)
        self.swipes.append(
            Swipe(self.session.id, user, f"{at:026d}", item, direction, self.session.round, at)
        )
        self.apply(rules.match(self.session, tally(self.swipes).likes, self.now))

    @rule(seconds=st.sampled_from([1, 3, 60, 301, 3700]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.apply(rules.close_round(self.session, tally(self.swipes), self.now))
        self.apply(rules.end_round(self.session, tally(self.swipes), self.now))
        self.apply(rules.expire(self.session, self.now))

    @invariant()
    def there_is_at_most_one_outcome_and_nothing_after_the_end(self) -> None:
        assert len(self.outcomes) <= 1
        assert (self.session.outcome is not None) == (self.session.status in {Status.MATCHED, Status.CLOSEST})
        if not self.before.status.live:
            assert self.session == self.before
        assert (self.session.due_at is None) == (not self.session.status.live)

    @invariant()
    def a_match_has_a_like_of_every_required_participant(self) -> None:
        if self.session.status is Status.MATCHED:
            assert self.session.outcome is not None
            (item,) = self.session.outcome.items
            assert self.session.required <= tally(self.swipes).likes[item]
            assert len(self.session.required) >= rules.MIN_PARTICIPANTS

    @invariant()
    def no_unanimous_card_is_passed_over(self) -> None:
        if self.session.status is Status.SWIPING:
            likes = tally(self.swipes).likes
            assert not any(
                self.session.required <= likes.get(item, frozenset()) for item in self.session.deck
            )

    @invariant()
    def a_running_session_has_a_host_and_enough_people(self) -> None:
        if self.session.status.live:
            assert self.session.host_id in self.session.required
            assert len(self.session.present) <= self.session.capacity
        if self.session.status is Status.SWIPING:
            assert len(self.session.present) >= rules.MIN_PARTICIPANTS

    @invariant()
    def replaying_the_events_gives_the_snapshot(self) -> None:
        fresh = self.snapshot()
        assert self.seen.status == fresh.status
        assert self.seen.round == fresh.round
        assert self.seen.required == fresh.required
        assert self.seen.starts_at == fresh.starts_at
        if self.session.status is Status.LOBBY:
            assert self.seen.energy == fresh.energy
        if self.session.status.live:
            assert self.seen.host_id == fresh.host_id
            assert self.seen.ends_at == fresh.ends_at
            assert (self.seen.energy and self.seen.energy.level) == (fresh.energy and fresh.energy.level)
        people = {p.id: (p.ready, p.energy_voted, p.status == "left") for p in self.seen.participants}
        assert people == {p.id: (p.ready, p.energy_voted, p.status == "left") for p in fresh.participants}

    def snapshot(self) -> SeenSession:
        """What a client would be told now."""
        told = snapshot_of(self.session, USERS[0], tally(self.swipes), frozenset())
        elsewhere = {
            "link": "",
            "server_now": to_iso(self._now()),
            "epoch": "e",
            "seq": self.seq,
            "outcome": self._outcome(),
        }
        return session_reducer.session_from_snapshot(
            read_snapshot(Fields({**told, **elsewhere}, "snapshot")), None
        )

    def _now(self) -> datetime:
        return self.now

    def _outcome(self) -> dict[str, Any] | None:
        outcome = self.session.outcome
        if outcome is None:
            return None
        return {
            "kind": outcome.kind,
            "items": [card(str(item)) for item in outcome.items],
            "decided_at": to_iso(outcome.decided_at),
        }


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=400, stateful_step_count=40, deadline=None)
