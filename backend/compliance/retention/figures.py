"""What retention did, for /metrics. The counts lie in Valkey: workers serve no page of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from backend.infra.valkey import Valkey


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of retention.

    Attributes:
        deleted: records deleted so far, by place.
        oldest: when the oldest record began that the last run left, by place, in seconds since 1970.
        ran_at: when the last run ended, likewise; None where none is known of.
    """

    deleted: dict[str, int]
    oldest: dict[str, float]
    ran_at: float | None


class RetentionFigures:
    """Keeps and reads them. In a Valkey that was emptied counts begin anew; ages come with the next run."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._deleted, self._oldest, self._ran_at = (
            f"{prefix}retention:{what}" for what in ("deleted", "oldest", "ran_at")
        )

    def count(self, place: str, deleted: int) -> None:
        """Add to what was deleted."""
        self._valkey.hincrby(self._deleted, place, deleted)

    def note_run(self, oldest: dict[str, datetime | None], ran_at: datetime) -> None:
        """A run has ended, and left these."""
        known = {place: moment.timestamp() for place, moment in oldest.items() if moment is not None}
        with self._valkey.pipeline() as together:
            together.delete(self._oldest)
            if known:
                together.hset(self._oldest, mapping=known)
            together.set(self._ran_at, ran_at.timestamp())
            together.execute()

    def read(self) -> Figures:
        """All of it."""
        with self._valkey.pipeline() as together:
            together.hgetall(self._deleted)
            together.hgetall(self._oldest)
            together.get(self._ran_at)
            deleted, oldest, ran_at = together.execute()
        return Figures(
            deleted={place.decode(): int(count) for place, count in deleted.items()},
            oldest={place.decode(): float(moment) for place, moment in oldest.items()},
            ran_at=float(ran_at) if ran_at is not None else None,
        )
