"""Random histories of a session, played by the rules and followed by the client's own reducer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bson import ObjectId
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from backend.errors import AppError
from backend.infra.clock import to_iso, to_milliseconds
from backend.sessions import rules
from backend.sessions.settling import progress_frame
from backend.sessions.state import Change, Energy, MotionKind, Session, Status
from backend.sessions.tally import Direction, Standing, Swipe, Tally, Undo, last_swipe, tally
from backend.sessions.views import snapshot_of
from client.net import events, frames
from client.net.fields import Fields
from client.net.reading import read_snapshot
from client.store import session_reducer
from client.store.state import Session as SeenSession
from tests.unit.sessions.strategies import ITEMS, NOW, RESERVE, USERS, lobby

users = st.sampled_from(USERS[:5])
durations = st.sampled_from([(300, 180, 60), (60, 30), (10,)])


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

    @initialize(capacity=st.integers(2, 5), round_seconds=durations)
    def open_lobby(self, capacity: int, round_seconds: tuple[int, ...]) -> None:
        self.session: Session = lobby(1, capacity=capacity, rounds=round_seconds)
        self.now = NOW
        self.seq = 0
        self.log: list[Swipe] = []
        self.outcomes: list[str] = []
        self.before = self.session
        self.clock_ran = timedelta()
        self.seen: SeenSession = self.snapshot()

    # What carries rules out in the program, in short.

    def apply(self, change: Change) -> None:
        """Take a change as the transitions do, and let the client follow."""
        self.before = self.session
        self.session = change.session
        for event in change.events:
            self.seq += 1
            self.tell(event.type, dict(event.data))
        if self.session.round != self.before.round:
            self.clock_ran = timedelta()

    def tell(self, kind: str, told: dict[str, Any]) -> None:
        """Have the client read and apply an event, twice: that must do no harm."""
        if "outcome" in told:
            self.outcomes.append(kind)
            told["outcome"] = {**told["outcome"], "items": [card(i) for i in told["outcome"]["items"]]}
        at = to_milliseconds(self.now)
        (parsed,) = frames.parse(json.dumps({"seq": self.seq, "at": at, "type": kind, "data": told}))
        assert isinstance(parsed, events.Event), parsed
        for _ in range(2):
            self.seen = session_reducer.with_event(self.seen, "e", parsed)

    def settle(self) -> None:
        """Decide what may be decided, and count a round that is closed."""
        if self.session.status.running:
            self.apply(rules.match(self.session, self.tally().likes, self.now))
            self.apply(rules.close_round(self.session, self.tally(), self.now))
        self.apply(rules.end_round(self.session, self.tally(), self.now))

    def attempt(self, act: Any, *arguments: Any) -> None:
        """Try a rule; what it refuses changes nothing."""
        try:
            self.apply(act(self.session, *arguments, self.now))
        except AppError:
            return
        self.settle()

    def tally(self) -> Tally:
        """What this round's log amounts to."""
        return tally((s for s in self.log if s.round == self.session.round), self.session.carried)

    # What people do.

    @rule(user=users)
    def join(self, user: ObjectId) -> None:
        self.attempt(lambda s, now: rules.join(s, user, "Somebody", now))

    @rule(user=users, lost=st.sampled_from(ITEMS + RESERVE))
    def join_with_an_allergy(self, user: ObjectId, lost: ObjectId) -> None:
        suitable = frozenset(ITEMS + RESERVE) - {lost}
        self.attempt(lambda s, now: rules.join(s, user, "Somebody", now, suitable))

    @rule(user=users)
    def leave(self, user: ObjectId) -> None:
        self.attempt(rules.leave, user)

    @rule(user=users)
    def go(self, user: ObjectId) -> None:
        self.attempt(rules.go, user)

    @rule(user=users)
    def come_back(self, user: ObjectId) -> None:
        self.attempt(rules.come_back, user)

    @rule(user=users, energy=st.sampled_from(Energy))
    def vote_energy(self, user: ObjectId, energy: Energy) -> None:
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
        self.apply(rules.begin(self.session, ITEMS, RESERVE, self.now))

    @rule()
    def refuse_to_begin(self) -> None:
        self.apply(rules.stop_countdown(self.session, self.now, "deck_too_small", "Too few cards."))

    @precondition(lambda self: self.session.status.running)
    @rule(user=users, motion=st.sampled_from(MotionKind), in_favour=st.booleans())
    def vote(self, user: ObjectId, motion: MotionKind, in_favour: bool) -> None:
        self.attempt(rules.vote, user, motion, in_favour)

    @precondition(lambda self: self.session.status.running)
    @rule(motion=st.sampled_from(MotionKind))
    def everybody_wants(self, motion: MotionKind) -> None:
        for participant in self.session.present:
            self.attempt(rules.vote, participant.user_id, motion, True)

    @precondition(lambda self: self.session.status is Status.SWIPING)
    @rule(user=users, place=st.integers(0, 20), direction=st.sampled_from(Direction))
    def swipe(self, user: ObjectId, place: int, direction: Direction) -> None:
        known = {p.user_id for p in self.session.participants}
        deck = self.session.deck_of(user) if user in known else ITEMS
        if deck:
            self.write(user, deck[place % len(deck)], direction)

    @precondition(lambda self: self.session.status is Status.SWIPING)
    @rule(user=users, direction=st.sampled_from(Direction))
    def swipe_all(self, user: ObjectId, direction: Direction) -> None:
        if user in {p.user_id for p in self.session.participants}:
            for item in self.session.deck_of(user):
                self.write(user, item, direction)

    def write(self, user: ObjectId, item: ObjectId, direction: Direction) -> None:
        """Put a swipe into the log, if the rules let it."""
        try:
            rules.require_swipe(self.session, user, item, self.now)
        except AppError:
            return
        self.append(user, item, direction)

    @precondition(lambda self: self.session.status is Status.SWIPING)
    @rule(user=users)
    def undo(self, user: ObjectId) -> None:
        try:
            rules.require_undo(self.session, user, self.now)
        except AppError:
            return
        own = [s for s in self.log if s.participant_id == user and s.round == self.session.round]
        item = last_swipe((s.item_id, s.direction) for s in own)
        if item is not None:
            self.append(user, item, Undo.UNDO)

    def append(self, user: ObjectId, item: ObjectId, direction: Direction | Undo) -> None:
        """Put an entry into the log, tell how far its author is, and decide."""
        at = len(self.log)
        number = self.session.round
        self.log.append(Swipe(self.session.id, user, f"{at:026d}", item, direction, number, at))
        done = len(self.tally().swiped[user])
        (parsed,) = frames.parse(progress_frame(user, number, done))
        assert isinstance(parsed, events.Event), parsed
        self.seen = session_reducer.with_event(self.seen, "e", parsed)
        self.settle()

    @precondition(lambda self: self.session.outcome is not None)
    @rule(user=users, drawn=st.integers(0, 2**64))
    def toss(self, user: ObjectId, drawn: int) -> None:
        self.attempt(lambda s, _: rules.toss(s, user, drawn))

    @rule(user=users, text=st.text(min_size=1, max_size=20))
    def say(self, user: ObjectId, text: str) -> None:
        self.attempt(lambda s, now: rules.say(s, user, ObjectId(), text, now))

    @rule(seconds=st.sampled_from([1, 3, 60, 301, 3700]))
    def wait(self, seconds: int) -> None:
        if self.session.status is Status.SWIPING:
            self.clock_ran += timedelta(seconds=seconds)
        self.now += timedelta(seconds=seconds)
        self.settle()
        self.apply(rules.expire(self.session, self.now))

    # What must hold, whatever they did.

    @invariant()
    def there_is_at_most_one_outcome_and_nothing_after_the_end(self) -> None:
        session = self.session
        assert len(self.outcomes) <= 1
        assert (session.outcome is not None) == session.status.decided
        if not self.before.status.live:
            assert _without_toss(session) == _without_toss(self.before)
        assert (session.due_at is None) == (not session.status.live)
        if not session.status.live:
            assert session.carried == Standing()
            assert not session.motions

    @invariant()
    def a_match_has_a_like_of_every_required_participant(self) -> None:
        if self.session.status is Status.MATCHED and self.before.status.live:
            assert self.session.outcome is not None
            (item,) = self.session.outcome.items
            assert self.session.required <= self.likes_by_hand().get(item, set())
            assert self.session.quorate

    @invariant()
    def no_unanimous_card_is_passed_over(self) -> None:
        if self.session.status.running and self.session.quorate:
            likes = self.likes_by_hand()
            assert not any(self.session.required <= likes.get(item, set()) for item in self.session.cards)

    @invariant()
    def likes_carry_over(self) -> None:
        if self.session.status.running:
            assert {item: set(who) for item, who in self.tally().likes.items()} == {
                item: who for item, who in self.likes_by_hand().items() if who
            }

    @invariant()
    def a_running_session_has_a_host_and_enough_people(self) -> None:
        session = self.session
        if session.status.live:
            assert session.host_id in {p.user_id for p in session.members}
            assert len(session.members) <= session.capacity
        if session.status.running:
            assert len(session.players) >= 2
        if session.status is Status.SWIPING:
            assert session.quorate

    @invariant()
    def the_clock_never_runs_while_paused(self) -> None:
        session = self.session
        assert (session.pause is not None) == (session.status is Status.PAUSED)
        if session.status.running:
            assert (session.ends_at is None) == (session.status is Status.PAUSED)
            left = session.pause.remaining if session.pause else (session.ends_at or self.now) - self.now
            assert left + self.clock_ran == timedelta(seconds=session.round_seconds[session.round - 1])

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
            assert len(motion.in_favour) < needed <= there - len(motion.against)

    @invariant()
    def replaying_the_events_gives_the_snapshot(self) -> None:
        fresh = self.snapshot()
        seen = self.seen
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

    def likes_by_hand(self) -> dict[ObjectId, set[ObjectId]]:
        """Who likes what, counted in the plainest way: the last word on a card, over all rounds, that still stands."""
        standing: dict[tuple[ObjectId, ObjectId], list[tuple[int, Direction]]] = {}
        for entry in self.log:
            stack = standing.setdefault((entry.item_id, entry.participant_id), [])
            if isinstance(entry.direction, Direction):
                stack.append((entry.round, entry.direction))
            elif stack and stack[-1][0] == entry.round:
                stack.pop()
        likes: dict[ObjectId, set[ObjectId]] = {}
        for (item, user), stack in standing.items():
            if stack and stack[-1][1] is Direction.LIKE:
                likes.setdefault(item, set()).add(user)
        return likes

    def snapshot(self) -> SeenSession:
        """What a client would be told now."""
        told = snapshot_of(self.session, USERS[0], self.tally(), frozenset())
        elsewhere = {
            "link": "",
            "server_now": to_iso(self.now),
            "epoch": "e",
            "seq": self.seq,
            "outcome": self._outcome(),
        }
        return session_reducer.session_from_snapshot(
            read_snapshot(Fields({**told, **elsewhere}, "snapshot")), None
        )

    def _outcome(self) -> dict[str, Any] | None:
        outcome = self.session.outcome
        if outcome is None:
            return None
        return {
            "kind": outcome.kind,
            "items": [card(str(item)) for item in outcome.items],
            "decided_at": to_iso(outcome.decided_at),
            "tied": [str(item) for item in outcome.tied],
            "tossed": outcome.tossed and str(outcome.tossed),
        }


def _without_toss(session: Session) -> Session:
    return replace(session, outcome=session.outcome and replace(session.outcome, tossed=None))


def _but_presence(person: Any) -> Any:
    """What is known of somebody from numbered events and progress: whether they are connected is told apart."""
    status = person.status if person.status in {"left", "gone"} else "there"
    return replace(person, status=status)


TestHistories = Histories.TestCase
TestHistories.settings = settings(max_examples=400, stateful_step_count=50, deadline=None)
