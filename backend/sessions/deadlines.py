"""When time changes a session: one sorted set in Valkey, watched by every process, so that no clock dies with one."""

from __future__ import annotations

from datetime import datetime, timedelta

from bson import ObjectId

from backend.infra.clock import to_milliseconds
from backend.infra.valkey import Valkey

_CLAIM = timedelta(seconds=5)
_BATCH = 50

# Moves what is due a little into the future instead of removing it: whoever claimed it and died loses nothing.
_CLAIM_DUE = """
local due = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[1], 'LIMIT', 0, ARGV[3])
for _, member in ipairs(due) do redis.call('ZADD', KEYS[1], ARGV[2], member) end
return due
"""


class Deadlines:
    """Sessions by the time at which something is due. A member may be early or gone already: the rules decide."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._key = f"{prefix}deadlines"
        self._claim_due = valkey.register_script(_CLAIM_DUE)

    def put(self, session_id: ObjectId, due_at: datetime | None) -> None:
        """Set the session's next deadline; None: it has none any more."""
        if due_at is None:
            self._valkey.zrem(self._key, str(session_id))
        else:
            self._valkey.zadd(self._key, {str(session_id): to_milliseconds(due_at)})

    def put_missing(self, due: list[tuple[ObjectId, datetime]]) -> None:
        """Add deadlines that Valkey does not know (it may have lost its memory); known ones stay as they are."""
        if due:
            members = {str(session_id): to_milliseconds(due_at) for session_id, due_at in due}
            self._valkey.zadd(self._key, members, nx=True)

    def claim(self, now: datetime) -> list[ObjectId]:
        """Sessions that are due, each given to one process. Whoever gets one calls `put` when done.

        What is claimed and not put comes back after five seconds.
        """
        claimed = self._claim_due(
            keys=[self._key], args=[to_milliseconds(now), to_milliseconds(now + _CLAIM), _BATCH]
        )
        return [ObjectId(member.decode()) for member in claimed]
