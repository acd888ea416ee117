"""Favourites in MongoDB. Unique indexes make each change harmless to repeat, whoever does it at the same moment."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from backend.catalog.candidates import Kind
from backend.favourites.models import LikeRecord, SavedItemRecord
from backend.infra.mongo import BsonDocument, MongoDatabase, durable, each_value

_NEWEST_FIRST = [("saved_at", -1), ("_id", -1)]


@dataclass(frozen=True, slots=True)
class Saved:
    """Something that one user has saved."""

    item_id: ObjectId
    kind: Kind
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Like:
    """A recipe that one user likes."""

    recipe_id: ObjectId
    at: datetime


class FavouriteStore:
    """The `saved_items` and `likes` collections. Every read and change of one's own names the user."""

    def __init__(self, database: MongoDatabase) -> None:
        self._saved = durable(database, SavedItemRecord)
        self._likes = durable(database, LikeRecord)

    def save(self, user_id: ObjectId, item: Saved) -> None:
        """Keep it, unless the user has already: the first time counts."""
        _insert_once(
            self._saved,
            {"user_id": user_id, "kind": item.kind, "item_id": item.item_id, "saved_at": item.saved_at},
        )

    def unsave(self, user_id: ObjectId, kind: Kind, item_id: ObjectId) -> None:
        """Keep it no longer."""
        self._saved.delete_one({"user_id": user_id, "item_id": item_id, "kind": kind})

    def has_saved(self, user_id: ObjectId, item_id: ObjectId) -> bool:
        """Whether the user has saved it."""
        return self._saved.find_one({"user_id": user_id, "item_id": item_id}, {"_id": 1}) is not None

    def count_saved(self, user_id: ObjectId, kind: Kind) -> int:
        """How many of one kind the user has saved."""
        return self._saved.count_documents({"user_id": user_id, "kind": kind})

    def saved(self, user_id: ObjectId, kind: Kind, skip: int, limit: int) -> list[ObjectId]:
        """A page of what the user has saved of one kind, newest first."""
        found = self._saved.find({"user_id": user_id, "kind": kind}, {"item_id": 1}).sort(_NEWEST_FIRST)
        return [record["item_id"] for record in found.skip(skip).limit(limit)]

    def all_saved(self, user_id: ObjectId) -> Iterator[Saved]:
        """Everything that the user has saved, oldest first, streamed."""
        for record in self._saved.find({"user_id": user_id}).sort([("saved_at", 1), ("_id", 1)]):
            yield Saved(record["item_id"], record["kind"], record["saved_at"])

    def like(self, user_id: ObjectId, like: Like) -> None:
        """Note a like, unless there is one already."""
        _insert_once(self._likes, {"recipe_id": like.recipe_id, "user_id": user_id, "at": like.at})

    def unlike(self, user_id: ObjectId, recipe_id: ObjectId) -> None:
        """Take a like back."""
        self._likes.delete_one({"recipe_id": recipe_id, "user_id": user_id})

    def likes(self, user_id: ObjectId, recipe_id: ObjectId) -> bool:
        """Whether the user likes it."""
        return self._likes.find_one({"recipe_id": recipe_id, "user_id": user_id}, {"_id": 1}) is not None

    def count_likes(self, recipe_id: ObjectId) -> int:
        """How many people like it: what is there is counted, so that no counter can go wrong."""
        return self._likes.count_documents({"recipe_id": recipe_id})

    def count_liked(self, user_id: ObjectId) -> int:
        """How many recipes the user likes."""
        return self._likes.count_documents({"user_id": user_id})

    def all_liked(self, user_id: ObjectId) -> Iterator[Like]:
        """Every recipe that the user likes, oldest first, streamed."""
        for record in self._likes.find({"user_id": user_id}).sort([("at", 1), ("_id", 1)]):
            yield Like(record["recipe_id"], record["at"])

    def delete_saved_of(self, user_id: ObjectId) -> int:
        """Delete all that the user has saved; how much that was."""
        return self._saved.delete_many({"user_id": user_id}).deleted_count

    def delete_likes_of(self, user_id: ObjectId) -> int:
        """Delete all likes of the user; how many they were."""
        return self._likes.delete_many({"user_id": user_id}).deleted_count

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has saved or liked something, perhaps twice."""
        for collection in (self._saved, self._likes):
            yield from each_value(collection, "user_id")


def _insert_once(collection: Collection[BsonDocument], record: BsonDocument) -> None:
    try:
        collection.insert_one(record)
    except DuplicateKeyError:  # the same wish came before
        return
