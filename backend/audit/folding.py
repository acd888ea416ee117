"""Many refusals of one kind become one entry that says how many: a flood must not become a flood of entries."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.audit.events import AuditEvent

WINDOW = timedelta(minutes=1)
_ONE_BY_ONE = 10
_MOST_KINDS = 10_000


@dataclass(slots=True)
class _Window:
    began: datetime
    passed: int = 0
    folded: AuditEvent | None = None


class Folding:
    """Lets the first few events of a kind through, and counts those that follow within WINDOW."""

    def __init__(self) -> None:
        self._windows: dict[Hashable, _Window] = {}
        self._lock = threading.Lock()

    def passes(self, kind: Hashable, event: AuditEvent) -> bool:
        """Whether to write this event now; otherwise `over` gives it later, with those like it."""
        with self._lock:
            window = self._windows.get(kind)
            if window is None and len(self._windows) >= _MOST_KINDS:
                return True
            window = self._windows.setdefault(kind, _Window(event.moment))
            window.passed += 1
            if window.passed <= _ONE_BY_ONE:
                return True
            window.folded = replace(event, times=window.passed - _ONE_BY_ONE)
            return False

    def over(self, now: datetime) -> list[AuditEvent]:
        """What was counted in windows that have ended, one event for each kind."""
        with self._lock:
            ended = [kind for kind, window in self._windows.items() if now - window.began >= WINDOW]
            counted = [self._windows.pop(kind).folded for kind in ended]
        return [event for event in counted if event is not None]
