"""How the user's groups and inbox change: pure, and harmless when something is told twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from client.net.values import Group, Notification
from client.store import actions, group_actions
from client.store.listing import Fetched
from client.store.state import AppState
from client.words import _

SESSION_STARTED = "session_started"
MOST_NOTIFICATIONS = 100


@dataclass(frozen=True, slots=True)
class SessionInvitation:
    """One of the user's groups has a session going that the user may join with its `code` (docs/product.md G2)."""

    notification_id: str
    session_id: str
    code: str
    host_name: str
    group_name: str


def session_invitations(state: AppState) -> tuple[SessionInvitation, ...]:
    """The open invitations to sessions, newest first; not the one to the session that the user is in."""
    found = (_invitation(notification) for notification in state.notifications)
    return tuple(one for one in found if one is not None and one.session_id != state.open_session_id)


def known_groups(state: AppState) -> Fetched[tuple[Group, ...]]:
    """The user's groups and whether they could be read; guests are in none (docs/product.md G1)."""
    user = state.auth.user
    groups = () if state.groups is None and user is not None and user.guest else state.groups
    if state.groups_error:
        return Fetched(groups, "failed", state.groups_error)
    return Fetched(groups, "loading" if groups is None else "loaded")


def with_group_action(state: AppState, action: actions.Action) -> AppState:
    """The state after something happened to groups or the inbox; any other action changes nothing."""
    match action:
        case group_actions.GroupEntered(group):
            others = (known for known in state.groups or () if known.id != group.id)
            return replace(state, groups=(group, *others), group_invitation="")
        case group_actions.GroupLeft(group_id) if state.groups is not None:
            return replace(state, groups=tuple(one for one in state.groups if one.id != group_id))
        case group_actions.GroupInvited(token):
            return replace(state, group_invitation=token)
        case group_actions.GroupInvitationDropped():
            return replace(state, group_invitation="")
        case _:
            return _with_inbox_action(_with_reading(state, action), action)


def _with_reading(state: AppState, action: actions.Action) -> AppState:
    match action:
        case group_actions.GroupsLoaded(groups):
            return replace(state, groups=groups, groups_error="")
        case group_actions.GroupsAsked():
            return replace(state, groups_error="")
        case group_actions.GroupsFailed(error):
            return replace(state, groups_error=error)
        case _:
            return state


def _with_inbox_action(state: AppState, action: actions.Action) -> AppState:
    match action:
        case group_actions.InboxRead(page, groups):
            notifications = _still_open(state.notifications, page, groups)
            return replace(state, groups=groups, groups_error="", notifications=notifications)
        case group_actions.Notified(notification):
            known = (one for one in state.notifications if one.id != notification.id)
            return replace(state, notifications=_bounded((notification, *known)))
        case group_actions.NotificationSeen(notification_id):
            rest = (one for one in state.notifications if one.id != notification_id)
            return replace(state, notifications=tuple(rest))
        case _:
            return state


def _still_open(
    known: Iterable[Notification], page: tuple[Notification, ...], groups: Iterable[Group]
) -> tuple[Notification, ...]:
    """What is unread on the page and not overtaken, after what was told live while the page was on its way."""
    newest = max((one.created_at for one in page), default=0.0)
    listed = {one.id for one in page}
    told_meanwhile = (one for one in known if one.id not in listed and one.created_at >= newest)
    going_on = {group.live_session_id for group in groups}
    unread = (one for one in page if not one.read and not _overtaken(one, going_on))
    return _bounded((*told_meanwhile, *unread))


def _overtaken(notification: Notification, going_on: set[str | None]) -> bool:
    """Whether it calls to a session that is over, or of a group that the user has left."""
    return notification.kind == SESSION_STARTED and notification.about.get("session_id") not in going_on


def _invitation(notification: Notification) -> SessionInvitation | None:
    about = notification.about
    if notification.kind != SESSION_STARTED or not about.keys() >= {"session_id", "code"}:
        return None
    return SessionInvitation(
        notification.id,
        session_id=about["session_id"],
        code=about["code"],
        host_name=about.get("host_name", _("Somebody")),
        group_name=about.get("group_name", _("your group")),
    )


def _bounded(notifications: tuple[Notification, ...]) -> tuple[Notification, ...]:
    return notifications[:MOST_NOTIFICATIONS]
