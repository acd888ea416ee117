"""Many refusals of one kind become one entry that says how many: a flood must not become a flood of entries."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime, timedelta

from backend.audit.events import AuditEvent

WINDOW = timedelta(minutes=1)
_MOST_KINDS = 10_000


class Folding:
    """Lets the first event of a kind through, and counts those that follow within WINDOW."""

    def __init__(self) -> None:
        self._windows: dict[Hashable, tuple[datetime, AuditEvent | None]] = {}
        self._lock = threading.Lock()

    def passes(self, kind: Hashable, event: AuditEvent) -> bool:
        """Whether to write this event now; otherwise `over` gives it later, with those like it."""
        with self._lock:
            known = self._windows.get(kind)
            if known is None:
                if len(self._windows) < _MOST_KINDS:
                    self._windows[kind] = (event.moment, None)
                return True
            began, folded = known
            self._windows[kind] = (began, replace(event, times=folded.times + 1 if folded else 1))
            return False

    def over(self, now: datetime) -> list[AuditEvent]:
        """What was counted in windows that have ended, one event for each kind."""
        with self._lock:
            ended = [kind for kind, (began, _) in self._windows.items() if now - began >= WINDOW]
            counted = [self._windows.pop(kind)[1] for kind in ended]
        return [event for event in counted if event is not None]
