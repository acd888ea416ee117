"""Valkey (or Redis): events, deadlines, rate limits, queues. Nothing in it is the only copy of anything."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

from redis import Redis
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.client import Pipeline
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from backend.config import Settings

Valkey: TypeAlias = Redis

# Out of memory, read-only after a failover, disk full: whatever it is, nothing in Valkey is the only copy.
VALKEY_AWAY = (RedisError,)
_TIMEOUT_SECONDS = 2


def literal(text: str) -> str:
    """The pattern of keys that only `text` matches."""
    return re.sub(r"([*?\[\]\\])", r"\\\1", text)


class Breaker:
    """Leaves a Valkey that failed alone for a while, so that one that hangs does not hold up everything, call by call.

    For what is made good later by other means, and by one breaker for all of it.
    """

    def __init__(
        self, rest_seconds: float = 3.0, tripped_by: tuple[type[Exception], ...] = VALKEY_AWAY
    ) -> None:
        self._rest_seconds = rest_seconds
        self._tripped_by = tripped_by
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
        except self._tripped_by:
            self._until = time.monotonic() + self._rest_seconds
            raise


class _PromptPipeline(Pipeline):
    """A pipeline of a `_PromptRedis`."""

    hanging: Breaker

    def execute(self, raise_on_error: bool = True) -> list[Any]:
        """Send what was collected."""
        with self.hanging.guard():
            return super().execute(raise_on_error)


class _PromptRedis(Redis):
    """A client that waits once for a Valkey that hangs: what comes in the seconds after is refused at once.

    A request asks Valkey several times, and each wait would come on top. One that refuses connections does so quickly,
    and is asked again each time.
    """

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self._hanging = Breaker(tripped_by=(RedisTimeoutError,))

    def execute_command(self, *args: Any, **options: Any) -> Any:
        """Send one command."""
        with self._hanging.guard():
            return super().execute_command(*args, **options)  # type: ignore[no-untyped-call]  # redis-py has no hint here

    def pipeline(self, transaction: bool = True, shard_hint: str | None = None) -> Pipeline:
        """Collect commands for one round trip."""
        collecting = _PromptPipeline(self.connection_pool, self.response_callbacks, transaction, shard_hint)
        collecting.hanging = self._hanging
        return collecting


def connect(settings: Settings) -> Valkey:
    """A client with its own pool; answers are bytes. Connections open when first used."""
    return _client(settings, _once_more())


def connect_for_listening(settings: Settings) -> Valkey:
    """A client for subscriptions. It never reconnects by itself: messages missed meanwhile must be noticed."""
    return _client(settings, Retry(NoBackoff(), 0))


def connect_briefly(settings: Settings, seconds: float) -> Valkey:
    """A client for what can as well be done without: it waits no longer than `seconds`, for a connection or an answer.

    One that was closed since it was last used is opened once more, as by `connect`.
    """
    return _client(settings, _once_more(), seconds)


def undeterred(client: Valkey) -> Valkey:
    """A client on the connections of another that asks each time, also a Valkey that hung for the other a moment ago.

    For what must not wait; who asks often brings a breaker of their own.
    """
    return Redis(connection_pool=client.connection_pool)


def _once_more() -> Retry:
    return Retry(ExponentialBackoff(cap=0.5, base=0.05), 1, supported_errors=(RedisConnectionError,))


def _client(settings: Settings, retry: Retry, timeout_seconds: float = _TIMEOUT_SECONDS) -> Valkey:
    client: Valkey = _PromptRedis.from_url(
        settings.valkey_url,
        socket_timeout=timeout_seconds,
        socket_connect_timeout=timeout_seconds,
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
