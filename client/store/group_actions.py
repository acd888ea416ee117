"""What can happen to the user's groups and inbox; `client.store.group_reducer` knows what each of them changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from client.net.values import Group, Notification


@dataclass(frozen=True, slots=True)
class GroupsAsked:
    """The user's groups are being read, perhaps again."""


@dataclass(frozen=True, slots=True)
class GroupsFailed:
    """The user's groups could not be read, for this reason: a sentence."""

    error: str


@dataclass(frozen=True, slots=True)
class GroupsLoaded:
    """All the groups that the user is in, newest first."""

    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class GroupEntered:
    """The user has founded or joined a group, or was in it already."""

    group: Group


@dataclass(frozen=True, slots=True)
class GroupLeft:
    """The user is in this group no longer."""

    group_id: str


@dataclass(frozen=True, slots=True)
class GroupInvited:
    """The user has opened a link to a group, and has not said yet whether to join."""

    token: str


@dataclass(frozen=True, slots=True)
class GroupInvitationDropped:
    """The user does not follow the link to a group."""


@dataclass(frozen=True, slots=True)
class InboxRead:
    """The newest notifications, read and unread, newest first; and then, read after them, the user's groups."""

    notifications: tuple[Notification, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Notified:
    """The user was told something just now."""

    notification: Notification


@dataclass(frozen=True, slots=True)
class NotificationSeen:
    """The user has seen a notification, or acted on it."""

    notification_id: str


GroupAction: TypeAlias = (
    GroupsAsked
    | GroupsFailed
    | GroupsLoaded
    | GroupEntered
    | GroupLeft
    | GroupInvited
    | GroupInvitationDropped
    | InboxRead
    | Notified
    | NotificationSeen
)
