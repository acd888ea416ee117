"""When time changes a session: one sorted set in Valkey, watched by every process, so that no clock dies with one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from bson import ObjectId

from backend.infra.clock import to_milliseconds
from backend.infra.valkey import Breaker, Valkey

_BATCH = 50

_CLAIM_DUE = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
if #due > 0 then redis.call('ZREM', KEYS[1], unpack(due)) end
return due
"""


class Deadlines:
    """Sessions by the time at which something is due.

    An entry is only ever moved to an earlier time: two processes may write in another order than they changed the
    session in, and the later time must not win. Being early is harmless, because the rules decide whether anything is
    due, and whoever asked them puts the true time again. An entry that is lost with the process that claimed it, or
    with Valkey's memory, comes back from MongoDB (`SessionRuntime`).
    """

    def __init__(self, valkey: Valkey, prefix: str, breaker: Breaker) -> None:
        self._valkey = valkey
        self._breaker = breaker
        self._key = f"{prefix}deadlines"
        self._claim_due = valkey.register_script(_CLAIM_DUE)

    def put(self, due: Iterable[tuple[ObjectId, datetime]]) -> None:
        """Have these sessions looked at, at these times or earlier."""
        members = {str(session_id): to_milliseconds(due_at) for session_id, due_at in due}
        if members:
            with self._breaker.guard():
                self._valkey.zadd(self._key, members, lt=True)

    def claim(self, now: datetime) -> list[ObjectId]:
        """Take the sessions that are due; each goes to one caller alone."""
        claimed = self._claim_due(keys=[self._key], args=[to_milliseconds(now), _BATCH])
        return [ObjectId(member.decode()) for member in cast("list[bytes]", claimed)]
