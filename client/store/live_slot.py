"""The place of the one live connection: opened, replaced and closed from any thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

from client.net.signals import Operation, Signal


class Live(Protocol):
    """What a live connection does (see `client.net.live.LiveConnection`)."""

    def start(self) -> None:
        """Begin to connect, in a thread of its own."""

    def submit(self, name: str, content: dict[str, Any], note: dict[str, Any] | None = None) -> Operation:
        """Keep an operation safe and send it as soon as possible."""

    def pending(self) -> tuple[Operation, ...]:
        """The operations that have no answer yet, oldest first."""

    def retry_now(self) -> None:
        """Do not wait for the next attempt."""

    def stop(self, wait_seconds: float = 0.0) -> None:
        """Close the socket and wait at most so long for that; may be called on the connection's own thread."""


LiveFactory = Callable[[str | None, str, Callable[[Signal], None]], Live]
"""Makes the connection for a session id, or None for the inbox, and a user id.

What it tells comes through a callback on the connection's thread.
"""


class LiveSlot:
    """Holds at most one connection. Thread safe."""

    def __init__(self, factory: LiveFactory) -> None:
        self._factory = factory
        self._lock = threading.Lock()
        self._live: Live | None = None
        self._session_id: str | None = None

    def open(self, session_id: str | None, user_id: str, on_signal: Callable[[Signal], None]) -> None:
        """Connect to a session or (None) the inbox, giving up the connection to any other one."""
        with self._lock:
            if self._live is not None:
                self._live.stop()
            self._live = self._factory(session_id, user_id, on_signal)
            self._session_id = session_id
            self._live.start()

    def close(self, wait_seconds: float = 0.0) -> None:
        """Give the connection up, if there is one; what it had to send is kept for the next one."""
        with self._lock:
            live, self._live, self._session_id = self._live, None, None
        # Outside the lock: the connection's thread may be on its way into here.
        if live is not None:
            live.stop(wait_seconds)

    def submit(
        self, session_id: str, name: str, content: dict[str, Any], note: dict[str, Any] | None = None
    ) -> bool:
        """Hand an operation to the session's connection; False when that is not the one that is open.

        `note` is kept with it on this device and comes back with its answer.
        """
        with self._lock:
            if self._live is None or self._session_id != session_id:
                return False
            self._live.submit(name, content, note)
            return True

    def pending_swipes(self) -> int:
        """How many swipes are on their way."""
        return sum(operation.name == "swipe" for operation in self.pending())

    def pending(self) -> tuple[Operation, ...]:
        """The operations that have no answer yet, oldest first."""
        with self._lock:
            return () if self._live is None else self._live.pending()

    def retry_now(self) -> None:
        """Do not wait for the next attempt."""
        with self._lock:
            if self._live is not None:
                self._live.retry_now()
