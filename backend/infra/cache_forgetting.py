"""All that is cached, forgotten by a command that changed the database itself (docs/caching.md)."""

from __future__ import annotations

import time

from backend.config import Settings
from backend.infra.cache import CACHE_KEYS
from backend.infra.valkey import VALKEY_AWAY, Valkey, literal, undeterred

_PATIENCE_SECONDS = 10.0  # a command can wait; whoever would be shown what is old cannot tell
_PAUSE_SECONDS = 0.2
_AT_ONCE = 500


class NotForgotten(Exception):
    """Valkey could not be told. The message is for whoever runs the command."""


def forget_everything(
    valkey: Valkey, settings: Settings, patience_seconds: float = _PATIENCE_SECONDS
) -> None:
    """Let nobody get what is cached now, of any kind.

    Args:
        valkey: one that waits longer than the cache's own (`valkey.connect`); that it hung a moment ago is no reason
            not to ask it.
        patience_seconds: for how long it is tried again; the last try may take somewhat longer.

    Raises:
        NotForgotten: Valkey was away all that time.
    """
    asking, until = undeterred(valkey), time.monotonic() + patience_seconds
    while True:
        try:
            return _forget(asking, f"{settings.redis_prefix}{CACHE_KEYS}")
        except VALKEY_AWAY as away:
            if time.monotonic() >= until:
                raise NotForgotten(_what_stays(settings, away)) from away
            time.sleep(_PAUSE_SECONDS)


def _forget(valkey: Valkey, prefix: str) -> None:
    keys = list(valkey.scan_iter(f"{literal(prefix)}*", count=_AT_ONCE))
    for start in range(0, len(keys), _AT_ONCE):
        valkey.unlink(*keys[start : start + _AT_ONCE])


def _what_stays(settings: Settings, away: Exception) -> str:
    return (
        f"Valkey cannot be reached ({type(away).__name__}), so what is cached could not be forgotten. People may be "
        f"shown what is still there: recipes for {settings.cache_recipes_seconds} seconds, restaurants for "
        f"{settings.cache_restaurants_seconds}, preferences for {settings.cache_preferences_seconds}, sessions that "
        f"are over for {settings.cache_sessions_seconds}. When Valkey is back, run the same command again."
    )
