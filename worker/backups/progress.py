"""Saying how far a long command has come: now and then, not for each document."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeAlias

Progress: TypeAlias = Callable[[str, int], None]
"""Told a collection and how many of its documents are done so far."""

_SECONDS = 5.0


def silent(_collection: str, _documents: int) -> None:
    """Says nothing."""


class Seldom:
    """Passes on what it is told once in five seconds."""

    def __init__(self, say: Callable[[str], object], monotonic: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._monotonic = monotonic
        self._next = monotonic() + _SECONDS

    def __call__(self, collection: str, documents: int) -> None:
        if self._monotonic() >= self._next:
            self._next = self._monotonic() + _SECONDS
            self._say(f"  {collection}: {documents:,} documents so far ...")
