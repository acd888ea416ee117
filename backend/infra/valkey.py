"""Valkey (or Redis): events, deadlines, rate limits, queues. Nothing in it is the only copy of anything."""

from __future__ import annotations

from typing import TypeAlias

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as ValkeyConnectionError
from redis.exceptions import TimeoutError as ValkeyTimeoutError
from redis.retry import Retry

from backend.config import Settings

Valkey: TypeAlias = Redis

VALKEY_AWAY = (ValkeyConnectionError, ValkeyTimeoutError)
_TIMEOUT_SECONDS = 5


def connect(settings: Settings) -> Valkey:
    """A client with its own pool; answers are bytes. Connections open when first used."""
    client: Valkey = Redis.from_url(
        settings.valkey_url,
        socket_timeout=_TIMEOUT_SECONDS,
        socket_connect_timeout=_TIMEOUT_SECONDS,
        retry=Retry(ExponentialBackoff(cap=0.5, base=0.05), 2),
        retry_on_error=[ValkeyConnectionError],
        health_check_interval=30,
        client_name="dindin",
    )
    return client


def limiter_storage_uri(settings: Settings) -> str:
    """The same server as the `limits` library spells it."""
    url = settings.valkey_url
    return url.replace("unix://", "redis+unix://", 1) if url.startswith("unix://") else url
