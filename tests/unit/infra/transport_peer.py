"""Who the scenarios of the transport talk to: the other end of a connected pair of sockets, and a listener on ours."""

from __future__ import annotations

import json
import struct
import sys
from collections.abc import Callable
from typing import Any

import gevent
from gevent import socket

from backend.infra.upgrade import Upgrade

SECONDS = 10.0
_CLOSE = 8


class Peer:
    """The other end. Unpacks batches, notes how they came."""

    def __init__(self, *, small_buffers: bool = False) -> None:
        ours, self.socket = socket.socketpair()
        if small_buffers:
            ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.ws = Upgrade(_handshake(ours)).socket
        ours.close()  # as gunicorn does when the handler has returned
        self._unread = b""
        while b"\r\n\r\n" not in self._unread:
            self._unread += self.socket.recv(4096)
        self._unread = self._unread.split(b"\r\n\r\n", 1)[1]
        self.frames: list[list[Any]] = []
        self.sizes: list[int] = []
        self.close_code: int | None = None

    @property
    def texts(self) -> list[Any]:
        """Everything said so far, whichever frame it came in."""
        return [text for frame in self.frames for text in frame]

    def say(self, *texts: str) -> None:
        """Send short messages, all at once; masked with zeroes, which RFC 6455 allows."""
        frames = (bytes((0x81, 0x80 | len(text))) + bytes(4) + text.encode() for text in texts)
        self.socket.sendall(b"".join(frames))

    def read_until(self, texts: int) -> None:
        """Read until so many texts, or a close frame, have come."""
        with gevent.Timeout(SECONDS):
            while len(self.texts) < texts and self.close_code is None:
                self._read_frame()

    def read_to_the_end(self) -> None:
        """Read until a close frame has come."""
        self.read_until(sys.maxsize)

    def _read_frame(self) -> None:
        opcode, size = self._take(2)
        if size >= 126:
            size = int.from_bytes(self._take(2 if size == 126 else 8), "big")
        payload = self._take(size)
        if opcode & 0x0F == _CLOSE:
            (self.close_code,) = struct.unpack("!H", payload[:2])
            return
        said = json.loads(payload)
        self.sizes.append(size)
        self.frames.append(said["batch"] if isinstance(said, dict) else [said])

    def _take(self, size: int) -> bytes:
        while len(self._unread) < size:
            more = self.socket.recv(65536)
            if not more:
                raise ConnectionError("hung up without a close frame")
            self._unread += more
        taken, self._unread = self._unread[:size], self._unread[size:]
        return taken


class Notes:
    """A listener that writes down what it is told."""

    def __init__(self, *, fails_on: str = "") -> None:
        self.taken: list[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.ends = 0
        self._fails_on = fails_on

    def take(self, text: str) -> None:
        """Take a while over it."""
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        gevent.sleep(0.001)
        self.taken.append(text)
        self.at_once -= 1
        if text == self._fails_on:
            raise ValueError(text)

    def ended(self) -> None:
        """Count it."""
        self.ends += 1

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until it is so."""
        with gevent.Timeout(SECONDS):
            while not condition():
                gevent.sleep(0.01)


def _handshake(connection: socket.socket) -> dict[str, Any]:
    return {
        "HTTP_UPGRADE": "websocket",
        "HTTP_CONNECTION": "Upgrade",
        "HTTP_SEC_WEBSOCKET_VERSION": "13",
        "HTTP_SEC_WEBSOCKET_KEY": "AAAAAAAAAAAAAAAAAAAAAA==",
        "gunicorn.socket": connection,
    }
