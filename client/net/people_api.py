"""Past sessions, the inbox, one group in full, one's own name. Every method blocks and raises `ApiError`."""

from __future__ import annotations

from client.net.caller import Caller
from client.net.paging import PAGE_SIZE, Page
from client.net.people_reading import (
    read_decisions,
    read_due,
    read_history,
    read_history_entry,
    read_inbox,
    read_muted,
    read_running,
)
from client.net.people_values import Decision, HistoryEntry, InboxPage, Opinion, RunningSession
from client.net.reading import read_group, read_user
from client.net.values import Group, User

RECENT_SESSIONS = 100
"""As many sessions as the server lists at a time: those that it asks about are among the newest."""

LATEST_SESSIONS = 10
"""Among these is what still runs: it began within the last hours."""


class PeopleApi:
    """Thread safe."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    # What was decided

    def history(self, page: int) -> Page[HistoryEntry]:
        """What the user's sessions decided, newest first."""
        return self._caller.ask(read_history, "GET", _paged("/users/me/history", page))

    def rate(self, session_id: str, opinion: Opinion) -> HistoryEntry:
        """Keep what the user thinks of an outcome, in place of what they thought before."""
        content = {"rating": opinion.rating, "note": opinion.note or None}
        return self._caller.ask(read_history_entry, "PUT", f"/users/me/history/{session_id}", content)

    def feedback_due(self) -> frozenset[str]:
        """The sessions that the server would like to hear about (docs/product.md S15)."""
        return self._caller.ask(read_due, "GET", f"/sessions?limit={RECENT_SESSIONS}")

    def running(self) -> tuple[RunningSession, ...]:
        """The sessions that the user can go back into, newest first."""
        return self._caller.ask(read_running, "GET", f"/sessions?limit={LATEST_SESSIONS}")

    def follow_up(self, session_id: str, *, followed_through: bool) -> None:
        """Say whether one cooked it, or went there; the last word counts."""
        self._caller.call("POST", f"/sessions/{session_id}/feedback", {"followed_through": followed_through})

    # What one was told

    def inbox(self, page: int) -> InboxPage:
        """What the user was told, newest first."""
        return self._caller.ask(read_inbox, "GET", _paged("/users/me/notifications", page))

    def mark_read(self, notification_id: str) -> None:
        """Note that the user has seen a notification; harmless to repeat."""
        self._caller.call("POST", f"/users/me/notifications/{notification_id}/read")

    def mark_all_read(self) -> None:
        """Note that the user has seen all of them."""
        self._caller.call("POST", "/users/me/notifications/read")

    def muted(self) -> frozenset[str]:
        """The kinds of notifications that the user does not want."""
        return self._caller.ask(read_muted, "GET", "/users/me/notification-settings")

    def mute(self, kinds: frozenset[str]) -> frozenset[str]:
        """Get none of these kinds any more, and all others; the answer is what holds now."""
        return self._caller.ask(
            read_muted, "PUT", "/users/me/notification-settings", {"muted": sorted(kinds)}
        )

    # One group

    def group(self, group_id: str) -> Group:
        """A group that the user is in; 404 `group_not_found`."""
        return self._caller.ask(read_group, "GET", f"/groups/{group_id}")

    def group_history(self, group_id: str, page: int) -> Page[Decision]:
        """What the group has decided, newest first (docs/product.md G3)."""
        return self._caller.ask(read_decisions, "GET", _paged(f"/groups/{group_id}/history", page))

    def rename_group(self, group_id: str, name: str) -> Group:
        """Call a group something else (its owner's right)."""
        return self._caller.ask(read_group, "PATCH", f"/groups/{group_id}", {"name": name})

    def renew_invite(self, group_id: str) -> Group:
        """Make another invite link: nobody can join by the one before (the owner's right)."""
        return self._caller.ask(read_group, "POST", f"/groups/{group_id}/invite")

    def remove_member(self, group_id: str, user_id: str) -> Group:
        """Show somebody out (the owner's right)."""
        return self._caller.ask(read_group, "DELETE", f"/groups/{group_id}/members/{user_id}")

    # Oneself

    def rename_self(self, display_name: str) -> User:
        """Choose another name to be shown by."""
        return self._caller.ask(read_user, "PATCH", "/users/me", {"display_name": display_name})


def _paged(path: str, page: int) -> str:
    return f"{path}?page={page}&limit={PAGE_SIZE}"
