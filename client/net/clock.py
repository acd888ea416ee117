"""Time: this device's clocks, and how far the server's is from them."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Protocol

_SAMPLES = 8


class Clock(Protocol):
    """Both clocks in seconds: one that never jumps, and the one that tells the time."""

    def monotonic(self) -> float:
        """For measuring how long something takes."""

    def wall(self) -> float:
        """Epoch seconds."""


class SystemClock:
    """This device's own clocks."""

    def monotonic(self) -> float:
        """For measuring how long something takes."""
        return time.monotonic()

    def wall(self) -> float:
        """Epoch seconds."""
        return time.time()


@dataclass(frozen=True, slots=True)
class _Sample:
    round_trip: float
    offset: float


class OffsetEstimator:
    """Server minus local seconds, from the latest round trips; the shortest one wins.

    A reply was written somewhere between sending and receiving, so half the round trip is the largest error.
    """

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=_SAMPLES)

    def add(self, sent_at: float, round_trip: float, server_time: float) -> float:
        """Take a measurement in and return the best offset; times in epoch seconds, ours and the server's."""
        self._samples.append(_Sample(round_trip, server_time - (sent_at + round_trip / 2)))
        return min(self._samples, key=lambda sample: sample.round_trip).offset
