"""Waits until somebody has stopped typing."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeAlias

Cancel: TypeAlias = Callable[[], None]
Later: TypeAlias = Callable[[float, Callable[[], None]], Cancel]
"""Calls a function after so many seconds, on any thread; what it returns stops that."""


def later(seconds: float, function: Callable[[], None]) -> Cancel:
    """The real one: on a thread that does not keep the program from ending."""
    timer = threading.Timer(seconds, function)
    timer.daemon = True
    timer.start()
    return timer.cancel


class Debounce:
    """Calls `act` with what was put in last, once nothing else has been put in for `seconds`. Thread safe."""

    def __init__(self, seconds: float, act: Callable[[str], None], wait: Later = later) -> None:
        self._seconds = seconds
        self._act = act
        self._wait = wait
        self._lock = threading.Lock()
        self._waiting: str | None = None
        self._number = 0
        self._cancel: Cancel | None = None

    def put(self, words: str) -> None:
        """Begin to wait anew."""
        self.take()
        with self._lock:
            self._waiting = words
            self._number += 1
            number = self._number
            self._cancel = self._wait(self._seconds, lambda: self._due(number))

    def take(self) -> str | None:
        """What waits, and does so no longer; None if nothing does."""
        with self._lock:
            waiting, self._waiting = self._waiting, None
            cancel, self._cancel = self._cancel, None
        if cancel is not None:
            cancel()
        return waiting

    def _due(self, number: int) -> None:
        with self._lock:
            if number != self._number or self._waiting is None:
                # Taken or put in anew in the very moment in which the time was up.
                return
            words, self._waiting, self._cancel = self._waiting, None, None
        self._act(words)
