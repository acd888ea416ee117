"""Who has an open socket, across all processes: a sorted set per session whose marks fade unless renewed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from bson import ObjectId

from backend.infra.clock import to_milliseconds
from backend.infra.valkey import Valkey

RENEW_SECONDS = 5
_FADE = timedelta(seconds=5 * RENEW_SECONDS)


class Presence:
    """Marks participants as connected, one mark per process that holds a socket of theirs."""

    def __init__(self, valkey: Valkey, prefix: str, node: str) -> None:
        self._valkey = valkey
        self._prefix = prefix
        self._node = node

    def mark(self, here: Iterable[tuple[ObjectId, ObjectId]], now: datetime) -> None:
        """Renew this process's marks of (session, user) pairs."""
        until = to_milliseconds(now + _FADE)
        with self._valkey.pipeline(transaction=False) as pipeline:
            for session_id, user_id in here:
                key = self._key(session_id)
                pipeline.zadd(key, {self._mark(user_id): until})
                pipeline.pexpire(key, _FADE)
            pipeline.execute()

    def clear(self, session_id: ObjectId, user_id: ObjectId, now: datetime) -> bool:
        """The user's last socket on this process closed; whether they are connected elsewhere."""
        self._valkey.zrem(self._key(session_id), self._mark(user_id))
        return str(user_id) in self.connected(session_id, now)

    def connected(self, session_id: ObjectId, now: datetime) -> frozenset[str]:
        """Ids of the users with a fresh mark."""
        key = self._key(session_id)
        found = cast("list[bytes]", self._valkey.zrangebyscore(key, to_milliseconds(now), "+inf"))
        return frozenset(mark.decode().partition(":")[0] for mark in found)

    def _mark(self, user_id: ObjectId) -> str:
        return f"{user_id}:{self._node}"

    def _key(self, session_id: ObjectId) -> str:
        return f"{self._prefix}s:{{{session_id}}}:presence"
