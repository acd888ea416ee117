"""Time: this device's clocks, and how far the server's is from them."""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass
from typing import Protocol

_SAMPLES = 8
_SAME_CLOCK_SECONDS = 0.02
"""The two clocks drift apart by less than this within the samples' time, unless one was set or stood still."""


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
class Moment:
    """One moment on both clocks of this device."""

    monotonic: float
    wall: float

    @classmethod
    def now(cls, clock: Clock) -> Moment:
        """This very moment."""
        return cls(clock.monotonic(), clock.wall())

    @property
    def apart(self) -> float:
        """How far the clocks are apart; that changes when one is set, or stands still while the device sleeps."""
        return self.wall - self.monotonic


@dataclass(frozen=True, slots=True)
class _Sample:
    apart: float
    round_trip: float
    offset: float


class OffsetEstimator:
    """Server minus local seconds, from the latest round trips; the shortest one wins.

    A reply was written somewhere between sending and receiving, so half the round trip is the largest error. What was
    measured before this device's clock was set counts no longer.
    """

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque(maxlen=_SAMPLES)

    def add(self, sent: Moment, round_trip: float, server_time: float) -> float:
        """Take a measurement in and return the best offset; `server_time` is in epoch seconds by the server's clock."""
        measured = _Sample(sent.apart, round_trip, server_time - (sent.wall + round_trip / 2))
        self._samples.append(measured)
        usable = (one for one in self._samples if abs(one.apart - measured.apart) <= _SAME_CLOCK_SECONDS)
        return min(usable, key=lambda sample: sample.round_trip).offset


class SleepDetector:
    """Notices that this device, or this process, stood still for a while: asked often, it sees how long it was not.

    Some systems stop the monotonic clock while they sleep, so the other one is looked at as well. A clock that is set
    forward looks the same; what is done about a sleep does no harm then.
    """

    def __init__(self, clock: Clock, noticed_after: float = 5.0) -> None:
        self._clock = clock
        self._noticed_after = noticed_after
        self._last = Moment.now(clock)

    def has_slept(self) -> bool:
        """Whether more than `noticed_after` seconds have passed since this was last asked."""
        last, self._last = self._last, Moment.now(self._clock)
        passed = max(self._last.monotonic - last.monotonic, self._last.wall - last.wall)
        return passed > self._noticed_after
