"""Ratings in MongoDB, notes sealed. Every read and change of one names the user whose it is."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from backend.history.models import RatingRecord
from backend.infra.ageing import Ageing
from backend.infra.mongo import BsonDocument, MongoDatabase, durable, each_value


@dataclass(frozen=True, slots=True)
class Rating:
    """What one person says about one outcome.

    Attributes:
        rating: 1 to 5; None where they did not say.
        note: sealed; None where there is none.
        decided_at: when the session was decided.
    """

    session_id: ObjectId
    rating: int | None
    note: bytes | None
    at: datetime
    decided_at: datetime


class RatingStore:
    """The `ratings` collection."""

    def __init__(self, database: MongoDatabase) -> None:
        self._ratings = durable(database, RatingRecord)
        self._ageing = Ageing(self._ratings, "decided_at")

    def put(self, user_id: ObjectId, rating: Rating) -> None:
        """Keep it in the place of what was said before; the last word counts."""
        mine = {"user_id": user_id, "session_id": rating.session_id}
        said = {
            "rating": rating.rating,
            "note": rating.note,
            "at": rating.at,
            "decided_at": rating.decided_at,
        }
        for _ in range(2):
            try:
                self._ratings.update_one(mine, {"$set": said}, upsert=True)
            except DuplicateKeyError:  # the same person twice in the same moment: now it exists
                continue
            return

    def remove(self, user_id: ObjectId, session_id: ObjectId) -> None:
        """Keep nothing about this outcome."""
        self._ratings.delete_one({"user_id": user_id, "session_id": session_id})

    def about(self, user_id: ObjectId, session_ids: Collection[ObjectId]) -> dict[ObjectId, Rating]:
        """What the user has said about these sessions, by session."""
        found = self._ratings.find({"user_id": user_id, "session_id": {"$in": list(session_ids)}})
        return {record["session_id"]: _from_record(record) for record in found}

    def all_of(self, user_id: ObjectId) -> Iterator[Rating]:
        """All that the user has said, oldest first, streamed."""
        for record in self._ratings.find({"user_id": user_id}).sort([("at", 1), ("_id", 1)]):
            yield _from_record(record)

    def delete_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete ratings of what was decided before `cutoff`; yields how many, batch by batch."""
        return self._ageing.delete_before(cutoff, batch=batch, dry_run=dry_run)

    def oldest(self) -> datetime | None:
        """When that was decided which is rated and lies back longest."""
        return self._ageing.oldest()

    def delete_of(self, user_id: ObjectId) -> int:
        """Delete all that a user has said; how much it was."""
        return self._ratings.delete_many({"user_id": user_id}).deleted_count

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has rated something, each once."""
        return each_value(self._ratings, "user_id")


def _from_record(record: BsonDocument) -> Rating:
    return Rating(
        session_id=record["session_id"],
        rating=record["rating"],
        note=record["note"],
        at=record["at"],
        decided_at=record["decided_at"],
    )
