"""Groups in MongoDB. Each change is one atomic update, so that two at once never lose one another's."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from backend.errors import Busy
from backend.groups.models import GroupRecord
from backend.infra.mongo import BsonDocument, MongoDatabase, durable

_ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Member:
    """A user in a group."""

    user_id: ObjectId
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Group:
    """People who eat together.

    Attributes:
        token: the secret part of the invite link.
        members: at least one, in the order in which they joined; the owner is among them.
        named_by: who chose the name; None where they were erased.
    """

    id: ObjectId
    name: str
    owner_id: ObjectId
    token: str
    members: tuple[Member, ...]
    created_at: datetime
    named_by: ObjectId | None = None

    def has(self, user_id: ObjectId) -> bool:
        """Whether the user is a member."""
        return any(member.user_id == user_id for member in self.members)

    def others(self, user_id: ObjectId) -> tuple[ObjectId, ...]:
        """Everybody but one, who has been a member longest first."""
        return tuple(member.user_id for member in self.members if member.user_id != user_id)


class GroupStore:
    """The `groups` collection."""

    def __init__(self, database: MongoDatabase) -> None:
        self._groups = durable(database, GroupRecord)

    def insert(self, group: Group) -> None:
        """Write a new group."""
        self._groups.insert_one(
            {
                "_id": group.id,
                "name": group.name,
                "named_by": group.named_by,
                "owner_id": group.owner_id,
                "token": group.token,
                "members": [_member_record(member) for member in group.members],
                "created_at": group.created_at,
            }
        )

    def find(self, group_id: ObjectId) -> Group | None:
        """One group."""
        return _group(self._groups.find_one({"_id": group_id}))

    def by_token(self, token: str) -> Group | None:
        """The group whose invite link holds this token now."""
        return _group(self._groups.find_one({"token": token}))

    def names_for(self, user_id: ObjectId, group_ids: Collection[ObjectId]) -> dict[ObjectId, str]:
        """The names of those of the groups that the user is in."""
        found = self._groups.find({"_id": {"$in": list(group_ids)}, "members.user_id": user_id}, {"name": 1})
        return {record["_id"]: record["name"] for record in found}

    def of_user(self, user_id: ObjectId, skip: int, limit: int) -> tuple[list[Group], int]:
        """A page of the groups that a user is in, newest first, and how many there are."""
        query = {"members.user_id": user_id}
        found = self._groups.find(query).sort("created_at", -1).skip(skip).limit(limit)
        return [_from_record(record) for record in found], self._groups.count_documents(query)

    def all_of_user(self, user_id: ObjectId) -> Iterator[Group]:
        """Every group that a user is in, oldest first, streamed."""
        for record in self._groups.find({"members.user_id": user_id}).sort("created_at", 1):
            yield _from_record(record)

    def count_of_user(self, user_id: ObjectId, other_than: ObjectId | None = None) -> int:
        """How many groups the user is in."""
        query: BsonDocument = {"members.user_id": user_id}
        if other_than is not None:
            query["_id"] = {"$ne": other_than}
        return self._groups.count_documents(query)

    def add(self, group_id: ObjectId, token: str, member: Member, capacity: int) -> Group | None:
        """Add a member, and return the group with them.

        None where the token is not the group's any more, the group has gone or is full, or they are in it already.
        """
        return self._change(
            {
                "_id": group_id,
                "token": token,
                "members.user_id": {"$ne": member.user_id},
                f"members.{capacity - 1}": {"$exists": False},
            },
            {"$push": {"members": _member_record(member)}},
        )

    def take_out(self, group_id: ObjectId, user_id: ObjectId) -> Group | None:
        """Let a member leave, and return the group as it was with them; None where they are no member.

        An owner's place goes to whoever has been a member longest; with its last member the group goes.

        Raises:
            Busy: too many come and go at once.
        """
        mine = {"_id": group_id, "members.user_id": user_id}
        for _ in range(_ATTEMPTS):
            alone = self._groups.find_one_and_delete({**mine, "members.1": {"$exists": False}})
            if alone is not None:
                return _from_record(alone)
            before = self._groups.find_one_and_update(
                {**mine, "members.1": {"$exists": True}},
                _without(user_id),
                return_document=ReturnDocument.BEFORE,
            )
            if before is not None:
                return _from_record(before)
            if self._groups.find_one(mine, {"_id": 1}) is None:
                return None
        raise Busy("Many people are changing this group at once. Try again.", retry_after=1)

    def remove(self, group_id: ObjectId, owner_id: ObjectId, user_id: ObjectId, token: str) -> Group | None:
        """Take a member out by the owner's wish, and give the link another token, for the removed one knows the old.

        None where there is no such group of this owner, or no such member.
        """
        return self._change(
            {"_id": group_id, "owner_id": owner_id, "members.user_id": user_id},
            {"$pull": {"members": {"user_id": user_id}}, "$set": {"token": token}},
        )

    def unname(self, user_id: ObjectId, name: str) -> int:
        """Call the groups that the user has named something else, whoever is in them; how many they were."""
        renamed = {"$set": {"name": name}, "$unset": {"named_by": ""}}
        return self._groups.update_many({"named_by": user_id}, renamed).modified_count

    def people(self) -> Iterator[ObjectId]:
        """Everybody who is in a group or has named one, each once."""
        members: list[BsonDocument] = [
            {"$unwind": "$members"},
            {"$group": {"_id": "$members.user_id"}},
        ]
        named: list[BsonDocument] = [
            {"$match": {"named_by": {"$type": "objectId"}}},
            {"$group": {"_id": "$named_by"}},
        ]
        for everybody in (members, named):
            for found in self._groups.aggregate(everybody):
                yield found["_id"]

    def set(self, group_id: ObjectId, owner_id: ObjectId, **fields: str | ObjectId) -> Group | None:
        """Change fields by the owner's wish; None where there is no such group of this owner."""
        return self._change({"_id": group_id, "owner_id": owner_id}, {"$set": fields})

    def delete(self, group_id: ObjectId, owner_id: ObjectId) -> Group | None:
        """Delete the owner's group, and return it as it was; None where there is no such group of this owner."""
        return _group(self._groups.find_one_and_delete({"_id": group_id, "owner_id": owner_id}))

    def _change(self, query: BsonDocument, update: BsonDocument) -> Group | None:
        return _group(self._groups.find_one_and_update(query, update, return_document=ReturnDocument.AFTER))


def _without(user_id: ObjectId) -> list[dict[str, Any]]:
    """The update that takes a member out and, if they were the owner, makes the first of the rest the owner."""
    rest = {"$filter": {"input": "$members", "cond": {"$ne": ["$$this.user_id", user_id]}}}
    heir = {"$cond": [{"$eq": ["$owner_id", user_id]}, {"$first": "$members.user_id"}, "$owner_id"]}
    return [{"$set": {"members": rest}}, {"$set": {"owner_id": heir}}]


def _member_record(member: Member) -> BsonDocument:
    return {"user_id": member.user_id, "joined_at": member.joined_at}


def _group(record: BsonDocument | None) -> Group | None:
    return _from_record(record) if record is not None else None


def _from_record(record: BsonDocument) -> Group:
    return Group(
        id=record["_id"],
        name=record["name"],
        owner_id=record["owner_id"],
        token=record["token"],
        members=tuple(Member(member["user_id"], member["joined_at"]) for member in record["members"]),
        created_at=record["created_at"],
        named_by=record.get("named_by"),
    )
