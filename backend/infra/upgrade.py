"""From an HTTP request to a WebSocket: the handshake, as flask-sock wants it from its `Server` class."""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Callable, Collection
from typing import Any

from backend.errors import AppError, Forbidden
from backend.infra.websocket import WebSocket

_ACCEPT_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455, section 1.3
_KEY_BYTES = 16


class UpgradeRefused(AppError):
    """The request is no WebSocket handshake that this server speaks."""

    code = "upgrade_required"
    status = 426


class Upgrade:
    """An answered handshake.

    Attributes:
        socket: what came of it. It has the connection for itself: gunicorn may close its own end of it.
    """

    mode = "gunicorn"  # tells flask-sock how its answer must end

    def __init__(
        self,
        environ: dict[str, Any],
        *,
        allowed_origins: Collection[str] = (),
        admit: Callable[[], None] = lambda: None,
    ) -> None:
        """Answer the handshake.

        Args:
            admit: raises where there is no room for another socket.

        Raises:
            UpgradeRefused: not a WebSocket request, or a version other than 13.
            Forbidden: `origin_refused`; a browser's page from a place that is not in `allowed_origins`.
            AppError: what `admit` raises.
        """
        accept = _accept_value(environ)
        origin = environ.get("HTTP_ORIGIN")
        if origin is not None and origin.rstrip("/") not in allowed_origins:
            raise Forbidden("Pages from this origin may not connect.", code="origin_refused")
        admit()
        connection = environ["gunicorn.socket"].dup()
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
        )
        self.socket = WebSocket(connection)

    def close(self) -> None:
        """flask-sock's last word when the handler has returned: ends the socket unless somebody goes on with it."""
        if not self.socket.handed_over:
            self.socket.close()


def _accept_value(environ: dict[str, Any]) -> bytes:
    upgrade = environ.get("HTTP_UPGRADE", "").lower()
    connection = {part.strip().lower() for part in environ.get("HTTP_CONNECTION", "").split(",")}
    if upgrade != "websocket" or "upgrade" not in connection or "gunicorn.socket" not in environ:
        raise UpgradeRefused("This address speaks WebSocket only; see docs/live-protocol.md.")
    if environ.get("HTTP_SEC_WEBSOCKET_VERSION") != "13":
        raise UpgradeRefused("This server speaks WebSocket version 13.")
    key = environ.get("HTTP_SEC_WEBSOCKET_KEY", "")
    with contextlib.suppress(ValueError):
        if len(base64.b64decode(key, validate=True)) == _KEY_BYTES:
            return base64.b64encode(hashlib.sha1(key.encode() + _ACCEPT_GUID, usedforsecurity=False).digest())
    raise UpgradeRefused("The Sec-WebSocket-Key is malformed.")
