"""Exports in MongoDB. Documents do not leave this file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from backend.compliance.exports.models import Export
from backend.infra.mongo import BsonDocument, each_value

_MAX_LISTED = 50


@dataclass(frozen=True, slots=True)
class ExportState:
    """Where an export is.

    Attributes:
        status: "queued", "running", "done" or "failed".
        progress: 0 to 100.
        touched_at: when it last got on; one that has not for long was lost.
        expires_at: from then on it cannot be downloaded.
    """

    id: ObjectId
    user_id: ObjectId
    status: str
    progress: int
    requested_at: datetime
    touched_at: datetime
    finished_at: datetime | None
    expires_at: datetime
    size_bytes: int | None


class ExportStore:
    """The `exports` collection."""

    def begin(self, user_id: ObjectId, now: datetime, expires_at: datetime) -> ExportState | None:
        """Begin an export; None where the user has one that is not finished."""
        export: BsonDocument = {
            "_id": ObjectId(),
            "user": user_id,
            "status": "queued",
            "progress": 0,
            "running": True,
            "requested_at": now,
            "touched_at": now,
            "expires_at": expires_at,
        }
        try:
            _exports().insert_one(export)
        except DuplicateKeyError:
            return None
        return _state(export)

    def unfinished_of(self, user_id: ObjectId) -> ExportState | None:
        """The user's export that is queued or running."""
        return _state_or_none(_exports().find_one({"user": user_id, "running": True}))

    def of_user(self, user_id: ObjectId) -> list[ExportState]:
        """The user's exports, newest first, at most 50."""
        found = _exports().find({"user": user_id}).sort("requested_at", -1).limit(_MAX_LISTED)
        return [_state(export) for export in found]

    def every_one_of(self, user_id: ObjectId) -> Iterator[ExportState]:
        """The user's exports, oldest first, however many."""
        for found in _exports().find({"user": user_id}).sort("requested_at", 1):
            yield _state(found)

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has asked for an export, each once."""
        return each_value(_exports(), "user")

    def find(self, export_id: ObjectId) -> ExportState | None:
        """One export, whoever's it is."""
        return _state_or_none(_exports().find_one({"_id": export_id}))

    def touch(self, export_id: ObjectId, now: datetime) -> bool:
        """Note that it was put on the queue again; False where it has finished meanwhile."""
        return self._update(export_id, touched_at=now)

    def advance(self, export_id: ObjectId, progress: int, now: datetime) -> bool:
        """Note how far building has come; False where it has finished or is gone."""
        return self._update(export_id, status="running", progress=progress, touched_at=now)

    def finish(self, export_id: ObjectId, size_bytes: int, now: datetime, expires_at: datetime) -> bool:
        """Note that it can be downloaded."""
        return self._update(
            export_id,
            status="done",
            progress=100,
            running=False,
            touched_at=now,
            finished_at=now,
            expires_at=expires_at,
            size_bytes=size_bytes,
        )

    def fail(self, export_id: ObjectId, now: datetime) -> bool:
        """Note that it was given up; the user may ask for another."""
        return self._update(export_id, status="failed", running=False, touched_at=now, finished_at=now)

    def expired(self, cutoff: datetime, batch: int) -> list[ObjectId]:
        """Up to `batch` exports that expired before `cutoff`."""
        return [
            found["_id"]
            for found in _exports().find({"expires_at": {"$lt": cutoff}}, {"_id": 1}).limit(batch)
        ]

    def count_expired(self, cutoff: datetime) -> int:
        """How many exports expired before `cutoff`."""
        return _exports().count_documents({"expires_at": {"$lt": cutoff}})

    def oldest(self) -> datetime | None:
        """When the oldest export was asked for."""
        found = _exports().find_one({}, {"requested_at": 1}, sort=[("_id", 1)])
        return found["requested_at"] if found else None

    def delete(self, export_ids: list[ObjectId]) -> int:
        """Forget exports; how many there were."""
        return _exports().delete_many({"_id": {"$in": export_ids}}).deleted_count

    def _update(self, export_id: ObjectId, **fields: Any) -> bool:
        return _exports().update_one({"_id": export_id, "running": True}, {"$set": fields}).matched_count == 1


def _exports() -> Collection[BsonDocument]:
    collection: Collection[BsonDocument] = Export._get_collection()
    return collection


def _state(export: BsonDocument) -> ExportState:
    return ExportState(
        id=export["_id"],
        user_id=export["user"],
        status=export["status"],
        progress=export["progress"],
        requested_at=export["requested_at"],
        touched_at=export["touched_at"],
        finished_at=export.get("finished_at"),
        expires_at=export["expires_at"],
        size_bytes=export.get("size_bytes"),
    )


def _state_or_none(export: BsonDocument | None) -> ExportState | None:
    return _state(export) if export else None
