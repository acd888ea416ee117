"""One thing after another, so that the server hears of changes in the order in which they were made."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from client.store.runner import CommandRunner

Work = Callable[[], None]


class Turns:
    """Borrows the runner's threads, one at a time. Work that fails does not keep the next from being done."""

    def __init__(self, runner: CommandRunner) -> None:
        self._runner = runner
        self._lock = threading.Lock()
        self._waiting: deque[Work] = deque()

    def do(self, work: Work) -> None:
        """Do `work` after everything given before."""
        with self._lock:
            self._waiting.append(work)
            first = len(self._waiting) == 1
        if first:
            self._runner.in_background(self._next)

    def _next(self) -> None:
        with self._lock:
            work = self._waiting[0]
        try:
            work()
        finally:
            with self._lock:
                self._waiting.popleft()
                more = bool(self._waiting)
            if more:
                self._runner.in_background(self._next)
