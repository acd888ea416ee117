"""Telling people things: into their inbox, and at once to wherever they are connected (docs/product.md M5, G2)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from bson import ObjectId
from pymongo.errors import PyMongoError

from backend.errors import NotFound
from backend.infra.clock import Clock, to_iso, to_milliseconds
from backend.infra.event_bus import EventBus
from backend.notifications.kinds import Kind, News, text_of, without_actor, without_name
from backend.notifications.store import Notification, NotificationStore
from backend.users.service import UserService

_log = structlog.stdlib.get_logger(__name__)

MOST_KEPT = 500


class NotificationService:
    """Everybody's inbox."""

    def __init__(self, *, store: NotificationStore, users: UserService, bus: EventBus, clock: Clock) -> None:
        self._store = store
        self._users = users
        self._bus = bus
        self._clock = clock

    def tell(self, receivers: Iterable[ObjectId], news: News) -> None:
        """Tell people, but for those who do not want this kind, and those who have heard it already.

        What it tells has happened, and must not fail because the telling does: without MongoDB nobody is told; without
        Valkey it stays in the inbox. Of each user the newest MOST_KEPT are kept.
        """
        try:
            people = self._users.by_ids(receivers)
            wanted = [user_id for user_id, user in people.items() if news.kind not in user.muted]
            if not wanted:
                return
            now = self._clock.now()
            told = [
                Notification(
                    id=ObjectId(),
                    user_id=user_id,
                    kind=news.kind,
                    text=news.text,
                    data=news.data,
                    created_at=now,
                    actor_id=news.actor_id,
                    named_by=news.named_by,
                )
                for user_id in wanted
            ]
            fresh = self._store.insert(told, news.key)
            self._bus.address([(one.user_id, frame_of(one)) for one in fresh])
            self._store.trim([one.user_id for one in fresh], MOST_KEPT)
        except PyMongoError as away:
            _log.error("nobody_told", kind=news.kind, error=type(away).__name__)

    def of_user(self, user_id: ObjectId, skip: int, limit: int) -> tuple[list[Notification], int, int]:
        """A page of the user's inbox, newest first; how many are in it, and how many of them unread."""
        return *self._store.of_user(user_id, skip, limit), self._store.count_unread(user_id)

    def mark_read(self, user_id: ObjectId, notification_id: ObjectId) -> Notification:
        """The user has seen one. Harmless to repeat.

        Raises:
            NotFound: `notification_not_found`, also for somebody else's.
        """
        read = self._store.mark_read(user_id, notification_id, self._clock.now())
        if read is None:
            raise NotFound("There is no such notification.", code="notification_not_found")
        return read

    def mark_all_read(self, user_id: ObjectId) -> None:
        """The user has seen everything. Harmless to repeat."""
        self._store.mark_all_read(user_id, self._clock.now())

    def muted_by(self, user_id: ObjectId) -> list[Kind]:
        """The kinds that the user does not want (A5)."""
        muted = self._users.by_id(user_id).muted
        return [kind for kind in Kind if kind in muted]

    def mute(self, user_id: ObjectId, kinds: Iterable[str]) -> list[Kind]:
        """Choose which kinds not to get from now on; what is in the inbox stays."""
        self._users.mute(user_id, kinds)
        return self.muted_by(user_id)

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Everything in the user's inbox, newest first, JSON-ready (for the export)."""
        for one in self._store.all_of_user(user_id):
            yield {**_told(one), "read_at": to_iso(one.read_at) if one.read_at else None}

    def delete_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete what is older than `cutoff` (P4); yields how many, batch by batch."""
        return self._store.delete_before(cutoff, batch=batch, dry_run=dry_run)

    def oldest(self) -> datetime | None:
        """When the oldest notification was written."""
        return self._store.oldest()

    def delete_of(self, user_id: ObjectId) -> int:
        """Empty an inbox, because its account is to go; how many were in it."""
        return self._store.delete_of(user_id)

    def forget(self, user_id: ObjectId) -> int:
        """Empty somebody's inbox, and let the others' no longer name them; how many notifications that were."""
        forgotten = self._store.delete_of(user_id)
        for known in self._store.naming(user_id):
            self._store.retell(_without(user_id, known))
            forgotten += 1
        return forgotten

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has something in the inbox."""
        return self._store.people()


def frame_of(notification: Notification) -> str:
    """What live sockets are sent (docs/live-protocol.md)."""
    at = to_milliseconds(notification.created_at)
    frame = {"at": at, "type": "notification", "data": _told(notification)}
    return json.dumps(frame, separators=(",", ":"))


def _without(user_id: ObjectId, known: Notification) -> Notification:
    """The notification as it is once somebody was erased whom it names, or who named its group."""
    did_it, named_it = known.actor_id == user_id, known.named_by == user_id
    data = without_actor(known.data) if did_it else dict(known.data)
    data = without_name(data) if named_it else data
    return replace(
        known,
        data=data,
        text=text_of(known.kind, data),
        actor_id=None if did_it else known.actor_id,
        named_by=None if named_it else known.named_by,
    )


def _told(notification: Notification) -> dict[str, Any]:
    return {
        "id": str(notification.id),
        "kind": str(notification.kind),
        "text": notification.text,
        "data": dict(notification.data),
        "created_at": to_iso(notification.created_at),
    }
