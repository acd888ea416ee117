"""Asking the databases whether they are there: bounded in time, and seldom."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from svcs import ServicePing

_LIMIT_SECONDS = 2.0
_CACHE_SECONDS = 1.0
# A ping of a dead server holds its thread for longer than we wait for it; this many may be stuck.
_MAX_STUCK = 8
# svcs names a service by its type; operators know the part behind it.
_PARTS = {"pymongo": "mongodb", "redis": "valkey"}


@dataclass(frozen=True, slots=True)
class Readiness:
    """Which parts answer, by name."""

    parts: dict[str, bool]

    @property
    def away(self) -> list[str]:
        """The parts that do not answer."""
        return [name for name, answers in self.parts.items() if not answers]


class ReadinessProbe:
    """Pings all parts at once. Whoever asks within a second of the last answer gets that one."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._pool = ThreadPoolExecutor(_MAX_STUCK, thread_name_prefix="readiness")
        self._lock = threading.Lock()
        self._last: tuple[float, Readiness] | None = None

    def look(self, pings: Sequence[ServicePing]) -> Readiness:
        """Which parts answer within two seconds."""
        with self._lock:
            if self._last is None or self._monotonic() - self._last[0] >= _CACHE_SECONDS:
                answer = self._ask(pings)
                self._last = self._monotonic(), answer
            return self._last[1]

    def _ask(self, pings: Sequence[ServicePing]) -> Readiness:
        asked = {_part(ping): self._pool.submit(ping.ping) for ping in pings}
        wait(asked.values(), timeout=_LIMIT_SECONDS)
        answer = Readiness({name: _answered(future) for name, future in asked.items()})
        for future in asked.values():
            future.cancel()
        return answer


def _part(ping: ServicePing) -> str:
    package = ping.name.partition(".")[0]
    return _PARTS.get(package, package)


def _answered(future: Future[None]) -> bool:
    return future.done() and future.exception() is None
