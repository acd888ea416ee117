"""Sessions that belong to a group (docs/product.md G2): opened by a member, and the others are told."""

from __future__ import annotations

from bson import ObjectId

from backend.groups.service import GroupService
from backend.sessions.service import SessionService
from backend.sessions.state import Session


class GroupSessions:
    """Opens sessions for groups."""

    def __init__(self, sessions: SessionService, groups: GroupService) -> None:
        self._sessions = sessions
        self._groups = groups

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
        self._groups.tell_of_session(group, host_id, host_name, session.id, session.code)
        return session
