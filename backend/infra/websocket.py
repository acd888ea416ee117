"""A WebSocket of our own under flask-sock: no greenlet while nothing is said, bounded memory, no compression.

simple-websocket, which flask-sock brings, starts a second thread for each socket, buffers without bound, lets two
senders interleave their frames and accepts compression at 90 KB a socket (docs/decisions/0002-websocket-transport.md).
What comes in is taken apart by wsproto, which knows the rules, UTF-8 included; what goes out waits in an `Outbox`.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable
from typing import Any, Protocol

import gevent
import structlog
from wsproto.connection import Connection, ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Message, Ping, Pong, TextMessage
from wsproto.utilities import LocalProtocolError, RemoteProtocolError

from backend.infra.socket_outbox import Outbox

_log = structlog.stdlib.get_logger(__name__)

_READ_BYTES = 4096
_READABLE = 1  # what an event loop calls it
_CLOSE_WAIT_SECONDS = 1.0
_FLUSH_SECONDS = 10.0
_READS_IN_A_ROW = 8
_MOST_FRAGMENTS = 64
_PINGS_PER_SECOND = 10

TRY_AGAIN_LATER = 1012
MALFORMED = 4400
UNAUTHENTICATED = 4401
NOT_A_PARTICIPANT = 4403
TOO_SLOW = 4408
TAKEN_OVER = 4409
TOO_MANY_OPERATIONS = 4429
INTERNAL_ERROR = 1011
NORMAL = 1000


class WebSocketClosed(Exception):
    """The peer has gone, or the socket was closed from our side."""


class Listener(Protocol):
    """Who goes on with a socket after its handshake. Nothing it raises goes any further."""

    def take(self, text: str) -> None:
        """Take a message. The next one comes when this has returned."""

    def ended(self) -> None:
        """Nothing more will come. Called once."""


class WebSocket:
    """One server-side WebSocket. Sending never blocks. Receiving has two parts: first a handler waits for messages with
    `receive`; then it may `hand_over` to a listener and end, and take its greenlet and its request with it.

    Attributes:
        last_seen: `time.monotonic()` of the last bytes from the peer.
        handed_over: a listener has it; the handler's end does not end it.
    """

    __slots__ = (
        "_closed",
        "_listener",
        "_max_message_bytes",
        "_outbox",
        "_partial",
        "_partial_bytes",
        "_pings",
        "_pings_since",
        "_protocol",
        "_reads",
        "_received",
        "_socket",
        "_watcher",
        "handed_over",
        "last_seen",
    )

    def __init__(
        self,
        connection: socket.socket,
        *,
        max_message_bytes: int = 16 * 1024,
        max_waiting_frames: int = 256,
        max_waiting_bytes: int = 1024 * 1024,
    ) -> None:
        """Args:
        connection: upgraded; from now on nobody else's.
        """
        self._socket = connection
        self._protocol = Connection(ConnectionType.SERVER)
        self._outbox = Outbox(connection, max_waiting_frames, max_waiting_bytes)
        self._max_message_bytes = max_message_bytes
        self._received: list[str] = []
        self._partial: list[str] = []
        self._partial_bytes = 0
        self._reads = 0
        self._pings = 0
        self._pings_since = time.monotonic()
        self._closed = False
        self._listener: Any = None
        self._watcher: Any = None
        self.handed_over = False
        self.last_seen = time.monotonic()

    @property
    def closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._closed or self._outbox.broken

    def receive(self, timeout: float | None = None) -> str | None:
        """The next text message, or None when `timeout` seconds have passed.

        Raises:
            WebSocketClosed: there will be no more.
        """
        with gevent.Timeout(timeout, False):
            while not self._received:
                if self.closed:
                    raise WebSocketClosed
                self._read()
        return self._received.pop(0) if self._received else None

    def hand_over(self, listener: Listener) -> None:
        """Let `listener` have what comes from now on, each message in its turn; the handler should return then.

        A greenlet of its own exists only while something that came is being taken.
        """
        self._listener = listener
        self.handed_over = True
        self._watcher = gevent.get_hub().loop.io(self._socket.fileno(), _READABLE)
        gevent.spawn(self._listen)  # something may have come together with the last message

    def send(self, text: str) -> None:
        """Queue one JSON text; it leaves at once. Texts that are due together are one frame, `{"batch":[…]}`, in order.

        A peer that does not read is cut off once too much waits for it; nobody else waits.
        """
        self._queue(text, hurried=True)

    def send_lazily(self, text: str) -> None:
        """The same for a text that may wait: at most 50 ms, and only on the heels of another, which saves a write."""
        self._queue(text, hurried=False)

    def flush(self) -> None:
        """Wait until everything queued has been handed to the network; a peer that takes too long is cut off."""
        self._outbox.hurry()
        deadline = time.monotonic() + _FLUSH_SECONDS
        while self._outbox.busy:
            if time.monotonic() > deadline:
                self.close(TOO_SLOW, "too slow")
                return
            gevent.sleep(0.005)

    def ping(self) -> None:
        """Ask the peer for a sign of life."""
        if not self.closed:
            self._put(Ping())

    def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Send what waits and a close frame, then end the connection. Does not block; closing twice is harmless."""
        if self.closed:
            return
        self._closed = True
        if code == TOO_SLOW:
            self._outbox.drop()  # it is not being read anyway
        self._put(CloseConnection(code, reason))
        gevent.spawn(self._hang_up)

    def finish(self) -> None:
        """The last call: wait, within bounds, until the peer has read our close frame, and let the connection go.

        Bytes of the peer that nobody read would make the kernel reset the connection and take the frame along.
        """
        with gevent.Timeout(_CLOSE_WAIT_SECONDS, False), contextlib.suppress(OSError):
            while self._outbox.busy:
                gevent.sleep(0.01)
            while self.closed and self._socket.recv(_READ_BYTES):
                gevent.sleep(0)
        self._closed = True
        self._socket.close()

    def _wake(self) -> None:
        self._watcher.stop()
        gevent.spawn(self._read_and_listen)

    def _read_and_listen(self) -> None:
        if not self.closed:
            self._read()
        self._listen()

    def _listen(self) -> None:
        """Pass on what has come; then watch for more, or say that there is no more."""
        while self._received and not self.closed:
            self._tell(self._listener.take, self._received.pop(0))
        if not self.closed:
            self._watcher.start(self._wake)
            return
        self._watcher.close()
        self._tell(self._listener.ended)
        self.finish()

    def _tell(self, call: Callable[..., None], *said: str) -> None:
        try:
            call(*said)
        except Exception:  # noqa: BLE001  # past the upgrade there is nobody above who could answer
            _log.exception("socket_listener_failed")
            self.close(INTERNAL_ERROR, "internal error")

    def _read(self) -> None:
        self._reads += 1
        if self._reads % _READS_IN_A_ROW == 0:
            gevent.sleep(0)  # a peer that sends without pause must not keep the others waiting
        try:
            data = self._socket.recv(_READ_BYTES)
        except OSError:
            data = b""
        if not data:
            self._closed = True
            return
        self.last_seen = time.monotonic()
        try:
            self._protocol.receive_data(data)
            for event in self._protocol.events():
                self._handle(event)
        except RemoteProtocolError as error:
            hint = error.event_hint
            self.close(hint.code if isinstance(hint, CloseConnection) else MALFORMED, "protocol error")

    def _handle(self, event: Any) -> None:
        if isinstance(event, TextMessage):
            self._take(event)
        elif isinstance(event, BytesMessage):
            self.close(MALFORMED, "text frames only")
        elif isinstance(event, Ping):
            self._answer_ping(event)
        elif isinstance(event, CloseConnection):
            self.close(event.code if event.code != 1005 else NORMAL)  # noqa: PLR2004  # 1005: no code was sent

    def _answer_ping(self, ping: Ping) -> None:
        now = time.monotonic()
        if now - self._pings_since >= 1:
            self._pings, self._pings_since = 0, now
        self._pings += 1
        if self._pings > _PINGS_PER_SECOND:
            self.close(TOO_MANY_OPERATIONS, "too many pings")
        elif not self.closed:
            self._put(ping.response())

    def _take(self, event: Message[str]) -> None:
        self._partial.append(event.data)
        self._partial_bytes += len(event.data.encode())
        if self._partial_bytes > self._max_message_bytes or len(self._partial) > _MOST_FRAGMENTS:
            self.close(MALFORMED, "message too large")
            return
        if event.message_finished:
            self._received.append("".join(self._partial))
            self._partial.clear()
            self._partial_bytes = 0

    def _queue(self, text: str, *, hurried: bool) -> None:
        if not self.closed and not self._outbox.put(text, hurried=hurried):
            self.close(TOO_SLOW, "too slow")

    def _put(self, control: Ping | Pong | CloseConnection) -> None:
        # Once the peer has said goodbye, only our own goodbye may be said.
        with contextlib.suppress(LocalProtocolError):
            self._outbox.put_frame(bytes(self._protocol.send(control)))

    def _hang_up(self) -> None:
        with gevent.Timeout(_CLOSE_WAIT_SECONDS, False):
            while self._outbox.busy:
                gevent.sleep(0.01)
            self._shut(socket.SHUT_WR)
            gevent.sleep(_CLOSE_WAIT_SECONDS)
        self._shut(socket.SHUT_RDWR)

    def _shut(self, how: int) -> None:
        # Wakes whoever reads, and thereby ends what is left of the conversation.
        with contextlib.suppress(OSError):
            self._socket.shutdown(how)
