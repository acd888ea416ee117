"""What went wrong in the app, told to whoever can mend it: the error, and what led to it, without anything private.

`Reports` is the port; `LoggedReports` writes to the log, and `client.error_reports` may send on what is written there.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable, Sized
from dataclasses import fields, is_dataclass
from typing import Any, Protocol

MOST_ACTIONS = 50
# What fails in every frame is told once in a while.
QUIET_SECONDS = 60.0
# The texts that are words of the app itself: names of commands and states. All others may be somebody's own.
OWN_WORDS = frozenset(
    {("CommandStarted", "name"), ("CommandFinished", "name"), ("ConnectionChanged", "status")}
)

log = logging.getLogger(__name__)


class Reports(Protocol):
    """Takes errors that nobody expected."""

    def report(self, error: BaseException, where: str) -> None:
        """Tell of an error; `where` is the screen's name, or a part of the app."""
        ...


class Trail:
    """The last actions of the store, scrubbed. Thread safe."""

    def __init__(self) -> None:
        self._steps: deque[str] = deque(maxlen=MOST_ACTIONS)

    def note(self, action: object) -> None:
        """An action was dispatched."""
        self._steps.append(scrubbed(action))

    def steps(self) -> tuple[str, ...]:
        """The oldest first."""
        return tuple(self._steps)


class Seldom:
    """Lets through what fails in every frame once in a while. One thread at a time."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._told: dict[tuple[str, str, int], float] = {}

    def due(self, error: BaseException, where: str) -> bool:
        """Whether this is to be told: the same was not, lately."""
        key = (where, *_origin(error))
        last, now = self._told.get(key), self._now()
        if last is not None and now - last < QUIET_SECONDS:
            return False
        self._told[key] = now
        return True


class LoggedReports:
    """Writes errors to the log, with the trail that led to them. The line knows `where`."""

    def __init__(self, trail: Trail, now: Callable[[], float] = time.monotonic) -> None:
        self._trail = trail
        self._seldom = Seldom(now)

    def report(self, error: BaseException, where: str) -> None:
        """See `Reports`."""
        if not self._seldom.due(error, where):
            return
        steps = " > ".join(self._trail.steps()) or "nothing yet"
        log.error(
            "%s failed in %s. What led to it: %s",
            type(error).__name__,
            where,
            steps,
            exc_info=error,
            extra={"where": where},
        )


def scrubbed(action: object) -> str:
    """An action's name and those of its values that say nothing about anybody: `CardSwiped(round=2, item_id=text)`."""
    name = type(action).__name__
    if not is_dataclass(action):
        return name
    values = (f"{field.name}={_scrubbed_value(action, name, field.name)}" for field in fields(action))
    return f"{name}({', '.join(values)})"


def _scrubbed_value(action: object, name: str, field_name: str) -> str:
    value: Any = getattr(action, field_name)
    if value is None or isinstance(value, bool | int) or (name, field_name) in OWN_WORDS:
        return str(value)
    if isinstance(value, str):
        return "text" if value else "empty"
    if is_dataclass(value) or not isinstance(value, Sized):
        # Numbers with a fraction are places and times.
        return type(value).__name__
    return f"{len(value)} in {type(value).__name__}"


def _origin(error: BaseException) -> tuple[str, int]:
    """The type of an error with the line that raised it."""
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return type(error).__name__, last.tb_lineno if last is not None else 0
