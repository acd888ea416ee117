"""Who has swiped what in sessions that are over, from the cache: the part of their snapshots that costs most to read.

A snapshot itself is read from MongoDB each time. It brings the session's version, under which these counts are cached,
so that no stale one can be shown; and while a session is live, they are not cached at all.
"""

from __future__ import annotations

from datetime import timedelta

from backend.config_checks import LONGEST_REQUEST_SECONDS
from backend.infra.cache import Cache
from backend.infra.cache_terms import CacheKind, Shelf
from backend.infra.clock import Clock
from backend.infra.mongo import BsonDocument
from backend.sessions.state import Session
from backend.sessions.swipes import SwipeLog
from backend.sessions.tally import Tally

# A swipe that was under way when the session ended is in the log by then.
_SETTLED = timedelta(seconds=LONGEST_REQUEST_SECONDS)


class EndedCounts:
    """One shelf for each session."""

    def __init__(self, swipes: SwipeLog, cache: Cache, clock: Clock) -> None:
        self._swipes = swipes
        self._cache = cache
        self._clock = clock

    def covers(self, session: Session) -> bool:
        """Whether nothing can change any more in the log of the session's last round."""
        over_since = session.finished_at
        return bool(session.round) and over_since is not None and over_since + _SETTLED < self._clock.now()

    def tally(self, session: Session) -> Tally:
        """What has been swiped, of a session that this covers; opinions and numbers of entries are left out."""
        shelf = Shelf(CacheKind.SESSIONS, str(session.id))
        known = self._cache.one(shelf, f"swiped:{session.version}", lambda: self._count(session))
        swiped = known["swiped"] if known else []
        return Tally(swiped={one["by"]: frozenset(one["cards"]) for one in swiped})

    def _count(self, session: Session) -> BsonDocument:
        swiped = self._swipes.tally(session).swiped
        return {"swiped": [{"by": by, "cards": list(cards)} for by, cards in swiped.items()]}
