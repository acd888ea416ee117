"""A line between the client and the server that can be cut in every way a line gets cut."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import Future
from enum import Enum
from typing import Any, Literal

_CHUNK_BYTES = 65536
_START_SECONDS = 10.0
_RESET_INSTEAD_OF_GOODBYE = struct.pack("ii", 1, 0)
"""SO_LINGER for no time: closing sends RST, as when a machine or its network dies and comes back."""

Direction = Literal["up", "down"]


class Cut(Enum):
    """How a line is cut. The last four cut it and then, at some point of the handshake, the one that follows."""

    RESET = "RST to both sides"
    FREEZE = "nothing arrives any more, and nobody is told"
    IN_A_FRAME_TO_THE_SERVER = "half of what is said to the server arrives"
    IN_A_FRAME_TO_THE_CLIENT = "half of what is said to the client arrives"
    IN_THE_UPGRADE = "half of the request for the upgrade arrives"
    IN_ITS_ANSWER = "half of the answer to it arrives"
    IN_THE_HELLO = "half of the hello arrives"
    IN_THE_WELCOME = "half of the welcome arrives"


_BREAKS_IN: dict[Cut, Direction] = {
    Cut.IN_A_FRAME_TO_THE_SERVER: "up",
    Cut.IN_A_FRAME_TO_THE_CLIENT: "down",
}
_BREAKS_NEXT: dict[Cut, tuple[Direction, int]] = {
    Cut.IN_THE_UPGRADE: ("up", 0),
    Cut.IN_ITS_ANSWER: ("down", 0),
    Cut.IN_THE_HELLO: ("up", 1),
    Cut.IN_THE_WELCOME: ("down", 1),
}
"""Where the next line breaks: in which direction, and in the how manyeth chunk that goes there."""


class _Line:
    """One connection, with a socket to either side."""

    def __init__(self, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._to: dict[Direction, asyncio.StreamWriter] = {"up": server, "down": client}
        self._passed: dict[Direction, int] = {"up": 0, "down": 0}
        self._break_in: tuple[Direction, int] | None = None
        self._frozen = False
        self.ended: asyncio.Future[float] = asyncio.get_running_loop().create_future()

    async def carry(self, direction: Direction, source: asyncio.StreamReader) -> None:
        """Pass on what comes from one side until it ends or the line is cut."""
        target = self._to[direction]
        try:
            while chunk := await source.read(_CHUNK_BYTES):
                if self._frozen:
                    continue
                if self._break_in == (direction, self._passed[direction]):
                    target.write(chunk[: len(chunk) // 2])
                    await target.drain()
                    self.reset()
                    return
                self._passed[direction] += 1
                target.write(chunk)
                await target.drain()
        except ConnectionError:
            pass
        if not self._frozen:
            target.close()
            self._note_end()

    def break_in(self, direction: Direction, number: int | None = None) -> None:
        """Cut in the middle of this chunk of that direction; by default of the next one."""
        self._break_in = (direction, self._passed[direction] if number is None else number)

    def freeze(self) -> None:
        """Let nothing through any more; both sides keep their sockets."""
        self._frozen = True
        self._note_end()

    def reset(self) -> None:
        """Break it at once, towards both sides."""
        for writer in self._to.values():
            if not writer.is_closing():
                own = writer.get_extra_info("socket")
                own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_INSTEAD_OF_GOODBYE)
            writer.transport.abort()
        self._note_end()

    def _note_end(self) -> None:
        if not self.ended.done():
            self.ended.set_result(time.monotonic())


class CuttingProxy:
    """Passes TCP connections of one client on to the server's port, on a thread of its own."""

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._loop = asyncio.new_event_loop()
        self._lines: list[_Line] = []
        self._next_breaks: tuple[Direction, int] | None = None
        self._opened = asyncio.Condition()
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self._thread = threading.Thread(target=self._loop.run_forever, name="cutting proxy", daemon=True)
        self._thread.start()
        self._listener = self._call(self._listen()).result(_START_SECONDS)

    def cut(self, how: Cut) -> Future[float]:
        """Cut the line that stands; the result is the moment (monotonic) at which it had ended."""
        return self._call(self._cut(how))

    def close(self) -> None:
        """Cut everything and stop."""
        self._call(self._close()).result(_START_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _call(self, work: Coroutine[Any, Any, Any]) -> Future[Any]:
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    async def _listen(self) -> asyncio.Server:
        listener = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.port = listener.sockets[0].getsockname()[1]
        return listener

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection("127.0.0.1", self._server_port)
        line = _Line(writer, to_server)
        if self._next_breaks is not None:
            line.break_in(*self._next_breaks)
            self._next_breaks = None
        for work in (line.carry("up", reader), line.carry("down", from_server)):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        async with self._opened:
            self._lines.append(line)
            self._opened.notify_all()

    async def _cut(self, how: Cut) -> float:
        line = self._lines[-1]
        match how:
            case Cut.RESET:
                line.reset()
            case Cut.FREEZE:
                line.freeze()
            case Cut.IN_A_FRAME_TO_THE_SERVER | Cut.IN_A_FRAME_TO_THE_CLIENT:
                line.break_in(_BREAKS_IN[how])
            case _:
                self._next_breaks = _BREAKS_NEXT[how]
                line.reset()
                line = await self._line_after(line)
        return await line.ended

    async def _line_after(self, line: _Line) -> _Line:
        async with self._opened:
            await self._opened.wait_for(lambda: self._lines[-1] is not line)
        return self._lines[self._lines.index(line) + 1]

    async def _close(self) -> None:
        self._listener.close()
        for line in self._lines:
            line.reset()
        await asyncio.gather(*self._tasks, return_exceptions=True)
