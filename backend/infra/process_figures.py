"""Which processes there are and how often they began, for /metrics. It lies in Valkey, over all machines."""

from __future__ import annotations

import structlog

from backend.infra.valkey import VALKEY_AWAY, Valkey

_log = structlog.stdlib.get_logger(__name__)


class ProcessFigures:
    """Keeps and reads them. While Valkey is away nothing is counted: no process waits for it here."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._started, self._seen = f"{prefix}processes:started", f"{prefix}processes:seen"

    def count_start(self, process: str) -> None:
        """A process of this kind ("api", "worker", "cron") has begun."""
        try:
            self._valkey.hincrby(self._started, process, 1)
        except VALKEY_AWAY as away:
            _log.warning("start_not_counted", error=type(away).__name__)

    def note_alive(self, process: str, now: float) -> None:
        """One of this kind is at work; `now` is in seconds since 1970."""
        try:
            self._valkey.hset(self._seen, process, str(now))
        except VALKEY_AWAY as away:
            _log.warning("life_not_noted", error=type(away).__name__)

    def starts(self) -> dict[str, int]:
        """How many have begun so far, by kind."""
        stored: dict[bytes, bytes] = self._valkey.hgetall(self._started)  # type: ignore[assignment]  # redis-py's hints mix in its asynchronous client
        return {process.decode(): int(count) for process, count in stored.items()}

    def last_seen(self, process: str) -> float | None:
        """When one of this kind was last at work, in seconds since 1970; None where that is not known."""
        found: bytes | None = self._valkey.hget(self._seen, process)  # type: ignore[assignment]  # as above
        return float(found) if found is not None else None
