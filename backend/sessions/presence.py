"""Who has an open socket, across all processes: a sorted set per session whose marks fade unless renewed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from bson import ObjectId

from backend.infra.clock import to_milliseconds
from backend.infra.valkey import Valkey

RENEW_SECONDS = 10
_FADE = timedelta(seconds=3 * RENEW_SECONDS)


class Presence:
    """Marks participants as connected."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._prefix = prefix

    def mark(self, here: Iterable[tuple[ObjectId, ObjectId]], now: datetime) -> None:
        """Renew the marks of (session, user) pairs."""
        until = to_milliseconds(now + _FADE)
        with self._valkey.pipeline(transaction=False) as pipeline:
            for session_id, user_id in here:
                key = self._key(session_id)
                pipeline.zadd(key, {str(user_id): until})
                pipeline.pexpire(key, _FADE)
            pipeline.execute()

    def clear(self, session_id: ObjectId, user_id: ObjectId) -> None:
        """The user's last socket on this process closed. A socket elsewhere renews its mark soon."""
        self._valkey.zrem(self._key(session_id), str(user_id))

    def connected(self, session_id: ObjectId, now: datetime) -> frozenset[str]:
        """Ids of the users with a fresh mark."""
        key = self._key(session_id)
        found = cast("list[bytes]", self._valkey.zrangebyscore(key, to_milliseconds(now), "+inf"))
        return frozenset(member.decode() for member in found)

    def _key(self, session_id: ObjectId) -> str:
        return f"{self._prefix}s:{{{session_id}}}:presence"
