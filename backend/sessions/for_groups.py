"""Sessions that belong to a group (docs/product.md G2): opened by a member, and the others are told."""

from __future__ import annotations

from datetime import timedelta

from bson import ObjectId

from backend.groups.service import GroupService
from backend.infra.clock import Clock
from backend.sessions.service import SessionService
from backend.sessions.state import Session
from backend.sessions.store import SessionStore

# Whoever opens more than these for one group in so short a time no longer has the others called each time. They see
# the session with the group; their inboxes are not somebody else's toy.
_CALLS = 5
_CALLS_WITHIN = timedelta(minutes=10)


class GroupSessions:
    """Opens sessions for groups."""

    def __init__(
        self, sessions: SessionService, groups: GroupService, store: SessionStore, clock: Clock
    ) -> None:
        self._sessions = sessions
        self._groups = groups
        self._store = store
        self._clock = clock

    def open(
        self,
        group_id: ObjectId,
        host_id: ObjectId,
        menu: str,
        deck_size: int,
        round_seconds: tuple[int, ...] | None,
    ) -> Session:
        """Open a lobby for a group, as `SessionService.create` does.

        Raises:
            NotFound: `group_not_found`: the host is no member.
            Conflict: `too_many_sessions` (A4).
        """
        group = self._groups.get(group_id, host_id)
        session = self._sessions.create(host_id, menu, deck_size, round_seconds, group_id)
        host_name = session.participant(host_id).display_name
        since = self._clock.now() - _CALLS_WITHIN
        if self._store.count_founded(host_id, group_id, since, _CALLS + 1) <= _CALLS:
            self._groups.tell_of_session(group, host_id, host_name, session.id, session.code)
        return session
