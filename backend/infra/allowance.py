"""How often something may be done: an allowance that refills at a steady pace (a token bucket)."""

from __future__ import annotations

import time


class Allowance:
    """Starts full.

    Args:
        per_second: how fast it refills.
        at_once: how much it holds.
    """

    __slots__ = ("_at", "_at_once", "_left", "_per_second")

    def __init__(self, per_second: float, at_once: int) -> None:
        self._per_second = per_second
        self._at_once = float(at_once)
        self._left = self._at_once
        self._at = time.monotonic()

    def take(self) -> bool:
        """Take one, if there is one."""
        now = time.monotonic()
        self._left = min(self._at_once, self._left + (now - self._at) * self._per_second)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True

    @property
    def full(self) -> bool:
        """Whether nothing was taken for a while, so that a new one would be the same."""
        return self._left + (time.monotonic() - self._at) * self._per_second >= self._at_once
