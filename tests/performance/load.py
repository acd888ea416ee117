"""An open-loop load of swipes: each has a time at which it is due, and lateness counts against the server.

Every acknowledgement is checked to come exactly once, and every other participant of the room to learn of the swipe.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Sequence
from ipaddress import ip_address
from itertools import count
from urllib.parse import urlsplit

from tests.performance.measured import Measured
from tests.performance.scene import Seat
from tests.performance.servers import Server
from tests.performance.socket_client import SocketClient

_CONNECT_AT_ONCE = 50
_DRAIN_SECONDS = 15.0


class Player:
    """One seat at its socket."""

    def __init__(self, seat: Seat, load: Load) -> None:
        self.seat = seat
        self.load = load
        self.address = str(ip_address(0x7F000001 + next(load.addresses)))
        self.swiped = 0
        self.waiting: dict[str, float] = {}
        self.told: dict[str, int] = {}
        self.matched_at: list[float] = []
        self.socket: SocketClient | None = None
        self.welcomed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def take(self, text: bytes) -> None:
        """Take a frame."""
        now = time.perf_counter()
        frame = json.loads(text)
        for one in frame.get("batch", (frame,)):
            if "re" in one:
                self._acknowledged(one, now)
            elif one["type"] == "swiped":
                self._told(one["data"], now)
            elif one["type"] == "matched":
                self.matched_at.append(now)
            elif one["type"] == "welcome":
                self.welcomed.set_result(None)

    def hello(self) -> dict[str, object]:
        """How to greet the server."""
        return self.load.hello(self.seat)

    def lost(self, _code: int) -> None:
        """The server hung up."""
        if not self.load.over:
            self.load.result.closed += 1
        if not self.welcomed.done():
            self.welcomed.set_exception(ConnectionError("closed instead of welcomed"))

    def swipe(self, due: float) -> None:
        """Swipe the next card; nobody ever likes the card that would make a match."""
        cards = len(self.seat.deck) - 1  # the last one is left, so that nobody finishes
        item = self.swiped % cards
        if self.swiped < cards:
            self.load.announced[self.seat.user_id, self.swiped + 1] = due
        self.send_swipe(self.seat.deck[item], due, likes=item % 4 != self.seat.place % 4)

    def send_swipe(self, item: str, due: float, *, likes: bool) -> None:
        """Swipe this card, now."""
        op_id = f"{self.swiped:026d}"
        self.swiped += 1
        self.waiting[op_id] = due
        direction = "right" if likes else "left"
        operation = {"op": "swipe", "id": op_id, "data": {"item": item, "direction": direction}}
        self.load.result.sent += 1
        self.transmit(op_id, json.dumps(operation, separators=(",", ":")).encode())

    def transmit(self, _op_id: str, frame: bytes) -> None:
        """Give an operation to the network."""
        assert self.socket is not None
        self.socket.send(frame)

    def _acknowledged(self, reply: dict, now: float) -> None:
        due = self.waiting.pop(reply["re"], None)
        if due is None:
            self.load.result.doubled += 1
        elif reply["ok"]:
            self.load.result.acks.append(now - due)
        else:
            self.load.result.refused[reply["error"]["code"]] += 1

    def _told(self, told: dict, now: float) -> None:
        who, count = told["participant_id"], told["swiped"]
        before = self.told.get(who, 0)
        if count > before:
            self.told[who] = count
            due = self.load.announced.get((who, count))
            if due is not None and who != self.seat.user_id:
                self.load.result.fanouts.append(now - due)


class Load:
    """A crowd at its sockets.

    Attributes:
        hello: how to greet the server from a seat.
        drain_seconds: how long to wait for what is missing once the last swipe was sent.
    """

    drain_seconds = _DRAIN_SECONDS

    def __init__(self, server: Server) -> None:
        parts = urlsplit(server.url)
        self._host, self._port = parts.hostname or "", parts.port or 80
        self.hello = server.hello
        self.players: list[Player] = []
        self.announced: dict[tuple[str, int], float] = {}
        self.result = Measured(0)
        self.over = False
        self._started = 0.0
        self.addresses = count()

    async def connect(self, seats: Sequence[Seat]) -> None:
        """Open a socket for each seat, beside those that are open, and wait for the welcomes."""
        newcomers = [self.player(seat) for seat in seats]
        self.players += newcomers
        turns = asyncio.Semaphore(_CONNECT_AT_ONCE)
        await asyncio.gather(*(self._connect(player, turns) for player in newcomers))

    def player(self, seat: Seat) -> Player:
        """Somebody to sit there."""
        return Player(seat, self)

    def choose(self, chance: random.Random) -> Player:
        """Who swipes next."""
        return chance.choice(self.players)

    async def run(self, rate: float, seconds: float, seed: int = 1) -> Measured:
        """Swipe at `rate` a second, each by a random player, at moments as strangers would choose them."""
        chance = random.Random(seed)
        self.result = Measured(rate)
        self.announced.clear()
        self._started = due = time.perf_counter()
        while due - self._started < seconds:
            due += chance.expovariate(rate)
            wait = due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            self.choose(chance).swipe(due)
        await self._drain()
        self.result.unanswered = sum(len(player.waiting) for player in self.players)
        return self.result

    def close(self) -> None:
        """Hang up everywhere."""
        self.over = True
        for player in self.players:
            if player.socket is not None:
                player.socket.abort()

    async def open(self, player: Player) -> None:
        """Open a socket for somebody and wait for the welcome.

        Raises:
            OSError: nobody listens, or hung up instead.
        """
        loop = asyncio.get_running_loop()
        player.welcomed = loop.create_future()
        _, socket = await loop.create_connection(
            lambda: SocketClient(self._host, player.take, player.lost),
            self._host,
            self._port,
            local_addr=(player.address, 0),  # connecting is limited per address
        )
        player.socket = socket
        await socket.opened
        socket.send(json.dumps(player.hello()).encode())
        await player.welcomed

    async def _connect(self, player: Player, turns: asyncio.Semaphore) -> None:
        async with turns:
            await self.open(player)

    async def _drain(self) -> None:
        deadline = time.perf_counter() + self.drain_seconds
        while any(player.waiting for player in self.players) and time.perf_counter() < deadline:
            await asyncio.sleep(0.05)
        self.result.seconds = time.perf_counter() - self._started
        while (untold := self._untold()) and time.perf_counter() < deadline:
            await asyncio.sleep(0.1)
        self.result.untold = untold

    def _untold(self) -> int:
        """How many do not know yet how far somebody in their room is."""
        untold = 0
        by_room: dict[str, list[Player]] = {}
        for player in self.players:
            by_room.setdefault(player.seat.session_id, []).append(player)
        for room in by_room.values():
            for player in room:
                for other in room:
                    cards = min(other.swiped, len(other.seat.deck) - 1)
                    if other is not player and player.told.get(other.seat.user_id, 0) < cards:
                        untold += 1
        return untold
