"""Who is there, across all processes: a sorted set of marks per session, each worth something until a moment.

A mark says until when somebody counts as connected: renewed while a socket is open, ended at once when it closes, left
to fade when its process dies. A mark that has ended tells since when that person is away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import cast

from bson import ObjectId

from backend.infra.clock import to_milliseconds
from backend.infra.valkey import Valkey

RENEW_SECONDS = 5
_FADE = timedelta(seconds=4 * RENEW_SECONDS)
_FADE_WITHOUT_SOCKET = timedelta(seconds=60)
_KEPT = timedelta(hours=2)
_WITHOUT_SOCKET = "http"

# KEYS: marks. ARGV: prefix of the user's marks, their mark without socket, until, now, milliseconds to keep.
# Whoever has a socket counts by that alone: their calls over HTTP must not hide that it was lost.
_SEEN = """
for _, mark in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[4], '+inf')) do
  if mark ~= ARGV[2] and string.sub(mark, 1, #ARGV[1]) == ARGV[1] then return 0 end
end
redis.call('ZADD', KEYS[1], ARGV[3], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
return 1
"""

Marks = Mapping[str, int]
"""By user id: until when they are (or were) connected, in milliseconds since 1970."""


class Presence:
    """Marks participants as connected, one mark per process that holds a socket of theirs."""

    def __init__(self, valkey: Valkey, prefix: str, node: str) -> None:
        self._valkey = valkey
        self._prefix = prefix
        self._node = node
        self._seen = valkey.register_script(_SEEN)

    def mark(self, here: Iterable[tuple[ObjectId, ObjectId]], now: datetime) -> None:
        """Renew this process's marks of (session, user) pairs."""
        until = to_milliseconds(now + _FADE)
        with self._valkey.pipeline(transaction=False) as pipeline:
            for session_id, user_id in here:
                key = self._key(session_id)
                pipeline.zadd(key, {f"{user_id}:{self._node}": until})
                pipeline.pexpire(key, _KEPT)
            pipeline.ping()  # so that it is noticed, with nobody here too, when Valkey is away
            pipeline.execute()

    def arrived(self, session_id: ObjectId, user_id: ObjectId, now: datetime) -> None:
        """The user opened a socket on this process."""
        key = self._key(session_id)
        with self._valkey.pipeline(transaction=False) as pipeline:
            pipeline.zrem(key, f"{user_id}:{_WITHOUT_SOCKET}")
            pipeline.zadd(key, {f"{user_id}:{self._node}": to_milliseconds(now + _FADE)})
            pipeline.pexpire(key, _KEPT)
            pipeline.execute()

    def seen(self, session_id: ObjectId, user_id: ObjectId, now: datetime) -> None:
        """The user called over HTTP: without a socket, that counts for a minute."""
        until = to_milliseconds(now + _FADE_WITHOUT_SOCKET)
        arguments: list[str | int] = [
            f"{user_id}:",
            f"{user_id}:{_WITHOUT_SOCKET}",
            until,
            to_milliseconds(now),
        ]
        self._seen(keys=[self._key(session_id)], args=[*arguments, _KEPT // timedelta(milliseconds=1)])

    def departed(self, session_id: ObjectId, user_id: ObjectId, now: datetime) -> bool:
        """The user's last socket on this process closed; whether they are connected elsewhere.

        Only ends a mark that is there: who was forgotten (`forget`) while the socket closed stays forgotten.
        """
        mark = {f"{user_id}:{self._node}": to_milliseconds(now)}
        self._valkey.zadd(self._key(session_id), mark, xx=True)
        return self.marks([session_id])[0].get(str(user_id), 0) > to_milliseconds(now)

    def expect(self, session_id: ObjectId, user_ids: Iterable[ObjectId], now: datetime) -> None:
        """Let people of whom nothing is known count as away from now on."""
        marks = {f"{user_id}:{_WITHOUT_SOCKET}": to_milliseconds(now) for user_id in user_ids}
        self._valkey.zadd(self._key(session_id), marks, nx=True)
        self._valkey.pexpire(self._key(session_id), _KEPT)

    def forget(self, session_id: ObjectId, user_id: ObjectId) -> None:
        """Know nothing of the user in this session any more."""
        marks = cast("list[bytes]", self._valkey.zrange(self._key(session_id), 0, -1))
        theirs = [mark for mark in marks if mark.decode().partition(":")[0] == str(user_id)]
        if theirs:
            self._valkey.zrem(self._key(session_id), *theirs)

    def connected(self, session_id: ObjectId, now: datetime) -> frozenset[str]:
        """Ids of the users who are connected."""
        moment = to_milliseconds(now)
        return frozenset(user for user, until in self.marks([session_id])[0].items() if until > moment)

    def marks(self, session_ids: Sequence[ObjectId]) -> list[Marks]:
        """Everybody's best mark, session by session, in one round trip."""
        with self._valkey.pipeline(transaction=False) as pipeline:
            for session_id in session_ids:
                pipeline.zrange(self._key(session_id), 0, -1, withscores=True)
            found = cast("list[list[tuple[bytes, float]]]", pipeline.execute())
        # In order of their scores, so that the best mark of each user comes last.
        return [{mark.decode().partition(":")[0]: int(until) for mark, until in one} for one in found]

    def _key(self, session_id: ObjectId) -> str:
        return f"{self._prefix}s:{{{session_id}}}:presence"
