"""Notifications in MongoDB. Every read and change names the user whose they are."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import BulkWriteError

from backend.infra.ageing import Ageing
from backend.infra.mongo import BsonDocument, MongoDatabase, durable, each_value
from backend.notifications.models import NotificationRecord

_DUPLICATE = 11000
_NEWEST_FIRST = [("created_at", -1), ("_id", -1)]


@dataclass(frozen=True, slots=True)
class Notification:
    """Something that one user was told.

    Attributes:
        kind: a `Kind`, or one of an earlier version.
        read_at: None until the user has seen it.
        actor_id: whom it names; None for nobody, and where they were erased.
        named_by: who chose the group's name that it holds; likewise.
    """

    id: ObjectId
    user_id: ObjectId
    kind: str
    text: str
    data: Mapping[str, str]
    created_at: datetime
    read_at: datetime | None = None
    actor_id: ObjectId | None = None
    named_by: ObjectId | None = None


class NotificationStore:
    """The `notifications` collection."""

    def __init__(self, database: MongoDatabase) -> None:
        self._notifications = durable(database, NotificationRecord)
        self._ageing = Ageing(self._notifications, "created_at")

    def insert(self, notifications: Sequence[Notification], key: str) -> list[Notification]:
        """Keep what its receivers have not been told under this key before, and return that."""
        records = [
            {
                "_id": one.id,
                "user_id": one.user_id,
                "key": key,
                "kind": one.kind,
                "text": one.text,
                "data": dict(one.data),
                "created_at": one.created_at,
                "read_at": one.read_at,
                "actor_id": one.actor_id,
                "named_by": one.named_by,
            }
            for one in notifications
        ]
        try:
            self._notifications.insert_many(records, ordered=False)
        except BulkWriteError as partly:
            failed = partly.details["writeErrors"]
            if any(error["code"] != _DUPLICATE for error in failed):
                raise
            known = {error["index"] for error in failed}
            return [one for index, one in enumerate(notifications) if index not in known]
        return list(notifications)

    def of_user(self, user_id: ObjectId, skip: int, limit: int) -> tuple[list[Notification], int]:
        """A page of the user's notifications, newest first, and how many there are."""
        query = {"user_id": user_id}
        found = self._notifications.find(query).sort(_NEWEST_FIRST).skip(skip).limit(limit)
        return [_from_record(record) for record in found], self._notifications.count_documents(query)

    def all_of_user(self, user_id: ObjectId) -> Iterator[Notification]:
        """Every notification of the user, newest first, streamed."""
        for record in self._notifications.find({"user_id": user_id}).sort(_NEWEST_FIRST):
            yield _from_record(record)

    def count_unread(self, user_id: ObjectId) -> int:
        """How many the user has not seen."""
        return self._notifications.count_documents({"user_id": user_id, "read_at": None})

    def mark_read(self, user_id: ObjectId, notification_id: ObjectId, now: datetime) -> Notification | None:
        """Note that the user has seen one; the first time counts. None where the user has no such notification."""
        mine = {"_id": notification_id, "user_id": user_id}
        changed = self._notifications.find_one_and_update(
            {**mine, "read_at": None}, {"$set": {"read_at": now}}, return_document=ReturnDocument.AFTER
        )
        found = changed or self._notifications.find_one(mine)
        return _from_record(found) if found else None

    def mark_all_read(self, user_id: ObjectId, now: datetime) -> None:
        """Note that the user has seen everything up to now."""
        unread = {"user_id": user_id, "read_at": None, "created_at": {"$lte": now}}
        self._notifications.update_many(unread, {"$set": {"read_at": now}})

    def trim(self, user_ids: Collection[ObjectId], most: int) -> None:
        """Of each of these users keep the newest `most`. Asks the index alone, and once for all."""
        counted = self._notifications.aggregate(
            [
                {"$match": {"user_id": {"$in": list(user_ids)}}},
                {"$group": {"_id": "$user_id", "count": {"$sum": 1}}},
                {"$match": {"count": {"$gt": most}}},
            ]
        )
        for full in counted:
            oldest = self._notifications.find({"user_id": full["_id"]}, {"_id": 1}).sort(_NEWEST_FIRST)
            too_many = [record["_id"] for record in oldest.skip(most)]
            self._notifications.delete_many({"_id": {"$in": too_many}})

    def delete_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete notifications that are older than `cutoff`; yields how many, batch by batch."""
        return self._ageing.delete_before(cutoff, batch=batch, dry_run=dry_run)

    def oldest(self) -> datetime | None:
        """When the oldest notification was written."""
        return self._ageing.oldest()

    def naming(self, user_id: ObjectId) -> Iterator[Notification]:
        """What others were told that names the user, or holds a group's name that the user chose."""
        for role in ("actor_id", "named_by"):
            for record in self._notifications.find({role: user_id}):
                yield _from_record(record)

    def retell(self, notification: Notification) -> None:
        """Let a notification say something else. Its key goes, which may name somebody: it is not told again."""
        self._notifications.update_one(
            {"_id": notification.id},
            {
                "$set": {
                    "key": f"retold:{notification.id}",
                    "text": notification.text,
                    "data": dict(notification.data),
                    "actor_id": notification.actor_id,
                    "named_by": notification.named_by,
                }
            },
        )

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has an inbox, each once."""
        return each_value(self._notifications, "user_id")

    def delete_of(self, user_id: ObjectId) -> int:
        """Empty a user's inbox; how many were in it."""
        return self._notifications.delete_many({"user_id": user_id}).deleted_count


def _from_record(record: BsonDocument) -> Notification:
    return Notification(
        id=record["_id"],
        user_id=record["user_id"],
        kind=record["kind"],
        text=record["text"],
        data=record["data"],
        created_at=record["created_at"],
        read_at=record["read_at"],
        actor_id=record.get("actor_id"),
        named_by=record.get("named_by"),
    )
