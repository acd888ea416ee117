"""People at sockets whose app does what the protocol asks of it: it comes back, and repeats what has no reply.

They wait as the app does (`client.net.backoff`) and check what they are told as those of the chaos tests do.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from client.net.backoff import full_jitter, within
from tests.e2e.chaos_view import Frame, View
from tests.performance.load import Load, Player
from tests.performance.scene import Seat
from tests.performance.servers import Server

_WELCOME_SECONDS = 10.0
_RESTARTS = 1012
_RETRY_AFTER_SECONDS = 2.0
LATE_SECONDS = 1.0
"""Whoever waits for an acknowledgement for longer noticed that something was wrong."""


@dataclass
class Troubles:
    """What went wrong between all clients and the server, as the clients saw it.

    Attributes:
        cut: sockets that were lost, by close code.
        turned_away: attempts to connect that led to no welcome, by error.
        put_off: operations that the server asked to repeat later, by code.
        repeated: copies of operations sent beyond the first.
    """

    cut: Counter[int] = field(default_factory=Counter)
    turned_away: Counter[str] = field(default_factory=Counter)
    put_off: Counter[str] = field(default_factory=Counter)
    repeated: int = 0


class Faithful(Player):
    """One person, always with the app open.

    Attributes:
        kept: by op id, the card and the direction of each acknowledged swipe.
        unanswered: frames without a reply, by op id, the oldest first.
        back_at: when the server was last itself again towards this client (time.perf_counter()): the first
            acknowledgement after a trouble, or one that came late. 0 while nothing was wrong.
    """

    load: Crowd

    def __init__(self, seat: Seat, load: Crowd) -> None:
        super().__init__(seat, load)
        self.view = View()
        self.kept: dict[str, tuple[str, str]] = {}
        self.unanswered: dict[str, bytes] = {}
        self.back_at = 0.0
        self._hit = False
        self._online = False
        self._gone = False
        self._coming = False
        self._returning: asyncio.Task[None] | None = None
        self._later: dict[str, asyncio.TimerHandle] = {}

    async def come(self, after_seconds: float = 0.0) -> None:
        """Connect, again and again until welcomed."""
        attempt, self._coming = 0, True
        await asyncio.sleep(after_seconds)
        while not self._gone:
            try:
                async with asyncio.timeout(_WELCOME_SECONDS):
                    await self.load.open(self)
            except OSError as error:
                self._hit = True
                self.load.troubles.turned_away[type(error).__name__] += 1
                if self.socket is not None:
                    self.socket.abort()
                await asyncio.sleep(full_jitter(attempt))
                attempt += 1
            else:
                break
        self._coming = False

    def cut(self) -> None:
        """Lose the line, as in a tunnel."""
        if self.socket is not None:
            self.socket.abort()

    def leave(self) -> None:
        """Leave the session for good; the server hangs up then."""
        self._gone = True
        if self._online and self.socket is not None:
            leave = {"op": "leave", "id": f"{self.swiped:026d}", "data": {}}
            self.socket.send(json.dumps(leave).encode())

    def go(self) -> None:
        """Close the app for good."""
        self._gone = True
        self.cut()

    def hello(self) -> dict[str, object]:
        """Name what is known."""
        return super().hello() | ({"resume": self.view.resume} if self.view.resume else {})

    def take(self, text: bytes) -> None:
        """Take a frame."""
        now = time.perf_counter()
        frame = json.loads(text)
        for one in frame.get("batch", (frame,)):
            if "re" in one:
                self._acknowledged(one, now)
            elif one["type"] == "welcome":
                self._take_welcome(one["data"], now)
            else:
                self._take_event(one, now)

    def lost(self, code: int) -> None:
        """Come back, unless this was meant."""
        was_online, self._online = self._online, False
        for later in self._later.values():
            later.cancel()
        self._later.clear()
        if not self.welcomed.done():
            self.welcomed.set_exception(ConnectionError("closed instead of welcomed"))
            self.welcomed.exception()  # nobody waits for it where not even the handshake came to its end
        if self.load.over or self._gone:
            return
        self._hit = True
        self.load.troubles.cut[code] += was_online
        if not self._coming:
            self._coming = True
            self._returning = asyncio.get_running_loop().create_task(self.come(self._wait_after(code)))

    def transmit(self, op_id: str, frame: bytes) -> None:
        """Send now, or when there is a line."""
        self.unanswered[op_id] = frame
        if self._online and self.socket is not None:
            self.socket.send(frame)

    def _wait_after(self, code: int) -> float:
        if code != _RESTARTS or self.socket is None:
            return full_jitter(0)
        reason = self.socket.close_reason
        asked = json.loads(reason).get("retry_after", 0.0) if reason.startswith("{") else _RETRY_AFTER_SECONDS
        return within(asked)

    def _take_welcome(self, welcome: Frame, now: float) -> None:
        self.view.begin(welcome)
        self._online = True
        for op_id in list(self.unanswered):
            self._again(op_id)
        if not welcome["resumed"]:
            for one in welcome["snapshot"]["participants"]:
                self._told({"participant_id": one["id"], "swiped": one["swiped"]}, now)
        if not self.welcomed.done():
            self.welcomed.set_result(None)
        if self._hit and not self.unanswered and self in self.load.players:
            self.swipe(now)  # whoever is back goes on

    def _take_event(self, event: Frame, now: float) -> None:
        self.view.apply(event)
        if event["type"] == "swiped":
            self._told(event["data"], now)
        elif event["type"] == "progress":
            for who, swiped in event["data"]["swiped"].items():
                self._told({"participant_id": who, "swiped": swiped}, now)

    def _acknowledged(self, reply: Frame, now: float) -> None:
        if self._gone:
            return
        op_id, error = reply["re"], reply.get("error", {})
        if error.get("retry_after"):
            self._hit = True
            self.load.troubles.put_off[error["code"]] += 1
            later = asyncio.get_running_loop().call_later(error["retry_after"], self._again, op_id)
            self._later[op_id] = later
            return
        frame, due = self.unanswered.pop(op_id, None), self.waiting.get(op_id, now)
        super()._acknowledged(reply, now)
        if frame is not None and reply["ok"]:
            told = json.loads(frame)["data"]
            self.kept[op_id] = (told["item"], told["direction"])
            if self._hit or now - due > LATE_SECONDS:
                self._hit, self.back_at = False, now

    def _again(self, op_id: str) -> None:
        frame = self.unanswered.get(op_id)
        if frame is not None and self._online and self.socket is not None:
            self.socket.send(frame)
            self.load.troubles.repeated += 1


class Crowd(Load):
    """Many of them.

    Attributes:
        players: those who go on swiping.
        everybody: also those who are done.
    """

    players: list[Faithful]
    drain_seconds = 45.0

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.troubles = Troubles()
        self.everybody: list[Faithful] = []

    def player(self, seat: Seat) -> Faithful:
        """Somebody who is faithful to their seat."""
        made = Faithful(seat, self)
        self.everybody.append(made)
        return made

    def room(self, chance: Random) -> list[Faithful]:
        """Those of some room who swipe."""
        session_id = chance.choice(self.players).seat.session_id
        return [player for player in self.players if player.seat.session_id == session_id]

    def retire(self, room: Sequence[Faithful]) -> None:
        """They swipe no more of their own accord."""
        leaving = set(room)
        self.players = [player for player in self.players if player not in leaving]

    def close(self) -> None:
        """Hang up everywhere."""
        self.over = True
        for player in self.everybody:
            player.go()

    async def _connect(self, player: Player, turns: asyncio.Semaphore) -> None:
        assert isinstance(player, Faithful)
        async with turns:
            await player.come()


async def agree(room: Sequence[Faithful]) -> None:
    """Have everybody of a room like the card that is left, once all they swiped before has its reply."""
    while any(player.unanswered for player in room):
        await asyncio.sleep(0.05)
    now = time.perf_counter()
    for player in room:
        player.send_swipe(player.seat.deck[-1], now, likes=True)
