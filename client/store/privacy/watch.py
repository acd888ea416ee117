"""Looks again and again how far the exports are, for as long as somebody is looking at them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from client.net.privacy_values import Export

Look: TypeAlias = Callable[[], tuple[Export, ...] | None]


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds until the first look, by how much they grow while nothing moves, and the longest."""

    first: float = 1.0
    growth: float = 1.6
    longest: float = 15.0

    def after(self, last: float) -> float:
        """How long to wait where nothing has moved."""
        return min(last * self.growth, self.longest)


class ExportWatch:
    """`look` asks the server and returns the exports that are under way, None where it did not answer.

    It is called on a thread of its own, which ends when nothing is under way any more. Thread safe.
    """

    def __init__(self, look: Look, waits: Waits) -> None:
        self._look = look
        self._waits = waits
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin, or begin anew."""
        with self._lock:
            self._stopped.set()
            self._stopped = threading.Event()
            watching = threading.Thread(
                target=self._watch, args=(self._stopped,), name="exports", daemon=True
            )
            watching.start()

    def stop(self) -> None:
        """Look no longer; returns at once."""
        with self._lock:
            self._stopped.set()

    def _watch(self, stopped: threading.Event) -> None:
        wait, before = self._waits.first, None
        while not stopped.wait(wait):
            try:
                seen = self._look()
            except RuntimeError:
                if stopped.is_set():
                    # The connections were closed under it, at the end of the program.
                    return
                raise
            if seen == ():
                return
            wait = self._waits.after(wait) if seen in {None, before} else self._waits.first
            before = seen
