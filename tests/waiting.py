"""Waiting for a condition instead of a time."""

from __future__ import annotations

import time
from collections.abc import Callable


def eventually(condition: Callable[[], object], seconds: float = 30.0, every: float = 0.05) -> None:
    """Return as soon as `condition()` is true; fail once `seconds` have passed without."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {seconds:g} s: {condition}")
        time.sleep(every)
