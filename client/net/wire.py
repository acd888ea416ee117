"""One WebSocket, read with a wait that another thread can end."""

from __future__ import annotations

import selectors
import socket
import time
from dataclasses import dataclass
from typing import Any, TypeAlias

from websocket import (
    ABNF,
    WebSocket,
    WebSocketBadStatusException,
    WebSocketException,
    WebSocketPayloadException,
    WebSocketTimeoutException,
)

LARGEST_HANDSHAKE_BYTES = 64 * 1024
LARGEST_MESSAGE_BYTES = 1024 * 1024
"""Many times the protocol's 16 KiB; only there so that no server can fill this device's memory."""

_CLOSE_CODE_BYTES = 2
_MORE_WAKES_THAN_EVER = 1024 * 1024
_LONGEST_WAIT_SECONDS = 3600.0  # systems take no number for it that is much larger


class WireError(Exception):
    """The connection could not be made or has broken."""


class UpgradeRefusedError(WireError):
    """An HTTP answer came in place of the WebSocket; `retry_after` is in seconds."""

    def __init__(self, status: int, retry_after: float | None) -> None:
        super().__init__(f"HTTP status {status} in place of a WebSocket")
        self.status = status
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Text:
    """A whole text message."""

    content: bytes


@dataclass(frozen=True, slots=True)
class Other:
    """A ping, a pong, or a binary message that the protocol does not have: a sign of life."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The server said goodbye; `code` is None when it gave none."""

    code: int | None
    reason: str


Message: TypeAlias = Text | Other | Closed


class Waker:
    """Ends a wait in another thread; what it said is kept until the next wait."""

    def __init__(self) -> None:
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)
        self._writing.setblocking(False)

    def fileno(self) -> int:
        """For a selector."""
        return self._reading.fileno()

    def wake(self) -> None:
        """End the wait now, or the next one at once."""
        try:
            self._writing.send(b"!")
        except BlockingIOError:
            # Full of wakes that were not seen yet: as good as one more.
            return
        except OSError:
            # Closed: nobody waits any more.
            return

    def wait(self, seconds: float) -> None:
        """Wait until woken, or so many seconds, or an hour."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._reading, selectors.EVENT_READ)
            selector.select(min(max(seconds, 0.0), _LONGEST_WAIT_SECONDS))
        self.take()

    def take(self) -> bool:
        """Whether somebody woke us since this was last asked."""
        try:
            return bool(self._reading.recv(_MORE_WAKES_THAN_EVER))
        except OSError:
            return False

    def close(self) -> None:
        """Give the two sockets back."""
        self._reading.close()
        self._writing.close()


class _Metered:
    """A socket that gives only as many bytes as it is allowed to, and only until a moment.

    The library reads whatever length a frame announces, however slowly it comes, and header after header.
    """

    def __init__(self, connection: Any, size: int, seconds: float) -> None:
        self._connection = connection
        self.allow_bytes(size)
        self.allow_seconds(seconds)

    def allow_bytes(self, size: int) -> None:
        """So many more from now on."""
        self._size_left = size

    def allow_seconds(self, seconds: float) -> None:
        """For so long from now on."""
        self._ends = time.monotonic() + seconds

    def recv(self, size: int) -> bytes:
        """As a socket does it."""
        if self._size_left <= 0:
            raise WebSocketPayloadException("the server says too much at once")
        if time.monotonic() >= self._ends:
            raise TimeoutError
        received: bytes = self._connection.recv(min(size, self._size_left))
        self._size_left -= len(received)
        return received

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


class _BoundedWebSocket(WebSocket):
    """Reads from a `_Metered` socket, from the handshake on, which may take `seconds`."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        super().__init__()

    @property
    def sock(self) -> Any:
        """What the library reads from and writes to, or None: a `_Metered` instead of a socket."""
        return self._metered

    @sock.setter
    def sock(self, connection: Any) -> None:
        bounds = (LARGEST_HANDSHAKE_BYTES, self._seconds)
        self._metered = None if connection is None else _Metered(connection, *bounds)


def _new_socket(seconds: float) -> Any:
    """Any, because only some of the library's methods have types."""
    return _BoundedWebSocket(seconds)


class Wire:
    """A connected WebSocket for one thread; `waker` is the only thing others touch.

    `seconds` limits the handshake, sending, and waiting for the rest of a message that has begun.
    """

    def __init__(self, url: str, waker: Waker, seconds: float) -> None:
        self._waker = waker
        self._seconds = seconds
        self._socket = _new_socket(seconds)
        try:
            # No redirects: the token must go to the configured server only. No Origin: this is no web page.
            self._socket.connect(url, timeout=seconds, redirect_limit=0, suppress_origin=True)
        except WebSocketBadStatusException as refusal:
            raise UpgradeRefusedError(refusal.status_code, _retry_after(refusal.resp_headers)) from refusal
        except (WebSocketException, OSError, ValueError) as failure:
            raise WireError(str(failure)) from failure
        self._socket.sock.allow_bytes(LARGEST_MESSAGE_BYTES)

    def send(self, text: str) -> None:
        """Send one text message; raises `WireError`."""
        try:
            self._socket.send(text)
        except (WebSocketException, OSError) as failure:
            raise WireError(str(failure)) from failure

    def receive(self, seconds: float) -> Message | None:
        """The next message; None when none came in time or the waker woke us; raises `WireError`."""
        try:
            if not self._readable(seconds):
                return None
            self._socket.sock.allow_seconds(self._seconds)
            opcode, frame = self._socket.recv_data_frame(control_frame=True)
        except WebSocketTimeoutException:
            # A part of a message: the library has kept it, the rest is read next time.
            return None
        except (WebSocketException, OSError, ValueError) as failure:
            raise WireError(str(failure)) from failure
        return self._message(opcode, frame.data)

    def close(self) -> None:
        """Say goodbye if the server can still hear it, and close."""
        try:
            if self._socket.connected:
                self._socket.send_close()
        except (WebSocketException, OSError):
            return
        finally:
            self._socket.shutdown()

    def _readable(self, seconds: float) -> bool:
        connection = self._socket.sock
        if connection is None:
            raise WireError("the connection is closed")
        if getattr(connection, "pending", int)():
            # Bytes that TLS has decrypted already do not make the socket readable.
            return True
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ, "server")
            selector.register(self._waker, selectors.EVENT_READ, "waker")
            ready = {key.data for key, _ in selector.select(max(seconds, 0.0))}
        return "server" in ready

    def _message(self, opcode: int, content: bytes) -> Message:
        if opcode == ABNF.OPCODE_TEXT:
            self._socket.sock.allow_bytes(LARGEST_MESSAGE_BYTES)
            return Text(content)
        if opcode == ABNF.OPCODE_CLOSE:
            return _closed(content)
        return Other()


def _closed(content: bytes) -> Closed:
    if len(content) < _CLOSE_CODE_BYTES:
        return Closed(None, "")
    code = int.from_bytes(content[:_CLOSE_CODE_BYTES], "big")
    return Closed(code, content[_CLOSE_CODE_BYTES:].decode("utf-8", "replace"))


def _retry_after(headers: Any) -> float | None:
    value = (headers or {}).get("retry-after", "")
    return float(value) if value.isascii() and value.isdecimal() else None
