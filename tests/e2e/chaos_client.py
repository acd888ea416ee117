"""A participant on a bad line: what it sends is lost, doubled or late, and its socket is cut at any moment.

It keeps the one rule that the protocol has for this: send every operation again, with the same id, after each
reconnect, until there is a reply.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from ipaddress import ip_address
from random import Random
from urllib.parse import urlsplit

import httpx

from tests.e2e.chaos_line import Line, Operation
from tests.e2e.chaos_view import Frame, View
from tests.e2e.person import Person

_WELCOME_SECONDS = 10.0
_BACK_OFF_SECONDS = 0.15
_ASK_AGAIN_SECONDS = 0.1
_CUT_AFTER_A_FRAME = 0.01
_LATE_SECONDS = 0.1
_ECHO_SECONDS = 2.0
_REPEATED_AT_ONCE = 40
_SERVER_ERROR = 500
# What becomes of an operation on its way, and how often in a hundred.
_FATES = {"sent": 62, "twice": 8, "late": 8, "echoed": 10, "lost": 6, "unanswered": 6}
# Codes that say the client or the server did something wrong; nothing in this chaos may lead to them.
_WRONG_CODES = frozenset({1000, 1011, 4400, 4401, 4403, 4429})


@dataclass
class ShakyClient:
    """A participant with at most one line at a time.

    Attributes:
        address: connecting is limited per address; everybody comes from one of their own.
        chance: decides what goes wrong.
        on_reply: called once per operation.
        stormy: whether anything goes wrong.
        trust: whom to believe that this is the server; None where it is spoken to without TLS.
    """

    person: Person
    session_id: str
    base_url: str
    chance: Random
    on_reply: Callable[[], None]
    view: View = field(default_factory=View)
    operations: list[Operation] = field(default_factory=list)
    stormy: bool = True
    trust: ssl.SSLContext | None = None
    connections: int = 0
    address: str = field(default_factory=lambda: str(ip_address(0x7F000000 + secrets.randbits(24))))
    _waiting: dict[str, Operation] = field(default_factory=dict)
    _line: Line | None = None
    _online: asyncio.Event = field(default_factory=asyncio.Event)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _reading: set[asyncio.Task[None]] = field(default_factory=set)

    async def stay_connected(self) -> None:
        """Connect, and again whenever the line is lost, until cancelled."""
        self._online.set()
        while True:
            await self._online.wait()
            await self._connect_once()
            await asyncio.sleep(self.chance.uniform(0, _BACK_OFF_SECONDS))

    async def stay_away(self, seconds: float) -> None:
        """Be without any line for a while."""
        self._online.clear()
        self._cut_line(politely=self.chance.random() < 0.5)
        await asyncio.sleep(seconds)
        self._online.set()

    async def carry_out(self, name: str, **told: object) -> Frame:
        """Do an operation; its final reply."""
        answered = asyncio.get_running_loop().create_future()
        operation = Operation(f"{len(self.operations):026d}", name, dict(told), answered)
        self.operations.append(operation)
        self._waiting[operation.id] = operation
        self._transmit(operation)
        return await answered

    async def ask(self, path: str) -> Frame:
        """GET something of the session, from whichever process lives to answer."""
        while True:
            try:
                answer = await asyncio.to_thread(self.person.http.get, f"/sessions/{self.session_id}/{path}")
            except httpx.TransportError:
                answer = None
            if answer is not None and answer.status_code < _SERVER_ERROR:
                assert answer.is_success, answer.text
                return answer.json()
            await asyncio.sleep(_ASK_AGAIN_SECONDS)

    async def repeat_everything(self) -> None:
        """Send every operation once more; the server must say what it said before."""
        for first in range(0, len(self.operations), _REPEATED_AT_ONCE):
            some = self.operations[first : first + _REPEATED_AT_ONCE]
            for operation in some:
                operation.answered = asyncio.get_running_loop().create_future()
                self._waiting[operation.id] = operation
                self._transmit(operation)
            await asyncio.gather(*(operation.answered for operation in some))

    async def reconnect(self) -> None:
        """Hang up, come back, and know how things stand."""
        before = self.connections
        self._cut_line(politely=False)
        await self.until(lambda: self.connections > before and self.view.refreshed)
        await asyncio.gather(*self._reading)

    async def until(self, condition: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait for something that frames bring about, not for longer than `seconds`; whether it came."""
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return condition()
        return True

    def hang_up(self) -> None:
        """Leave the line."""
        self._cut_line(politely=True)

    def __str__(self) -> str:
        waiting = [f"{operation.name} {operation.id[-3:]}" for operation in self._waiting.values()]
        return f"{self.person.name}: {self.view.now}, seq {self.view.seq}, waits for {waiting}"

    def _cut_line(self, politely: bool) -> None:
        if self._line is not None:
            self._line.cut(politely)

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
                    ssl=self.trust,
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
            if not self._online.is_set():
                line.cut(politely=False)
            self._transmit_all()
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
                self._take_welcome(line, one["data"])
            else:
                self.view.apply(one)
                if one["type"] == "resumed":  # what was refused because of the pause need not wait any longer
                    self._transmit_all()
            if self.stormy and self.chance.random() < _CUT_AFTER_A_FRAME:
                line.cut(politely=self.chance.random() < 0.5)
        self._news.set()

    def _take_welcome(self, line: Line, welcome: Frame) -> None:
        self.view.begin(welcome)
        line.welcomed.set_result(True)
        if not self.view.resumed:
            reading = asyncio.get_running_loop().create_task(self._read_messages())
            self._reading.add(reading)
            reading.add_done_callback(self._reading.discard)

    async def _read_messages(self) -> None:
        """A snapshot does not have them."""
        found = await self.ask("messages?limit=100")
        for said in found["items"]:
            self.view.messages[said["id"]] = (said["participant_id"], said["text"])

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

    def _transmit_all(self) -> None:
        for operation in list(self._waiting.values()):
            self._transmit(operation)

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
        """Give a copy to the network, unless it was refused: that is final, and the server keeps no record of it."""
        if self.stormy and operation.refusal:
            return
        if self._line is not None and not self._line.is_cut:
            self._line.send(operation.text)
            operation.copies += self.stormy
