"""How background jobs ended and how long they took, for /metrics. It lies in Valkey: workers serve no page."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from backend.infra.valkey import Valkey

DURATION_BOUNDS = (0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)
"""Upper bounds of the histogram's buckets, in seconds; one more has no bound."""

_SUM = "sum"


@dataclass(slots=True)
class Durations:
    """How long the attempts at one kind of job took.

    Attributes:
        counts: how many by bucket, not added up; the last has no upper bound.
        seconds: all of them together.
    """

    counts: list[int] = field(default_factory=lambda: [0] * (len(DURATION_BOUNDS) + 1))
    seconds: float = 0.0


class JobFigures:
    """Keeps and reads them. In a Valkey that was emptied they begin anew."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._ended, self._durations = f"{prefix}jobs:ended", f"{prefix}jobs:durations"

    def count(self, job: str, result: str, seconds: float) -> None:
        """Count one attempt at a job, which ended after `seconds`."""
        bucket = bisect_left(DURATION_BOUNDS, seconds)
        with self._valkey.pipeline() as together:
            together.hincrby(self._ended, f"{job} {result}", 1)
            together.hincrby(self._durations, f"{job} {bucket}", 1)
            together.hincrbyfloat(self._durations, f"{job} {_SUM}", seconds)
            together.execute()

    def ended(self) -> dict[tuple[str, str], int]:
        """How many attempts have ended so far, by (job, result)."""
        counts: dict[tuple[str, str], int] = {}
        stored: dict[bytes, bytes] = self._valkey.hgetall(self._ended)  # type: ignore[assignment]  # redis-py's hints mix in its asynchronous client
        for name, count in stored.items():
            job, _, result = name.decode().partition(" ")
            counts[job, result] = int(count)
        return counts

    def durations(self) -> dict[str, Durations]:
        """How long they took, by job."""
        found: dict[str, Durations] = {}
        stored: dict[bytes, bytes] = self._valkey.hgetall(self._durations)  # type: ignore[assignment]  # as above
        for name, value in stored.items():
            job, _, bucket = name.decode().partition(" ")
            durations = found.setdefault(job, Durations())
            if bucket == _SUM:
                durations.seconds = float(value)
            else:
                durations.counts[int(bucket)] = int(value)
        return found
