"""Sessions in MongoDB: load, compare-and-set, find. Speaks Session; documents do not leave the store."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from backend.errors import NotFound
from backend.infra.event_bus import Announcement
from backend.infra.mongo import BsonDocument, MongoDatabase, durable
from backend.sessions.models import SessionRecord
from backend.sessions.records import from_record, to_record
from backend.sessions.state import Operation, Session, Status

_STREAMED_AT_ONCE = 20  # left alone, MongoDB would send up to 16 MB of whole sessions at a time

MOST_OPERATIONS = 50


@dataclass(frozen=True, slots=True)
class Saved:
    """A session as it was written, with everything that still has to be announced, oldest first."""

    session: Session
    pending: tuple[Announcement, ...]


class SessionStore:
    """The `sessions` collection."""

    def __init__(self, database: MongoDatabase) -> None:
        self._sessions = durable(database, SessionRecord)

    def insert(self, session: Session) -> bool:
        """Write a new session; False where its code is taken by another live one."""
        try:
            self._sessions.insert_one(
                {"_id": session.id, **to_record(session), "carried_out": {}, "pending": []}
            )
        except DuplicateKeyError:
            return False
        return True

    def load(self, session_id: ObjectId) -> Session:
        """One session.

        Raises:
            NotFound: `session_not_found`.
        """
        found = self._sessions.find_one({"_id": session_id}, {"pending": 0})
        if found is None:
            raise _not_found()
        return from_record(found)

    def load_many(self, session_ids: Iterable[ObjectId]) -> dict[ObjectId, Session]:
        """Those of the sessions that exist, by id."""
        found = self._sessions.find({"_id": {"$in": list(session_ids)}}, {"pending": 0})
        return {record["_id"]: from_record(record) for record in found}

    def not_in_round(self, rounds: Iterable[tuple[ObjectId, int]]) -> frozenset[ObjectId]:
        """Those of the (session, round) pairs whose round is closed or past."""
        by_round: dict[int, list[ObjectId]] = {}
        for session_id, number in rounds:
            by_round.setdefault(number, []).append(session_id)
        moved_on = [
            {"_id": {"$in": ids}, "$or": [{"closing": True}, {"round": {"$ne": number}}]}
            for number, ids in by_round.items()
        ]
        query = moved_on[0] if len(moved_on) == 1 else {"$or": moved_on}
        return frozenset(record["_id"] for record in self._sessions.find(query, {"_id": 1}))

    def announced_version(self, session_id: ObjectId) -> int:
        """The version up to which everything has been announced, by what MongoDB knows.

        Raises:
            NotFound: `session_not_found`.
        """
        found = self._sessions.find_one({"_id": session_id}, {"version": 1, "pending.version": 1})
        if found is None:
            raise _not_found()
        pending = found["pending"]
        return int(pending[0]["version"]) - 1 if pending else int(found["version"])

    def remember_operation(self, session: Session, operation: Operation) -> bool:
        """Note an operation that had nothing to change; False where somebody else changed the session first."""
        noted = self._sessions.update_one(
            {"_id": session.id, "version": session.version},
            {"$push": _remembered(operation)},
        )
        return noted.matched_count == 1

    def replace(
        self, before: Session, after: Session, announcement: Announcement, operation: Operation | None = None
    ) -> Saved | None:
        """Put `after` in the place of `before`, unless somebody else was faster (then None).

        Args:
            operation: remembered with the change; the last MOST_OPERATIONS of each participant are kept.
        """
        pushed: BsonDocument = {"pending": _announcement_record(announcement)}
        if operation is not None:
            pushed |= _remembered(operation)
        written = self._sessions.find_one_and_update(
            {"_id": before.id, "version": before.version},
            {"$set": {**to_record(after), "unannounced": True}, "$push": pushed},
            return_document=ReturnDocument.AFTER,
        )
        return _saved(written) if written else None

    def announced(self, session_id: ObjectId, version: int) -> None:
        """Forget the announcements up to `version`: they are on the bus."""
        self._sessions.update_one(
            {"_id": session_id},
            [
                {
                    "$set": {
                        "pending": {
                            "$filter": {"input": "$pending", "cond": {"$gt": ["$$this.version", version]}}
                        }
                    }
                },
                {"$set": {"unannounced": {"$cond": [{"$eq": ["$pending", []]}, "$$REMOVE", True]}}},
            ],
        )

    def unannounced(self, limit: int) -> list[Saved]:
        """Sessions whose changes were written and not announced, because somebody died or Valkey was away."""
        return [_saved(record) for record in self._sessions.find({"unannounced": True}).limit(limit)]

    def live_by_code(self, code: str) -> Session | None:
        """The live session with this join code."""
        found = self._sessions.find_one({"code": code, "live": True}, {"pending": 0})
        return from_record(found) if found else None

    def of_user(self, user_id: ObjectId, skip: int, limit: int) -> tuple[list[Session], int]:
        """A page of the user's sessions, newest first, and how many there are."""
        query: BsonDocument = {"participants.user_id": user_id}
        found = self._sessions.find(query, {"pending": 0}).sort("created_at", -1).skip(skip).limit(limit)
        return [from_record(record) for record in found], self._sessions.count_documents(query)

    def all_of_user(self, user_id: ObjectId) -> Iterator[Session]:
        """Every session of the user, oldest first, streamed."""
        found = self._sessions.find({"participants.user_id": user_id}, {"pending": 0})
        for record in found.sort("created_at", 1).batch_size(_STREAMED_AT_ONCE):
            yield from_record(record)

    def decided_of_group(self, group_id: ObjectId, skip: int, limit: int) -> tuple[list[Session], int]:
        """A page of a group's sessions with an outcome, newest first, and how many there are."""
        query = _of_groups([group_id], (status for status in Status if status.decided))
        found = self._sessions.find(query, {"pending": 0}).sort("created_at", -1).skip(skip).limit(limit)
        return [from_record(record) for record in found], self._sessions.count_documents(query)

    def count_founded(self, host_id: ObjectId, group_id: ObjectId, since: datetime, most: int) -> int:
        """How many sessions somebody has opened for a group since then, up to `most`."""
        query = {"participants.user_id": host_id, "created_at": {"$gte": since}, "group_id": group_id}
        return self._sessions.count_documents(query, limit=most)

    def live_of_groups(self, group_ids: Collection[ObjectId], limit: int) -> list[Session]:
        """The live sessions of these groups, newest first."""
        query = _of_groups(group_ids, (status for status in Status if status.live))
        found = self._sessions.find(query, {"pending": 0}).sort("created_at", -1).limit(limit)
        return [from_record(record) for record in found]

    def decided_of(self, user_ids: Collection[ObjectId], limit: int) -> list[Session]:
        """The latest sessions with an outcome that any of the users took part in."""
        query = {"participants.user_id": {"$in": list(user_ids)}, "outcome": {"$ne": None}}
        found = self._sessions.find(query, {"pending": 0}).sort("created_at", -1).limit(limit)
        return [from_record(record) for record in found]

    def decided_with(self, user_id: ObjectId, skip: int, limit: int) -> tuple[list[Session], int]:
        """A page of the sessions with an outcome that the user was in to the end, newest first; how many there are."""
        stayed = {"$elemMatch": {"user_id": user_id, "left": False}}
        query: BsonDocument = {"participants": stayed, "outcome": {"$ne": None}}
        found = self._sessions.find(query, {"pending": 0}).sort("created_at", -1).skip(skip).limit(limit)
        return [from_record(record) for record in found], self._sessions.count_documents(query)

    def count_live_of_user(self, user_id: ObjectId, other_than: ObjectId | None = None) -> int:
        """How many live sessions the user is in and has not left."""
        query: BsonDocument = {
            "participants": {"$elemMatch": {"user_id": user_id, "left": False}},
            "live": True,
        }
        if other_than is not None:
            query["_id"] = {"$ne": other_than}
        return self._sessions.count_documents(query)

    def has_other_of_user(self, user_id: ObjectId, other_than: ObjectId) -> bool:
        """Whether the user has ever been in a session beside this one."""
        query = {"participants.user_id": user_id, "_id": {"$ne": other_than}}
        return self._sessions.find_one(query, {"_id": 1}) is not None

    def due_before(self, moment: datetime, limit: int) -> list[tuple[ObjectId, datetime]]:
        """Live sessions that time will change before `moment`, soonest first."""
        found = self._sessions.find({"live": True, "due_at": {"$lte": moment}}, {"due_at": 1}).sort(
            "due_at", 1
        )
        return [(record["_id"], record["due_at"]) for record in found.limit(limit)]

    def finished_before(self, cutoff: datetime, limit: int) -> list[ObjectId]:
        """Ids of sessions that were over before `cutoff`."""
        found = self._sessions.find({"finished_at": {"$lt": cutoff}, "live": False}, {"_id": 1}).limit(limit)
        return [record["_id"] for record in found]

    def count_finished_before(self, cutoff: datetime) -> int:
        """How many sessions were over before `cutoff`."""
        return self._sessions.count_documents({"finished_at": {"$lt": cutoff}, "live": False})

    def live_ids_of(self, user_id: ObjectId) -> list[ObjectId]:
        """The live sessions that name the user, also those that they have left."""
        return self._ids({"participants.user_id": user_id, "live": True})

    def over_ids_of(self, user_id: ObjectId) -> list[ObjectId]:
        """The sessions that name the user and are over."""
        return self._ids({"participants.user_id": user_id, "live": False})

    def all_ids_of(self, user_id: ObjectId) -> list[ObjectId]:
        """Every session that names the user."""
        return self._ids({"participants.user_id": user_id})

    def replace_person(self, before: Session, after: Session, user_id: ObjectId) -> bool:
        """Put `after`, in which somebody else stands for the user, in the place of `before`, which is over.

        What names the user beside it goes: their operations, and what is still to be announced. False where somebody
        else changed the session first.
        """
        written = self._sessions.update_one(
            {"_id": before.id, "version": before.version, "live": False},
            {
                "$set": {**to_record(after), "pending": [], "events_name_somebody": True},
                "$unset": {"unannounced": "", f"carried_out.{user_id}": ""},
            },
        )
        return written.matched_count == 1

    def with_events_to_forget(self) -> list[tuple[ObjectId, int]]:
        """Sessions, with their versions, whose events in Valkey may name somebody who was erased."""
        found = self._sessions.find({"events_name_somebody": True}, {"version": 1})
        return [(record["_id"], record["version"]) for record in found]

    def events_forgotten(self, session_id: ObjectId) -> None:
        """Note that Valkey holds no such events any more."""
        self._sessions.update_one({"_id": session_id}, {"$unset": {"events_name_somebody": ""}})

    def people(self) -> Iterator[ObjectId]:
        """Everybody who is named in a session, pseudonyms too, each once."""
        everybody: list[BsonDocument] = [
            {"$unwind": "$participants"},
            {"$group": {"_id": "$participants.user_id"}},
        ]
        for found in self._sessions.aggregate(everybody):
            yield found["_id"]

    def oldest_end(self) -> datetime | None:
        """When the session ended that is over for longest."""
        over = {"finished_at": {"$type": "date"}}
        found = self._sessions.find_one(over, {"finished_at": 1}, sort=[("finished_at", 1)])
        return found["finished_at"] if found else None

    def delete(self, session_ids: Sequence[ObjectId]) -> None:
        """Delete sessions for good."""
        self._sessions.delete_many({"_id": {"$in": list(session_ids)}})

    def _ids(self, query: BsonDocument) -> list[ObjectId]:
        return [record["_id"] for record in self._sessions.find(query, {"_id": 1})]


def _of_groups(group_ids: Collection[ObjectId], statuses: Iterable[Status]) -> BsonDocument:
    # The type is what the index asks for: it holds no session without a group.
    return {
        "group_id": {"$in": list(group_ids), "$type": "objectId"},
        "status": {"$in": [status.value for status in statuses]},
    }


def _not_found() -> NotFound:
    return NotFound("There is no such session, or you are not part of it.", code="session_not_found")


def _remembered(operation: Operation) -> BsonDocument:
    return {f"carried_out.{operation.participant_id}": {"$each": [operation.key], "$slice": -MOST_OPERATIONS}}


def _announcement_record(announcement: Announcement) -> dict[str, Any]:
    return {"version": announcement.version, "frames": list(announcement.frames)}


def _saved(record: BsonDocument) -> Saved:
    pending = tuple(Announcement(entry["version"], tuple(entry["frames"])) for entry in record["pending"])
    return Saved(from_record(record), pending)
