"""A clock for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SetClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.moment = datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        """The time it was set to."""
        return self.moment

    def advance(self, **by: float) -> None:
        """Move it on, as `timedelta` takes it."""
        self.moment += timedelta(**by)
