"""A participant on a bad line: what it sends is lost, doubled or late, and its socket is cut at any moment.

It keeps the one rule that the protocol has for this: send every operation again, with the same id, after each
reconnect, until there is a reply.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from random import Random
from urllib.parse import urlsplit

from tests.e2e.chaos_view import Frame, View
from tests.e2e.person import Person
from tests.performance.socket_client import SocketClient

_WELCOME_SECONDS = 10.0
_BACK_OFF_SECONDS = 0.15
_CUT_AFTER_A_FRAME = 0.01
_LATE_SECONDS = 0.1
_ECHO_SECONDS = 2.0
_CLOSE = 0x8
_NORMAL_CLOSURE = (1000).to_bytes(2, "big")
# What becomes of an operation on its way, and how often in a hundred.
_FATES = {"sent": 62, "twice": 8, "late": 8, "echoed": 10, "lost": 6, "unanswered": 6}
# Codes that say the client or the server did something wrong; nothing in this chaos may lead to them.
_WRONG_CODES = frozenset({1000, 1011, 4400, 4401, 4403, 4429})


@dataclass
class Operation:
    """One operation and what the server said to it.

    Attributes:
        copies: how often it was given to the network while the storm lasted.
        reply: the first final one.
    """

    id: str
    name: str
    told: Frame
    answered: asyncio.Future[Frame]
    copies: int = 0
    reply: Frame | None = None

    @property
    def text(self) -> bytes:
        """The frame."""
        return json.dumps({"op": self.name, "id": self.id, "data": self.told}).encode()

    @property
    def accepted(self) -> bool:
        """Whether the server said that it was carried out."""
        return self.reply is not None and self.reply["ok"]


class Line(SocketClient):
    """One connection. After `cut` nothing that arrives on it counts any more."""

    def __init__(self, host: str, take: Callable[[Line, bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(host, lambda text: take(self, text), self._closed)
        self.welcomed: asyncio.Future[bool] = loop.create_future()
        self.lost: asyncio.Future[int] = loop.create_future()
        self.is_cut = False

    def cut(self, politely: bool) -> None:
        """Hang up, with a close frame or without."""
        self.is_cut = True
        if politely:
            self._send(_CLOSE, _NORMAL_CLOSURE)
        self.abort()

    def _closed(self, code: int) -> None:
        if not self.lost.done():
            self.lost.set_result(code)
        if not self.welcomed.done():
            self.welcomed.set_result(False)


@dataclass
class ShakyClient:
    """A participant with at most one line at a time.

    Attributes:
        address: connecting is limited per address; everybody comes from one of their own.
        chance: decides what goes wrong.
        on_reply: called once per operation.
        stormy: whether anything goes wrong.
    """

    person: Person
    session_id: str
    base_url: str
    chance: Random
    on_reply: Callable[[], None]
    view: View = field(default_factory=View)
    operations: list[Operation] = field(default_factory=list)
    stormy: bool = True
    connections: int = 0
    address: str = field(default_factory=lambda: str(ip_address(0x7F000000 + secrets.randbits(24))))
    _waiting: dict[str, Operation] = field(default_factory=dict)
    _line: Line | None = None
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def stay_connected(self) -> None:
        """Connect, and again whenever the line is lost, until cancelled."""
        while True:
            await self._connect_once()
            await asyncio.sleep(self.chance.uniform(0, _BACK_OFF_SECONDS))

    async def carry_out(self, name: str, **told: object) -> Frame:
        """Do an operation; its final reply."""
        answered = asyncio.get_running_loop().create_future()
        operation = Operation(f"{len(self.operations):026d}", name, dict(told), answered)
        self.operations.append(operation)
        self._waiting[operation.id] = operation
        self._transmit(operation)
        return await answered

    async def repeat_everything(self) -> None:
        """Send every operation once more; the server must say what it said before."""
        for operation in self.operations:
            operation.answered = asyncio.get_running_loop().create_future()
            self._waiting[operation.id] = operation
            self._transmit(operation)
        await asyncio.gather(*(operation.answered for operation in self.operations))

    async def reconnect(self) -> None:
        """Hang up, come back, and know how things stand."""
        before = self.connections
        if self._line is not None:
            self._line.cut(politely=False)
        await self.until(lambda: self.connections > before and self.view.refreshed)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something that frames bring about."""
        while not condition():
            self._news.clear()
            await self._news.wait()

    def hang_up(self) -> None:
        """Leave the line."""
        if self._line is not None:
            self._line.cut(politely=True)

    def __str__(self) -> str:
        waiting = [f"{operation.name} {operation.id[-3:]}" for operation in self._waiting.values()]
        return f"{self.person.name}: {self.view.status}, seq {self.view.seq}, waits for {waiting}"

    async def _connect_once(self) -> None:
        parts = urlsplit(self.base_url)
        line: Line | None = None
        try:
            async with asyncio.timeout(_WELCOME_SECONDS):
                _, line = await asyncio.get_running_loop().create_connection(
                    lambda: Line(parts.hostname or "", self._take),
                    parts.hostname,
                    parts.port,
                    local_addr=(self.address, 0),
                )
                await line.opened
                line.send(json.dumps(self._hello()).encode())
                if not await line.welcomed:
                    raise ConnectionError
        except (OSError, TimeoutError):
            if line is None or line.is_cut:
                return
            line.cut(politely=False)
        else:
            self._line = line
            self.connections += 1
            self._news.set()
            for operation in list(self._waiting.values()):
                self._transmit(operation)
        code = await line.lost
        self._line = None
        if code in _WRONG_CODES and not line.is_cut:
            self.view.flaws.append(f"the server closed the socket with {code}")

    def _hello(self) -> Frame:
        hello = {
            "op": "hello",
            "v": 1,
            "token": self.person.tokens["access_token"],
            "session": self.session_id,
        }
        return {**hello, "resume": self.view.resume} if self.view.resume else hello

    def _take(self, line: Line, text: bytes) -> None:
        frame = json.loads(text)
        for one in frame.get("batch", (frame,)):
            if line.is_cut:
                return
            if "re" in one:
                self._take_reply(one)
            elif one["type"] == "welcome":
                self.view.begin(one["data"])
                line.welcomed.set_result(True)
            else:
                self.view.apply(one)
            if self.stormy and self.chance.random() < _CUT_AFTER_A_FRAME:
                line.cut(politely=self.chance.random() < 0.5)
        self._news.set()

    def _take_reply(self, reply: Frame) -> None:
        operation = self.operations[int(reply["re"])]
        if not reply["ok"] and reply["error"].get("retry_after"):
            again = partial(self._transmit, operation)
            asyncio.get_running_loop().call_later(reply["error"]["retry_after"], again)
            return
        first = operation.reply
        if first is None:
            operation.reply = reply
            self.on_reply()
        elif (first["ok"], first.get("data")) != (reply["ok"], reply.get("data")):
            self.view.flaws.append(f"{operation.name} {operation.told} was answered {first}, then {reply}")
        if self._waiting.pop(operation.id, None) and not operation.answered.done():
            operation.answered.set_result(reply)

    def _transmit(self, operation: Operation) -> None:
        """Send on the line there is; without one it goes out with the next."""
        if operation.id not in self._waiting or self._line is None or self._line.is_cut:
            return
        fate = self.chance.choices(list(_FATES), list(_FATES.values()))[0] if self.stormy else "sent"
        if fate == "late":
            self._copy_after(self.chance.uniform(0, _LATE_SECONDS), operation)
        elif fate != "lost":
            self._copy(operation)
        if fate == "twice":
            self._copy(operation)
        elif fate == "echoed":
            self._copy_after(self.chance.uniform(0, _ECHO_SECONDS), operation)
        elif fate in {"lost", "unanswered"}:
            self._line.cut(politely=self.chance.random() < 0.5)

    def _copy_after(self, seconds: float, operation: Operation) -> None:
        asyncio.get_running_loop().call_later(seconds, self._copy, operation)

    def _copy(self, operation: Operation) -> None:
        if self._line is not None and not self._line.is_cut:
            self._line.send(operation.text)
            operation.copies += self.stormy
