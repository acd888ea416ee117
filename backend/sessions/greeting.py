"""The first frame of a live socket: who is there, and what for (docs/live-protocol.md, "Handshake")."""

from __future__ import annotations

from pydantic import ValidationError

from backend.auth.service import AuthService
from backend.errors import Unauthenticated
from backend.http.access import Caller
from backend.infra.websocket import MALFORMED, UNAUTHENTICATED, WebSocket
from backend.sessions.live_socket import LiveSocket
from backend.sessions.operations import PROTOCOL_VERSION, Hello, InboxHello, hellos

_HELLO_SECONDS = 5.0
_REASON_BYTES = 120  # a close frame holds 123


class Refused(Exception):
    """Close the socket with this code and reason."""

    def __init__(self, close_code: int, reason: str) -> None:
        super().__init__(reason)
        self.close_code = close_code
        self.reason = reason[:_REASON_BYTES]


def greet(ws: WebSocket, auth: AuthService) -> tuple[Hello | InboxHello, Caller]:
    """Wait for a hello and say whose it is.

    Raises:
        Refused: none came in time, it is none, or its token is not good.
        WebSocketClosed: the peer has gone.
    """
    first = ws.receive(timeout=_HELLO_SECONDS)
    if first is None:
        raise Refused(MALFORMED, "no hello within 5 s")
    try:
        hello = hellos.validate_json(first)
    except ValidationError:
        raise Refused(MALFORMED, "the first frame must be a hello") from None
    if hello.v != PROTOCOL_VERSION:
        raise Refused(MALFORMED, f"this server speaks version {PROTOCOL_VERSION}")
    try:
        return hello, auth.identify(hello.token)
    except Unauthenticated as unknown:
        raise Refused(UNAUTHENTICATED, unknown.code) from None


def require_logged_in(peer: LiveSocket, auth: AuthService) -> None:
    """Turn away who logged out while their socket could not yet be heard of.

    Raises:
        Refused: they did.
    """
    if not auth.is_logged_in(peer.caller):
        raise Refused(UNAUTHENTICATED, "logged_out")
