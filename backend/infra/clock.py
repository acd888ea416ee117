"""Time, injected so that rules and tests decide what "now" is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The current time, UTC, in whole milliseconds (what MongoDB stores)."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return whole_milliseconds(datetime.now(UTC))


def whole_milliseconds(moment: datetime) -> datetime:
    """Cut microseconds below a millisecond: what MongoDB gives back must equal what was written."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def to_iso(moment: datetime) -> str:
    """ISO 8601 with milliseconds and a Z, as every time in the API is written."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970, as the live protocol's `at`."""
    return round(moment.timestamp() * 1000)
