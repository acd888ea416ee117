"""Connections from the first request on: the library for them takes long to load, and the first screen needs none."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from client.net.errors import UNREACHABLE, ApiError
from client.words import _

if TYPE_CHECKING:
    from client.net.connections import Connections

log = logging.getLogger(__name__)


class LateConnections:
    """Connections with these settings (seconds), to addresses below `base_url` where there is one. Thread safe."""

    def __init__(
        self, base_url: str = "", headers: dict[str, str] | None = None, *, timeout: float, connect: float
    ) -> None:
        self._base_url, self._headers = base_url, headers or {}
        self._timeout, self._connect = timeout, connect
        self._opening = threading.Lock()
        self._opened: Connections | None = None
        self._closed = False

    def open(self) -> Connections:
        """They; whoever asks first waits until they are loaded. Once closed they refuse requests.

        Raises `ApiError` where the system's settings for the network allow none.
        """
        with self._opening:
            if self._opened is None:
                self._opened = self._made()
                if self._closed:
                    self._opened.close()
            return self._opened

    def close(self) -> None:
        """Close all connections; requests under way on other threads fail."""
        with self._opening:
            self._closed = True
            if self._opened is not None:
                self._opened.close()

    def leave_nothing_open(self) -> None:
        """Close what a request has opened that was under way when all were closed."""
        if self._closed and self._opened is not None:
            self._opened.close_again()

    def _made(self) -> Connections:
        from client.net.connections import UNUSABLE, Connections  # noqa: PLC0415  (what this is about)

        try:
            return Connections(self._base_url, self._headers, self._timeout, self._connect)
        except UNUSABLE as failure:
            log.warning("no connection can be made with the settings of this system: %s", failure)
            words = _(
                "DinDin cannot use the network settings of this device. "
                "Check the proxies in ALL_PROXY, HTTP_PROXY and HTTPS_PROXY and the file in SSL_CERT_FILE, "
                "and start DinDin again."
            )
            raise ApiError(0, UNREACHABLE, words) from failure
