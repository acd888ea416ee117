"""A simulated friend: an account, a socket and a temper, over the same network code the app uses."""

from __future__ import annotations

import math
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, Queue

from client.net import events, signals
from client.net.api import ApiClient
from client.net.live import LiveConnection
from client.net.outbox import Outbox, Owner
from client.net.tokens import MemoryTokens
from client.net.values import Card, Direction, EnergyLevel, Motion, MotionKind, Pause, Snapshot

LIKES = 0.6
SKIPS = 0.1
ENERGIES: tuple[EnergyLevel, ...] = ("low", "medium", "high")
_TYPICAL_SECONDS = 2.0
_SPREAD = 0.45
_QUICKEST, _SLOWEST = 1.0, 4.0

OVER = frozenset({"matched", "closest", "expired", "closed"})


@dataclass(frozen=True, slots=True)
class Temper:
    """How a friend behaves: `speed` 2 thinks half as long."""

    chance: random.Random
    speed: float = 1.0

    def thinking_seconds(self) -> float:
        """How long somebody looks at a card: mostly about two seconds, now and then up to four."""
        seconds = self.chance.lognormvariate(math.log(_TYPICAL_SECONDS), _SPREAD)
        return min(max(seconds, _QUICKEST), _SLOWEST) / self.speed

    def direction(self) -> Direction:
        """Which way a card goes."""
        drawn = self.chance.random()
        if drawn < LIKES:
            return "right"
        return "up" if drawn < LIKES + SKIPS else "left"

    def energy(self) -> EnergyLevel:
        """What to vote."""
        return self.chance.choice(ENERGIES)


class Friend:
    """Joins one session and plays it to its end, on the thread that calls `play`.

    `watch` is told every signal of the friend's own socket.
    """

    def __init__(
        self,
        name: str,
        *,
        server: str,
        live_url: str,
        folder: Path,
        temper: Temper,
        watch: Callable[[signals.Signal], None],
    ) -> None:
        self.name = name
        self._temper = temper
        self._watch = watch
        self._live_url = live_url
        self._api = ApiClient(server, MemoryTokens())
        self._outbox = Outbox(folder / f"{name}.sqlite3")
        self._signals: Queue[signals.Signal | None] = Queue()
        self._plans: list[tuple[float, Callable[[], None]]] = []
        self._cards: list[Card] = []
        self._round = 0
        self._answered: set[MotionKind] = set()
        self._over = False
        self._user_id = ""
        self._session_id = ""
        self._live: LiveConnection | None = None

    def come_as_guest(self) -> None:
        """Come in with a name only, which does for joining; raises `ApiError`."""
        self._user_id = self._api.enter_as_guest(self.name).id

    def register(self) -> None:
        """Make a throw-away account, which a host needs; raises `ApiError`."""
        address = f"{self.name.lower()}.{secrets.token_hex(6)}@demo.example.com"
        self._user_id = self._api.register(address, secrets.token_urlsafe(24), self.name).id

    def create(self, deck_size: int) -> Snapshot:
        """Open a session as its host; raises `ApiError`."""
        return self._entered(self._api.create_session("both", deck_size=deck_size))

    def join(self, code: str) -> Snapshot:
        """Join a session by its code; raises `ApiError`."""
        return self._entered(self._api.join_session(code))

    def play(self) -> None:
        """Vote, get ready and swipe until the session is over or `stop` is called; raises `ApiError`."""
        self._live = LiveConnection(
            url=self._live_url,
            owner=Owner(self._user_id, self._session_id),
            account=self._api.account,
            outbox=self._outbox,
            on_signal=self._signals.put,
        )
        self._live.start()
        try:
            while not self._over:
                self._take_next_signal()
                self._do_what_is_planned()
        finally:
            self._live.stop(wait_seconds=2.0)

    def stop(self) -> None:
        """Make `play` return. Thread safe."""
        self._signals.put(None)

    def leave(self) -> None:
        """Leave the session, and close what is open; raises `ApiError`."""
        try:
            if self._session_id and not self._over:
                self._api.leave(self._session_id)
        finally:
            self._api.close()
            self._outbox.close()

    def _entered(self, snapshot: Snapshot) -> Snapshot:
        self._session_id = snapshot.id
        return snapshot

    # What happens

    def _take_next_signal(self) -> None:
        moments = [moment for moment, _ in self._plans]
        wait = max(0.0, min(moments) - time.monotonic()) if moments else None
        try:
            signal = self._signals.get(timeout=wait)
        except Empty:
            return
        if signal is None:
            self._over = True
            return
        self._react(signal)
        self._watch(signal)

    def _react(self, signal: signals.Signal) -> None:
        match signal:
            case signals.Welcomed(_, Snapshot() as snapshot):
                self._look_around(snapshot)
            case signals.EventReceived(_, events.Event(body=body)):
                self._react_to_event(body)
            case signals.Stopped():
                self._over = True

    def _react_to_event(self, body: events.EventBody) -> None:
        match body:
            case events.ReadyChanged(self._user_id, False):
                self._plan(self._get_ready)
            case events.RoundStarted():
                self._begin_swiping()
            case events.Paused(pause):
                self._rest(pause)
            case events.Resumed():
                self._turn_over_a_new_leaf()
                self._swipe_next()
            case events.MotionChanged(motion):
                self._consider(motion)
            case events.MotionClosed(kind):
                self._answered.discard(kind)
            case events.Decided() | events.Expired() | events.SessionClosed():
                self._over = True

    def _look_around(self, snapshot: Snapshot) -> None:
        self._turn_over_a_new_leaf()
        me = next(person for person in snapshot.participants if person.id == snapshot.you)
        if snapshot.status in OVER:
            self._over = True
        elif snapshot.status == "lobby":
            self._plan(self._get_ready if me.energy_voted else self._vote_energy)
        elif not me.spectator:
            self._take_cards()
            if snapshot.pause is None:
                self._swipe_next()
            else:
                self._rest(snapshot.pause)
            for motion in snapshot.motions:
                self._consider(motion)

    # What the friend does

    def _plan(self, act: Callable[[], None]) -> None:
        self._plans.append((time.monotonic() + self._temper.thinking_seconds(), act))

    def _do_what_is_planned(self) -> None:
        now = time.monotonic()
        due = [act for moment, act in self._plans if moment <= now]
        self._plans = [(moment, act) for moment, act in self._plans if moment > now]
        for act in due:
            act()

    def _vote_energy(self) -> None:
        self._submit("energy", level=self._temper.energy())
        self._plan(self._get_ready)

    def _get_ready(self) -> None:
        self._submit("ready", ready=True)

    def _begin_swiping(self) -> None:
        self._turn_over_a_new_leaf()
        self._take_cards()
        self._swipe_next()

    def _turn_over_a_new_leaf(self) -> None:
        """What was planned and voted on belongs to what is over."""
        self._plans.clear()
        self._answered.clear()

    def _take_cards(self) -> None:
        """The cards of the running round that are not swiped yet; raises `ApiError`."""
        deck = self._api.deck(self._session_id)
        self._cards = [card for card in deck.items if card.id not in deck.swiped]
        self._round = deck.round

    def _swipe_next(self) -> None:
        if self._cards:
            self._plan(self._swipe)

    def _swipe(self) -> None:
        item, direction = self._cards.pop(0).id, self._temper.direction()
        self._submit("swipe", item=item, direction=direction, round=self._round)
        self._swipe_next()

    def _rest(self, pause: Pause) -> None:
        """Nobody swipes while the clock stands; after a while the friend would like to go on."""
        self._turn_over_a_new_leaf()
        if pause.reason == "vote":
            self._plan(lambda: self._vote("resume"))

    def _consider(self, motion: Motion) -> None:
        """Friends agree with whatever somebody asks for."""
        if self._user_id not in {*motion.in_favour, *motion.against} and motion.kind not in self._answered:
            self._answered.add(motion.kind)
            self._plan(lambda: self._vote(motion.kind))

    def _vote(self, kind: MotionKind) -> None:
        self._answered.add(kind)
        self._submit("vote", motion=kind, in_favour=True)

    def _submit(self, operation: str, **content: str | bool | int) -> None:
        if self._live is not None:
            self._live.submit(operation, content)
