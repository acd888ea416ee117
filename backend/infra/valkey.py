"""Valkey (or Redis): events, deadlines, rate limits, queues. Nothing in it is the only copy of anything."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeAlias

from redis import Redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

from backend.config import Settings

Valkey: TypeAlias = Redis

# Out of memory, read-only after a failover, disk full: whatever it is, nothing in Valkey is the only copy.
VALKEY_AWAY = (RedisError,)
_TIMEOUT_SECONDS = 2


class Breaker:
    """Leaves a Valkey that failed alone for a while, so that one that hangs does not hold up everything, call by call.

    For what is made good later by other means, and by one breaker for all of it.
    """

    def __init__(self, rest_seconds: float = 3.0) -> None:
        self._rest_seconds = rest_seconds
        self._until = 0.0

    @property
    def resting(self) -> bool:
        """Whether Valkey failed a moment ago."""
        return time.monotonic() < self._until

    @contextmanager
    def guard(self) -> Iterator[None]:
        """Call Valkey inside.

        Raises:
            RedisError: it failed, or failed a moment ago and is not asked.
        """
        if self.resting:
            raise RedisConnectionError("Valkey failed a moment ago and is left alone for a while.")
        try:
            yield
        except VALKEY_AWAY:
            self._until = time.monotonic() + self._rest_seconds
            raise


def connect(settings: Settings) -> Valkey:
    """A client with its own pool; answers are bytes. Connections open when first used."""
    return _client(settings, Retry(ExponentialBackoff(cap=0.5, base=0.05), 1))


def connect_for_listening(settings: Settings) -> Valkey:
    """A client for subscriptions. It never reconnects by itself: messages missed meanwhile must be noticed."""
    return _client(settings, Retry(NoBackoff(), 0))


def _client(settings: Settings, retry: Retry) -> Valkey:
    client: Valkey = Redis.from_url(
        settings.valkey_url,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        retry=retry,
        retry_on_error=[],
        health_check_interval=30,
        client_name="dindin",
    )
    return client


def limiter_storage_uri(settings: Settings) -> str:
    """The same server as the `limits` library spells it."""
    url = settings.valkey_url
    return url.replace("unix://", "redis+unix://", 1) if url.startswith("unix://") else url
