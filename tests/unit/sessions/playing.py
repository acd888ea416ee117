"""A session as it is played: what carries out its rules in the program, in short, and a client that follows."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bson import ObjectId

from backend.errors import AppError
from backend.infra.clock import to_iso, to_milliseconds
from backend.sessions import rules
from backend.sessions.settling import progress_frame
from backend.sessions.state import Change, Session, Status
from backend.sessions.tally import Direction, Swipe, Tally, Undo, last_swipe, tally
from backend.sessions.views import snapshot_of
from client.net import events, frames
from client.net.fields import Fields
from client.net.reading import read_snapshot
from client.store import session_reducer
from client.store.state import Session as SeenSession
from tests.unit.sessions.strategies import ITEMS, NOW, RESERVE, USERS, lobby

Rule = Callable[[Session, datetime], Change]


class Play:
    """One session, the log of its swipes, the time, and what a client has made of the events.

    Attributes:
        before: the session as it was before the last change.
        outcomes: the kinds of outcome that people were told.
        clock_ran: how long the clock of this round has run.
    """

    def __init__(self, round_seconds: tuple[int, ...], now: datetime = NOW) -> None:
        self.session = lobby(1, capacity=5, rounds=round_seconds).touched(now)
        self.before = self.session
        self.now = now
        self.log: list[Swipe] = []
        self.outcomes: list[str] = []
        self.clock_ran = timedelta()
        self._forgotten: dict[ObjectId, int] = {}
        self._seq = 0
        self.seen: SeenSession = self.snapshot()

    # What happens.

    def attempt(self, rule: Rule) -> None:
        """Try a rule; what it refuses changes nothing."""
        try:
            change = rule(self.session, self.now)
        except AppError:
            return
        self.apply(change)
        self.settle()

    def join(self, user: ObjectId, suitable: frozenset[ObjectId] | None = None) -> None:
        """Somebody comes in, or comes in again; what they swiped in this round before they left still counts."""
        self.attempt(lambda session, now: rules.join(session, user, "Somebody", now, suitable))

    def begin(self) -> None:
        """Everybody gets ready, and the first round starts."""
        for participant in self.session.present:
            self.attempt(lambda s, now, user=participant.user_id: rules.set_ready(s, user, True, now))
        self.attempt(lambda session, now: rules.begin(session, ITEMS, RESERVE, now))

    def swipe(self, user: ObjectId, item: ObjectId, direction: Direction) -> None:
        """Put a swipe into the log, if the rules let it."""
        try:
            rules.require_swipe(self.session, user, item, self.now)
        except AppError:
            return
        self._append(user, item, direction)

    def undo(self, user: ObjectId) -> None:
        """Take somebody's last swipe back, if there is one and the rules let it."""
        try:
            rules.require_undo(self.session, user, self.now)
        except AppError:
            return
        own = [s for s in self.log if s.participant_id == user and s.round == self.session.round]
        item = last_swipe((s.item_id, s.direction) for s in own)
        if item is not None:
            self._append(user, item, Undo.UNDO)

    def pass_time(self, time: timedelta) -> None:
        """Let time pass; a round whose time is up is counted, and a session may expire."""
        if self.session.status is Status.SWIPING:
            self.clock_ran += time
        self.now += time
        self.settle()
        self.apply(rules.expire(self.session, self.now))

    def settle(self) -> None:
        """Decide what may be decided, and count a round that is closed."""
        if self.session.status.running:
            self.apply(rules.match(self.session, self.tally().likes, self.now))
            self.apply(rules.close_round(self.session, self.tally(), self.now))
        self.apply(rules.end_round(self.session, self.tally(), self.now))

    # What it amounts to.

    def tally(self) -> Tally:
        """What this round's log amounts to."""
        return tally((s for s in self.log if s.round == self.session.round), self.session.carried)

    def likes_by_hand(self) -> dict[ObjectId, set[ObjectId]]:
        """Who likes what, counted in the plainest way: the last word on a card, over all rounds, that still stands.

        Who has left when a round is counted, or only watches, has no say any more in what comes next.
        """
        standing: dict[tuple[ObjectId, ObjectId], list[tuple[int, Direction]]] = {}
        for entry in self.log:
            if entry.round <= self._forgotten.get(entry.participant_id, 0):
                continue
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
            "seq": self._seq,
            "outcome": self._outcome(),
        }
        fields = Fields({**told, **elsewhere}, "snapshot")
        return session_reducer.session_from_snapshot(read_snapshot(fields), None)

    def apply(self, change: Change) -> None:
        """Take a change as the transitions do, and let the client follow."""
        self.before = self.session
        self.session = change.session
        for event in change.events:
            self._seq += 1
            self._tell(event.type, dict(event.data))
        if self.session.round != self.before.round:
            self.clock_ran = timedelta()
            others = [p.user_id for p in self.session.participants if p.left or p.spectator]
            self._forgotten |= dict.fromkeys(others, self.before.round)

    def _tell(self, kind: str, told: dict[str, Any]) -> None:
        """Have the client read and apply an event, twice: that must do no harm."""
        if "outcome" in told:
            self.outcomes.append(kind)
            told["outcome"] = {**told["outcome"], "items": [_card(i) for i in told["outcome"]["items"]]}
        at = to_milliseconds(self.now)
        event = _parsed(json.dumps({"seq": self._seq, "at": at, "type": kind, "data": told}))
        for _ in range(2):
            self.seen = session_reducer.with_event(self.seen, "e", event)

    def _append(self, user: ObjectId, item: ObjectId, direction: Direction | Undo) -> None:
        """Put an entry into the log, tell how far its author is, and decide."""
        at = len(self.log)
        number = self.session.round
        self.log.append(Swipe(self.session.id, user, f"{at:026d}", item, direction, number, at))
        self._tell_progress(user)
        self.settle()

    def _tell_progress(self, user: ObjectId) -> None:
        """Have the client hear how far somebody is in this round."""
        progress = _parsed(progress_frame(user, self.session.round, len(self.tally().swiped[user])))
        self.seen = session_reducer.with_event(self.seen, "e", progress)

    def _outcome(self) -> dict[str, Any] | None:
        outcome = self.session.outcome
        if outcome is None:
            return None
        return {
            "kind": outcome.kind,
            "items": [_card(str(item)) for item in outcome.items],
            "decided_at": to_iso(outcome.decided_at),
            "tied": [str(item) for item in outcome.tied],
            "tossed": outcome.tossed and str(outcome.tossed),
        }


def _parsed(text: str) -> events.Event:
    (event,) = frames.parse(text)
    assert isinstance(event, events.Event), event
    return event


def _card(item: str) -> dict[str, Any]:
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
