"""Operation ids: ULIDs, so that they are unique, sort by time of making, and are checked by the server.

Forty lines of our own instead of a dependency: the format is fixed and small (48 bits of milliseconds and
80 random bits in Crockford's base 32).
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 26
_RANDOM_BITS = 80
_TIME_BITS = 48


class UlidMaker:
    """Makes ids in strictly rising order, even if the clock stands still or steps back. Thread safe."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        random_bits: Callable[[int], int] = secrets.randbits,
    ) -> None:
        self._clock = clock
        self._random_bits = random_bits
        self._lock = threading.Lock()
        self._last = 0

    def __call__(self) -> str:
        """The next id."""
        milliseconds = int(self._clock() * 1000) % (1 << _TIME_BITS)
        with self._lock:
            fresh = (milliseconds << _RANDOM_BITS) | self._random_bits(_RANDOM_BITS)
            self._last = fresh if fresh > self._last else self._last + 1
            return encode(self._last)


def encode(number: int) -> str:
    """The 26 characters of a 128-bit number."""
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(5 * (LENGTH - 1), -1, -5))


new_ulid = UlidMaker()
