"""What crosses the wire about notifications."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from backend.http.schemas import Body, Id, IdPath, Moment, Page
from backend.notifications.kinds import Kind
from backend.notifications.store import Notification

KindName = Literal["session_started", "group_joined", "group_removed", "group_deleted", "group_owned"]


class NotificationPath(IdPath):
    """The notification in the path."""


class NotificationOut(BaseModel):
    """Something that the caller was told."""

    id: Id
    kind: str = Field(description="Which others there may be: docs/live-protocol.md.")
    text: str = Field(description="One sentence, ready for people.")
    data: dict[str, str] = Field(description="What a program needs to act on it.")
    created_at: Moment
    read_at: Moment | None

    @classmethod
    def of(cls, notification: Notification) -> NotificationOut:
        """As it is written to the wire."""
        return cls(
            id=str(notification.id),
            kind=notification.kind,
            text=notification.text,
            data=dict(notification.data),
            created_at=notification.created_at,
            read_at=notification.read_at,
        )


class Inbox(Page[NotificationOut]):
    """A page of the inbox, and how many notifications in all of it are unread."""

    unread: int


class NotificationSettings(Body):
    """Which kinds of notifications one does not want."""

    muted: list[KindName] = Field(max_length=2 * len(Kind))
