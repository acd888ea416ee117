"""The server's side of the wire on loopback, played by the test itself: what it sends is what the test says."""

from __future__ import annotations

import json
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, Queue
from typing import Any

from wsproto import ConnectionType, WSConnection
from wsproto.events import (
    AcceptConnection,
    CloseConnection,
    Message,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)

from client.net.signals import EventReceived
from tests.waiting import eventually

PATIENCE = 30.0
"""Seconds after which something that should happen is taken as not happening."""


class SocketPeer:
    """Listens for the client's live sockets; each is accepted and spoken to on the test's own thread."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(PATIENCE)
        self._accepted: list[PeerSocket] = []
        self.port: int = self._listener.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}/api/v1/live"

    def accept(self) -> PeerSocket:
        """Wait for the client and complete the upgrade."""
        peer = self._request()
        peer.answer_upgrade()
        return peer

    def accept_unanswered(self) -> PeerSocket:
        """Wait for the client and its request, and leave what to answer to the test."""
        return self._request()

    def refuse(self, status: int, headers: dict[str, str] | None = None) -> None:
        """Wait for the client and answer its upgrade with an HTTP status."""
        self._request().refuse_upgrade(status, headers or {})

    def hear(self) -> dict[str, Any]:
        """Accept, and return the client's hello together with the socket under "socket"."""
        peer = self.accept()
        return {"socket": peer, **peer.expect()}

    def nobody_comes(self, seconds: float) -> bool:
        """Whether no client connects within so many seconds."""
        self._listener.settimeout(seconds)
        try:
            self._listener.accept()[0].close()
        except TimeoutError:
            return True
        finally:
            self._listener.settimeout(PATIENCE)
        return False

    def close(self) -> None:
        """Stop listening and drop every socket."""
        self._listener.close()
        for peer in self._accepted:
            peer.drop()

    def _request(self) -> PeerSocket:
        connection, _ = self._listener.accept()
        peer = PeerSocket(connection)
        self._accepted.append(peer)
        return peer


class PeerSocket:
    """One accepted socket, from the server's end."""

    def __init__(self, connection: socket.socket) -> None:
        connection.settimeout(PATIENCE)
        self._connection = connection
        self._protocol = WSConnection(ConnectionType.SERVER)
        self.request = self._next_event(Request)

    def answer_upgrade(self) -> None:
        """Accept the WebSocket."""
        self._write(self._protocol.send(AcceptConnection()))

    def refuse_upgrade(self, status: int, headers: dict[str, str]) -> None:
        """Answer with an HTTP status instead."""
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._write(self._protocol.send(RejectConnection(status_code=status, headers=encoded, has_body=True)))
        self._write(self._protocol.send(RejectData(data=b"no")))
        self.drop()

    def expect(self, *, but: str = "ping") -> dict[str, Any]:
        """The next frame of the client that is not an operation named `but`."""
        while True:
            frame: dict[str, Any] = json.loads(self._next_event(TextMessage).data)
            if frame.get("op") != but:
                return frame

    def expect_close(self) -> int:
        """The code with which the client closes."""
        return int(self._next_event(CloseConnection).code)

    def hear_nothing(self, seconds: float) -> bool:
        """Whether no operation but pings comes within so many seconds."""
        end = time.monotonic() + seconds
        try:
            while (left := end - time.monotonic()) > 0:
                self._connection.settimeout(left)
                if json.loads(self._next_event(TextMessage).data).get("op") != "ping":
                    return False
        except TimeoutError:
            return True
        finally:
            self._connection.settimeout(PATIENCE)
        return True

    def send(self, *frames: dict[str, Any]) -> None:
        """Send each frame as a message of its own."""
        for frame in frames:
            self.send_text(json.dumps(frame))

    def send_text(self, text: str) -> None:
        """Send any text."""
        self._write(self._protocol.send(Message(data=text)))

    def send_binary(self, content: bytes) -> None:
        """Send a binary message, which the protocol does not have."""
        self._write(self._protocol.send(Message(data=content)))

    def ping(self) -> None:
        """Send a WebSocket ping."""
        self._write(self._protocol.send(Ping()))

    def send_bytes(self, raw: bytes) -> None:
        """Write bytes below the WebSocket layer."""
        self._write(raw)

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye."""
        self._write(self._protocol.send(CloseConnection(code=code, reason=reason)))

    def drop(self) -> None:
        """Break the connection without a word."""
        self._connection.close()

    def _write(self, raw: bytes) -> None:
        self._connection.sendall(raw)

    def _next_event(self, kind: type[Any]) -> Any:
        while True:
            for event in self._protocol.events():
                if isinstance(event, kind):
                    return event
            received = self._connection.recv(65536)
            if not received:
                raise ConnectionError("the client closed the connection")
            self._protocol.receive_data(received)


Answer = tuple[int, Any]
Route = Callable[[dict[str, Any], str | None], Answer]


class _QuietServer(ThreadingHTTPServer):
    """Says nothing about clients that hang up in the middle of a request, as one does that is closed."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


class HttpPeer:
    """Answers HTTP with the functions in `routes`, keyed by "METHOD /path"; remembers what was asked.

    A route gets the JSON body and the bearer token and returns a status and a body: a dictionary as JSON (an
    error as problem+json), bytes as they are.
    """

    def __init__(self) -> None:
        self.routes: dict[str, Route] = {}
        self.asked: Queue[str] = Queue()
        self.headers: dict[str, str] = {}
        self.tags: list[str | None] = []
        """What each request said that it knows already."""
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                peer.answer(self)

            # The names that http.server looks for.
            do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any  # noqa: N815

            def log_message(self, *_: object) -> None:
                return

        self._server = _QuietServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,))
        self._thread.start()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        length = int(request.headers.get("Content-Length") or 0)
        content = json.loads(request.rfile.read(length)) if length else {}
        asked = f"{request.command} {request.path.removeprefix('/api/v1')}"
        self.tags.append(request.headers.get("If-None-Match"))
        self.asked.put(asked)
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ") or None
        status, body = self.routes.get(asked, not_found)(content, bearer)
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        request.send_response(status)
        request.send_header(
            "Content-Type", "application/problem+json" if status >= 400 else "application/json"
        )
        for name, value in self.headers.items():
            request.send_header(name, value)
        if status != 204:
            request.send_header("Content-Length", str(len(raw)))
        request.end_headers()
        request.wfile.write(raw)

    def wait_for(self, asked: str) -> None:
        """Wait until a route has been asked."""
        eventually(lambda: self.times_asked(asked), PATIENCE)

    def times_asked(self, asked: str) -> int:
        """How often a route was asked so far."""
        return list(self.asked.queue).count(asked)

    def close(self) -> None:
        """Stop answering."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def problem(status: int, code: str, detail: str = "No.", **more: Any) -> Answer:
    """An error as the server words it."""
    return status, {
        "type": f"urn:dindin:problem:{code}",
        "title": "Refused",
        "status": status,
        "detail": detail,
        "code": code,
        "request_id": "r1",
        **more,
    }


def not_found(_content: dict[str, Any], _token: str | None) -> Answer:
    """The answer where the test has no route."""
    return problem(404, "not_found")


class Recorder:
    """Keeps the signals of a live connection for the test's thread."""

    def __init__(self) -> None:
        self._signals: Queue[Any] = Queue()
        self.seen: list[Any] = []

    def __call__(self, signal: Any) -> None:
        self._signals.put(signal)

    def next(self, kind: type[Any], wanted: Callable[[Any], bool] = lambda _: True) -> Any:
        """The next signal of a kind that is wanted; those before it are kept in `seen`."""
        end = time.monotonic() + PATIENCE
        while True:
            signal = self._signals.get(timeout=max(end - time.monotonic(), 0.0))
            self.seen.append(signal)
            if isinstance(signal, kind) and wanted(signal):
                return signal

    def rest(self, kind: type[Any]) -> list[Any]:
        """The signals of a kind that are here already and were not looked at."""
        found = []
        while True:
            try:
                signal = self._signals.get_nowait()
            except Empty:
                return found
            self.seen.append(signal)
            if isinstance(signal, kind):
                found.append(signal)

    def event(self, seq: int) -> Any:
        """The event with this number."""
        return self.next(EventReceived, lambda signal: signal.event.seq == seq)
