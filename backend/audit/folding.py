"""Many refusals of one kind become one entry that says how many: a flood must not become a flood of entries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from backend.audit.events import AuditEvent, Origin, Outcome

WINDOW = timedelta(minutes=1)
_ONE_BY_ONE = 10
_MOST_KINDS = 10_000
# In place of a kind, once there are so many that they are a flood themselves.
_OTHERS = "others"


@dataclass(slots=True)
class _Window:
    began: datetime
    passed: int = 0
    folded: AuditEvent | None = None


class Folding:
    """Lets the first few events of a kind through, and counts those that follow within WINDOW.

    What is of one kind too many is counted as one kind together. So the entries of a minute are bounded, whoever asks.
    """

    def __init__(self, most_kinds: int = _MOST_KINDS) -> None:
        self._most_kinds = most_kinds
        self._windows: dict[Hashable, _Window] = {}
        self._lock = threading.Lock()

    def passes(self, kind: Hashable, event: AuditEvent) -> bool:
        """Whether to write this event now; otherwise `over` gives it later, with those like it."""
        with self._lock:
            one_too_many = kind not in self._windows and len(self._windows) >= self._most_kinds
            window = self._windows.setdefault(_OTHERS if one_too_many else kind, _Window(event.moment))
            window.passed += 1
            if window.passed <= _ONE_BY_ONE:
                return True
            standing_for_all = _of_any_kind(event) if one_too_many else _of_its_kind(event)
            window.folded = replace(standing_for_all, times=window.passed - _ONE_BY_ONE)
            return False

    def over(self, now: datetime) -> list[AuditEvent]:
        """What was counted in windows that have ended, one event for each kind."""
        return self._take(lambda window: now - window.began >= WINDOW)

    def all(self) -> list[AuditEvent]:
        """What was counted so far, also in windows that have not ended, one event for each kind."""
        return self._take(lambda _window: True)

    def _take(self, wanted: Callable[[_Window], bool]) -> list[AuditEvent]:
        with self._lock:
            kinds = [kind for kind, window in self._windows.items() if wanted(window)]
            counted = [self._windows.pop(kind).folded for kind in kinds]
        return [event for event in counted if event is not None]


def _of_its_kind(event: AuditEvent) -> AuditEvent:
    """Without what others of its kind need not have in common."""
    return replace(event, about=None, resource=event.route, tried="")


def _of_any_kind(event: AuditEvent) -> AuditEvent:
    return AuditEvent(
        "auth.refused",
        outcome=Outcome.REFUSED,
        reason="too_many_kinds",
        origin=Origin(event.origin.channel),
        at=event.moment,
    )
