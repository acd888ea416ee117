"""A person at the wire: plain HTTP and a plain WebSocket, with no code of the client in between."""

from __future__ import annotations

import copy
import json
import secrets
import socket
import time
from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

import httpx
import websocket

_WAIT_SECONDS = 15.0
_CONNECT_ATTEMPTS = 30
_BACK_OFF_SECONDS = 0.2
_PING_AGAIN_SECONDS = 0.05
_ANOTHER_PROCESS_SECONDS = 20.0  # the kernel chooses who accepts; on a busy machine it is often the same one
_CONNECT_AGAIN_SECONDS = 0.01
_OPERATIONS_OF_A_DEVICE = 10_000


class Person:
    """A registered user with, at most, one live socket. Remembers every frame it got.

    Attributes:
        devices: this one and what `second_device` made.
    """

    def __init__(self, base_url: str, name: str) -> None:
        self.name = name
        # Registering is limited per address; everybody comes from one of their own.
        address = str(ip_address(0x7F000000 + secrets.randbits(24)))
        transport = httpx.HTTPTransport(local_address=address)
        self.http = httpx.Client(base_url=f"{base_url}/api/v1", timeout=15, transport=transport)
        self.password = secrets.token_urlsafe(12)
        answer = self.http.post(
            "/auth/register",
            json={
                "email": f"{name.lower()}.{secrets.token_hex(6)}@example.com",
                "password": self.password,
                "display_name": name,
            },
        )
        assert answer.status_code == 201, answer.text
        self.tokens: dict[str, Any] = answer.json()
        self.id: str = self.tokens["user"]["id"]
        self.http.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"
        self._live_url = base_url.replace("http", "ws", 1) + "/api/v1/live"
        self._operations = 0
        self.frames: list[dict[str, Any]] = []
        self.longest_frame = 0
        self.welcome: dict[str, Any] = {}
        self.socket: websocket.WebSocket | None = None
        self.devices: list[Person] = [self]

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """POST that must succeed."""
        answer = self.http.post(path, json=body or {})
        assert answer.is_success, answer.text
        return answer.json()

    def get(self, path: str) -> dict[str, Any]:
        """GET that must succeed."""
        answer = self.http.get(path)
        assert answer.is_success, answer.text
        return answer.json()

    def open_socket(self, receive_buffer: int | None = None) -> websocket.WebSocket:
        """Connect without saying hello; with a small `receive_buffer` (bytes) one is soon a slow reader."""
        self.close()
        options = [(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)] if receive_buffer else []
        self.socket = websocket.create_connection(
            self._live_url, timeout=_WAIT_SECONDS, suppress_origin=True, sockopt=options
        )
        return self.socket

    def connect(
        self, session_id: str | None, resume: dict[str, Any] | None = None, takeover: bool = False
    ) -> dict[str, Any]:
        """Connect and say hello; the welcome. A process that is stopping sends on to another, as to any client.

        Args:
            session_id: None for the inbox.
        """
        hello = {"op": "hello", "v": 1, "token": self.tokens["access_token"]}
        if session_id:
            hello["session"] = session_id
        if resume:
            hello["resume"] = resume
        if takeover:
            hello["takeover"] = True
        for _ in range(_CONNECT_ATTEMPTS):
            self.open_socket()
            self.send_raw(hello)
            try:
                self.welcome = self.wait(lambda frame: frame.get("type") == "welcome")["data"]
            except websocket.WebSocketConnectionClosedException:
                time.sleep(_BACK_OFF_SECONDS)
                continue
            return self.welcome
        raise AssertionError(f"{self.name} was never welcomed")

    def connect_to(self, session_id: str | None, wanted: Callable[[str], bool]) -> str:
        """Connect until the process that answers is a wanted one; its node."""
        deadline = time.monotonic() + _ANOTHER_PROCESS_SECONDS
        while time.monotonic() < deadline:
            node: str = self.connect(session_id)["node"]
            if wanted(node):
                return node
            self.close()
            time.sleep(_CONNECT_AGAIN_SECONDS)
        raise AssertionError("the load was never given to a wanted process")

    def close(self) -> None:
        """Hang up."""
        if self.socket is not None:
            self.socket.shutdown()
            self.socket = None

    def send_raw(self, frame: Any) -> None:
        """Send anything."""
        assert self.socket is not None
        self.socket.send(frame if isinstance(frame, str) else json.dumps(frame))

    def next_op_id(self) -> str:
        """An op id of this person's own."""
        self._operations += 1
        return f"{self._operations:026d}"

    def do(self, name: str, op_id: str | None = None, **told: Any) -> dict[str, Any]:
        """Carry out an operation; its reply, whatever it says."""
        op_id = op_id or self.next_op_id()
        self.send_raw({"op": name, "id": op_id, "data": told})
        return self.wait(lambda frame: frame.get("re") == op_id)

    def wait(
        self, wanted: Callable[[dict[str, Any]], bool], seconds: float = _WAIT_SECONDS
    ) -> dict[str, Any]:
        """Read until a wanted frame comes; it."""
        assert self.socket is not None
        self.socket.settimeout(seconds)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for frame in self._read():
                if wanted(frame):
                    return frame
        raise AssertionError(f"{self.name} waited in vain; the last frames: {self.frames[-5:]}")

    def event(self, kind: str) -> dict[str, Any]:
        """The event of this type: one that came already, else the next; its data."""
        for frame in self.frames:
            if frame.get("type") == kind:
                return frame["data"]
        return self.wait(lambda frame: frame.get("type") == kind)["data"]

    def told(self, kind: str, seconds: float = _WAIT_SECONDS, **told: Any) -> dict[str, Any]:
        """The frame of this type whose data says at least this: one that came already, else the next such."""

        def wanted(frame: dict[str, Any]) -> bool:
            return frame.get("type") == kind and told.items() <= frame["data"].items()

        return next((frame for frame in self.frames if wanted(frame)), None) or self.wait(wanted, seconds)

    def second_device(self) -> Person:
        """The same user on another device: the same log-in, another socket and other frames."""
        twin = copy.copy(self)
        twin.frames, twin.welcome, twin.socket = [], {}, None
        twin._operations = _OPERATIONS_OF_A_DEVICE + self._operations
        self.devices.append(twin)
        return twin

    def put_aside(self) -> Person:
        """Leave the socket open, to a twin; this one may connect anew. It is hung up on like any other device."""
        twin = self.second_device()
        twin.socket, self.socket = self.socket, None
        return twin

    def wait_for_server_time(self, moment: int) -> None:
        """Return when the server's clock has reached a moment, in milliseconds since 1970."""
        while self.do("ping", t=0)["data"]["server_ms"] < moment:
            time.sleep(_PING_AGAIN_SECONDS)

    def read_for(self, seconds: float) -> None:
        """Take in whatever comes within `seconds`."""
        assert self.socket is not None
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                self._read()
            except websocket.WebSocketTimeoutException:
                break
        self.socket.settimeout(_WAIT_SECONDS)

    def close_code(self) -> int:
        """Read until the server hangs up; its close code, 1006 for none."""
        assert self.socket is not None
        while True:
            try:
                opcode, payload = self.socket.recv_data(control_frame=True)
            except (websocket.WebSocketConnectionClosedException, ConnectionError):
                return 1006
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(payload[:2], "big")

    def numbered(self) -> list[int]:
        """The numbers of all events so far, in order of arrival."""
        return [frame["seq"] for frame in self.frames if "seq" in frame]

    def _read(self) -> list[dict[str, Any]]:
        assert self.socket is not None
        text = self.socket.recv()
        if not text:
            raise websocket.WebSocketConnectionClosedException(f"{self.name}: the server hung up")
        self.longest_frame = max(self.longest_frame, len(text.encode()))
        frame = json.loads(text)
        frames: list[dict[str, Any]] = frame.get("batch", [frame])
        self.frames += frames
        return frames


def begin(host: Person, guest: Person, session_id: str) -> list[str]:
    """Start the session of two over HTTP; the deck's ids in order."""
    for one in (host, guest):
        one.post(f"/sessions/{session_id}/ready", {"ready": True})
    host.post(f"/sessions/{session_id}/start")
    return [card["id"] for card in host.get(f"/sessions/{session_id}/deck")["items"]]
