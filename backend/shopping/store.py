"""Shopping lists in MongoDB: read, compare-and-set. Two changes at once never lose one another's."""

from __future__ import annotations

from collections.abc import Iterator

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from backend.infra.mongo import BsonDocument, MongoDatabase, durable
from backend.shopping.amounts import Quantity
from backend.shopping.items import Item, ShoppingList
from backend.shopping.models import ShoppingListRecord


class GroupTaken(Exception):
    """The group shares another list."""


class ShoppingStore:
    """The `shopping_lists` collection."""

    def __init__(self, database: MongoDatabase) -> None:
        self._lists = durable(database, ShoppingListRecord)

    def of_owner(self, owner_id: ObjectId) -> ShoppingList:
        """A user's list; an empty one, not written yet, where there is none."""
        found = self._lists.find_one({"owner_id": owner_id})
        return _from_record(found) if found else ShoppingList(ObjectId(), owner_id)

    def of_group(self, group_id: ObjectId) -> ShoppingList | None:
        """The list that a group shares."""
        found = self._lists.find_one({"group_id": group_id})
        return _from_record(found) if found else None

    def replace(self, before: ShoppingList, after: ShoppingList) -> bool:
        """Put `after` in the place of `before`; False where somebody else was faster.

        Raises:
            GroupTaken: it is shared with a group from now on, which shares another one.
        """
        record = {**_to_record(after), "version": before.version + 1}
        try:
            if before.version == 0:
                self._lists.insert_one({"_id": before.id, "owner_id": before.owner_id, **record})
                return True
            still = {"_id": before.id, "version": before.version}
            return self._lists.update_one(still, {"$set": record}).matched_count == 1
        except DuplicateKeyError as taken:
            if "group_id" in (taken.details or {}).get("keyPattern", {}):
                raise GroupTaken from taken
            return False  # the owner's first two changes came at once

    def with_words_of(self, user_id: ObjectId) -> Iterator[ShoppingList]:
        """The user's own list, and those to which they have added something."""
        for record in self._lists.find({"$or": [{"owner_id": user_id}, *_with_words_of(user_id, "items.")]}):
            yield _from_record(record)

    def delete_of(self, owner_id: ObjectId) -> int:
        """Delete a user's list; how many there were."""
        return self._lists.delete_many({"owner_id": owner_id}).deleted_count

    def remove_words_of(self, user_id: ObjectId) -> int:
        """Take what the user has added off all lists; how many lists that were."""
        theirs = {"$or": _with_words_of(user_id, "items.")}
        off = {"$pull": {"items": {"$or": _with_words_of(user_id)}}, "$inc": {"version": 1}}
        return self._lists.update_many(theirs, off).modified_count

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has a list or something on one, perhaps twice."""
        everybody: tuple[list[BsonDocument], ...] = (
            [{"$group": {"_id": "$owner_id"}}],
            [{"$unwind": "$items"}, {"$group": {"_id": "$items.added_by"}}],
            [
                {"$unwind": "$items"},
                {"$match": {"items.unit_by": {"$exists": True}}},
                {"$group": {"_id": "$items.unit_by"}},
            ],
        )
        for pipeline in everybody:
            for found in self._lists.aggregate(pipeline):
                yield found["_id"]


def _with_words_of(user_id: ObjectId, items: str = "") -> list[BsonDocument]:
    """Queries that find what holds a word of somebody's: items, or what has `items` in it."""
    return [{f"{items}added_by": user_id}, {f"{items}unit_by": user_id}]


def _to_record(shopping: ShoppingList) -> BsonDocument:
    return {"group_id": shopping.group_id, "items": [_item_record(item) for item in shopping.items]}


def _item_record(item: Item) -> BsonDocument:
    quantity = item.quantity
    return {
        "id": item.id,
        "name": item.name,
        **({"thousandths": quantity.thousandths, "base": quantity.base} if quantity else {}),
        "recipe_ids": list(item.recipe_ids),
        "added_by": item.added_by,
        **({"unit_by": item.unit_by} if item.unit_by else {}),
        "added_at": item.added_at,
        "ticked": item.ticked,
    }


def _from_record(record: BsonDocument) -> ShoppingList:
    return ShoppingList(
        id=record["_id"],
        owner_id=record["owner_id"],
        items=tuple(_item(item) for item in record["items"]),
        group_id=record.get("group_id"),
        version=record["version"],
    )


def _item(record: BsonDocument) -> Item:
    return Item(
        id=record["id"],
        name=record["name"],
        quantity=Quantity(record["thousandths"], record["base"]) if "thousandths" in record else None,
        recipe_ids=tuple(record["recipe_ids"]),
        added_by=record["added_by"],
        unit_by=record.get("unit_by"),
        added_at=record["added_at"],
        ticked=record["ticked"],
    )
