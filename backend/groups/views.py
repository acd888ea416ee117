"""What members are shown of their groups. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bson import ObjectId

from backend.config import Settings
from backend.groups.store import Group
from backend.infra.clock import to_iso
from backend.sessions.kept import KeptSessions
from backend.sessions.state import Session
from backend.sessions.views import SessionViews
from backend.users.service import UserProfile, UserService


class GroupViews:
    """Renders groups for their members."""

    def __init__(
        self, *, users: UserService, kept: KeptSessions, sessions: SessionViews, settings: Settings
    ) -> None:
        self._users = users
        self._kept = kept
        self._sessions = sessions
        self._base_url = settings.base_url

    def invite_link(self, group: Group) -> str:
        """The address that people hand on."""
        return f"{self._base_url}/g/{group.token}"

    def groups(self, groups: Sequence[Group]) -> list[dict[str, Any]]:
        """Groups with their members' names and live sessions: two reads, however many groups."""
        people = self._users.by_ids({member.user_id for group in groups for member in group.members})
        live = self._kept.live_of_groups([group.id for group in groups])
        return [self._group(group, people, live.get(group.id)) for group in groups]

    def group(self, group: Group) -> dict[str, Any]:
        """One group."""
        return self.groups([group])[0]

    def history(self, group: Group, skip: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """A page of what the group has decided, newest first, and how many decisions there are (G3)."""
        sessions, total = self._kept.of_group(group.id, skip, limit)
        return self._sessions.decisions(sessions), total

    def _group(
        self, group: Group, people: dict[ObjectId, UserProfile], live: Session | None
    ) -> dict[str, Any]:
        return {
            "id": str(group.id),
            "name": group.name,
            "owner_id": str(group.owner_id),
            "members": [
                {
                    "id": str(member.user_id),
                    "display_name": people[member.user_id].display_name,
                    "joined_at": to_iso(member.joined_at),
                }
                for member in group.members
                if member.user_id in people  # an account that was deleted a moment ago
            ],
            "invite_link": self.invite_link(group),
            "created_at": to_iso(group.created_at),
            "live_session": live and _live(live),
        }


def _live(session: Session) -> dict[str, Any]:
    return {
        "id": str(session.id),
        "code": session.code,
        "status": session.status.value,
        "host_name": session.participant(session.host_id).display_name,
        "people": len(session.members),
    }
