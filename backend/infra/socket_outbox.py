"""What waits to be written to live sockets: in order, bounded, and in as few writes as nobody notices.

A write is the dearest thing a busy process does. So texts that are due together leave as one frame, and a text that can
wait does, for a moment: until something hurried goes to the same socket, or the last write is long enough ago.
"""

from __future__ import annotations

import heapq
import socket
import ssl
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import count

import gevent
import structlog

_log = structlog.stdlib.get_logger(__name__)

WINDOW_SECONDS = 0.05
_TICK_SECONDS = 0.01
# Who is looked for every tick waits no longer than the window.
_PATIENCE_SECONDS = WINDOW_SECONDS - _TICK_SECONDS
_LARGEST_FRAME = 16 * 1024 - 64  # with room for what makes a batch
_SOCKETS_IN_A_ROW = 64

_TEXT = 0x81  # one whole text frame (RFC 6455, section 5.2)
_ONE_BYTE_SIZES, _TWO_BYTE_SIZES = 126, 1 << 16


class Outbox:
    """What waits for one socket. Putting something in never blocks; all of it runs in one gevent loop.

    Attributes:
        broken: the network took nothing more; the connection has been shut down.
    """

    __slots__ = (
        "_connection",
        "_in_turn",
        "_max_frames",
        "_max_size",
        "_postponed",
        "_size",
        "_waiting",
        "_written_at",
        "broken",
    )

    def __init__(self, connection: socket.socket, max_frames: int, max_size: int) -> None:
        """Args:
        max_size: of all texts that wait, in characters.
        """
        self._connection = connection
        self._max_frames = max_frames
        self._max_size = max_size
        self._waiting: list[str | bytes] = []
        self._size = 0
        self._written_at = 0.0
        self._in_turn = False
        self._postponed = False
        self.broken = False

    @property
    def busy(self) -> bool:
        """Whether something has not been handed to the network yet."""
        return bool(self._waiting) or self._in_turn

    def put(self, text: str, *, hurried: bool) -> bool:
        """Queue a text; False once too much waits.

        Args:
            hurried: leave at once, and take along what waits. Otherwise it may wait, at most `WINDOW_SECONDS`, if
                something was written to this socket less than that ago.
        """
        self._waiting.append(text)
        self._size += len(text)
        if hurried or time.monotonic() - self._written_at >= _PATIENCE_SECONDS:
            self.hurry()
        elif not (self._postponed or self._in_turn):
            _TURNS.later(self, self._written_at + _PATIENCE_SECONDS)
            self._postponed = True
        return len(self._waiting) <= self._max_frames and self._size <= self._max_size

    def put_frame(self, frame: bytes) -> None:
        """Queue a frame that is ready to be sent, behind what waits; it leaves at once."""
        self._waiting.append(frame)
        self.hurry()

    def hurry(self) -> None:
        """Let what waits leave in this turn of the loop."""
        if self._waiting and not self._in_turn:
            self._in_turn = True
            _TURNS.now(self)

    def drop(self) -> None:
        """Forget what waits."""
        self._waiting.clear()
        self._size = 0

    def _come_due(self) -> float | None:
        """The time after which what could wait may not any more; when to look again, if it is not yet."""
        self._postponed = False
        due = self._written_at + _PATIENCE_SECONDS
        if self._waiting and not self._in_turn:
            if time.monotonic() < due:  # something hurried was written meanwhile, and this came after it
                self._postponed = True
                return due
            self.hurry()
        return None

    def _write(self) -> None:
        """Hand over what the network takes without waiting; the rest goes on in a greenlet of its own."""
        try:
            while self._waiting:
                chunk = self._next_chunk()
                sent = self._try_to_send(chunk)
                if sent < len(chunk):
                    gevent.spawn(self._write_rest, chunk[sent:])
                    return
        except OSError:
            self._break()
        except Exception:  # noqa: BLE001  # whatever is wrong with this one, the others' turn comes
            _log.exception("socket_write_failed")
            self._break()
        self._written_at = time.monotonic()
        self._in_turn = False

    def _try_to_send(self, chunk: bytes) -> int:
        if isinstance(self._connection, ssl.SSLSocket):  # has no way of sending that never waits
            return 0
        try:
            sent: int = self._connection.send(chunk, timeout=0.0)  # type: ignore[call-arg]  # gevent's own sockets
        except BlockingIOError:
            return 0
        return sent

    def _write_rest(self, chunk: bytes) -> None:
        try:
            self._connection.sendall(chunk)
        except OSError:
            self._break()
        self._write()

    def _next_chunk(self) -> bytes:
        first = self._waiting[0]
        if isinstance(first, bytes):
            del self._waiting[0]
            return first
        taken, size = 0, 0
        for text in self._waiting:
            size += len(text) + 1
            if isinstance(text, bytes) or (taken and size > _LARGEST_FRAME):
                break
            taken += 1
        texts = [text for text in self._waiting[:taken] if isinstance(text, str)]
        del self._waiting[:taken]
        self._size -= sum(map(len, texts))
        return text_frame(texts)

    def _break(self) -> None:
        self.broken = True
        self.drop()
        with suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)  # wakes whoever reads from it


def text_frame(texts: Sequence[str]) -> bytes:
    """JSON texts as one WebSocket frame: a single one as it is, several as `{"batch":[…]}`, in order."""
    payload = (texts[0] if len(texts) == 1 else '{"batch":[' + ",".join(texts) + "]}").encode()
    size = len(payload)
    if size < _ONE_BYTE_SIZES:
        head = bytes((_TEXT, size))
    elif size < _TWO_BYTE_SIZES:
        head = bytes((_TEXT, 126)) + size.to_bytes(2, "big")
    else:
        head = bytes((_TEXT, 127)) + size.to_bytes(8, "big")
    return head + payload


class _Turns:
    """Whose turn it is to be written to, for all sockets of a process.

    A greenlet exists only while there is somebody to write to, and another while somebody can wait.
    """

    def __init__(self) -> None:
        self._now: list[Outbox] = []
        self._writing = False
        self._later: list[tuple[float, int, Outbox]] = []
        self._looking = False
        self._numbers = count()

    def now(self, outbox: Outbox) -> None:
        """Write to it as soon as the loop is free, so that what is put in until then leaves together."""
        self._now.append(outbox)
        if not self._writing:
            self._writing = True
            gevent.spawn(self._write)

    def later(self, outbox: Outbox, due: float) -> None:
        """Look at it again when it is `due` (time.monotonic()), or up to a tick later."""
        heapq.heappush(self._later, (due, next(self._numbers), outbox))
        if not self._looking:
            self._looking = True
            gevent.spawn(self._look)

    def _write(self) -> None:
        try:
            while self._now:
                turn, self._now = self._now[:_SOCKETS_IN_A_ROW], self._now[_SOCKETS_IN_A_ROW:]
                for outbox in turn:
                    outbox._write()
                if self._now:
                    gevent.sleep(0)  # whoever reads has a turn, too
        finally:
            self._writing = False

    def _look(self) -> None:
        try:
            while self._later:
                gevent.sleep(_TICK_SECONDS)
                now = time.monotonic()
                while self._later and self._later[0][0] <= now:
                    _, _, outbox = heapq.heappop(self._later)
                    again = outbox._come_due()
                    if again is not None:
                        heapq.heappush(self._later, (again, next(self._numbers), outbox))
        finally:
            self._looking = False


_TURNS = _Turns()
