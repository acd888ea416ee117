"""What somebody's sessions came to, for features that build on it (docs/product.md C5, M4)."""

from __future__ import annotations

from bson import ObjectId

from backend.errors import Conflict
from backend.infra.clock import Clock
from backend.sessions.evenings import Evenings
from backend.sessions.ranking import Past
from backend.sessions.state import Session
from backend.sessions.store import SessionStore


class Outcomes:
    """Sessions with an outcome. Reads only."""

    def __init__(self, store: SessionStore, evenings: Evenings, clock: Clock) -> None:
        self._store = store
        self._evenings = evenings
        self._clock = clock

    def of_user(self, user_id: ObjectId, skip: int, limit: int) -> tuple[list[Session], int]:
        """A page of those that the user was in to the end, newest first, and how many there are."""
        return self._store.decided_with(user_id, skip, limit)

    def find(self, session_id: ObjectId, user_id: ObjectId) -> Session:
        """One of them.

        Raises:
            NotFound: `session_not_found`, also for those who were not in it.
            Conflict: `no_outcome`: it has none, or the user left before.
        """
        session = self._store.load(session_id)
        if session.participant(user_id).left or session.outcome is None:
            raise Conflict("This session has no outcome of yours.", code="no_outcome")
        return session

    def past_of(self, user_id: ObjectId) -> Past:
        """What the user liked in their latest sessions, and what these decided lately."""
        return self._evenings.past_of([user_id], [], self._clock.now())
