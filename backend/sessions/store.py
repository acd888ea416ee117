"""Sessions in MongoDB: load, compare-and-set, find. Speaks rules.Session; documents do not leave this file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from backend.errors import NotFound
from backend.infra.event_bus import Announcement
from backend.infra.mongo import DURABLE, BsonDocument, MongoDatabase
from backend.sessions.models import SessionRecord
from backend.sessions.state import Energy, Outcome, Participant, Session, Status

_PLAIN = tuple(
    f.name
    for f in fields(Session)
    if f.name not in {"id", "participants", "status", "energy", "outcome", "operations", "version"}
)


MOST_OPERATIONS = 200


@dataclass(frozen=True, slots=True)
class Saved:
    """A session as it was written, with everything that still has to be announced, oldest first."""

    session: Session
    pending: tuple[Announcement, ...]


class SessionStore:
    """The `sessions` collection."""

    def __init__(self, database: MongoDatabase) -> None:
        name = SessionRecord._get_collection_name()  # mongoengine has no public name for it
        self._sessions = database.get_collection(name, write_concern=DURABLE)

    def insert(self, session: Session) -> bool:
        """Write a new session; False where its code is taken by another live one."""
        try:
            self._sessions.insert_one(
                {"_id": session.id, **_to_record(session), "operations": [], "pending": []}
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
        return _from_record(found)

    def load_many(self, session_ids: Iterable[ObjectId]) -> dict[ObjectId, Session]:
        """Those of the sessions that exist, by id."""
        found = self._sessions.find({"_id": {"$in": list(session_ids)}}, {"pending": 0})
        return {record["_id"]: _from_record(record) for record in found}

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

    def remember_operation(self, session: Session, operation: str) -> bool:
        """Note an operation that had nothing to change; False where somebody else changed the session first."""
        noted = self._sessions.update_one(
            {"_id": session.id, "version": session.version},
            {"$push": {"operations": {"$each": [operation], "$slice": -MOST_OPERATIONS}}},
        )
        return noted.matched_count == 1

    def replace(
        self, before: Session, after: Session, announcement: Announcement, operation: str | None = None
    ) -> Saved | None:
        """Put `after` in the place of `before`, unless somebody else was faster (then None).

        Args:
            operation: remembered with the change; the last MOST_OPERATIONS are kept.
        """
        pushed: BsonDocument = {"pending": _announcement_record(announcement)}
        if operation is not None:
            pushed["operations"] = {"$each": [operation], "$slice": -MOST_OPERATIONS}
        written = self._sessions.find_one_and_update(
            {"_id": before.id, "version": before.version},
            {"$set": {**_to_record(after), "unannounced": True}, "$push": pushed},
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
        return _from_record(found) if found else None

    def of_user(self, user_id: ObjectId, skip: int, limit: int) -> tuple[list[Session], int]:
        """A page of the user's sessions, newest first, and how many there are."""
        query: BsonDocument = {"participants.user_id": user_id}
        found = self._sessions.find(query, {"pending": 0}).sort("created_at", -1).skip(skip).limit(limit)
        return [_from_record(record) for record in found], self._sessions.count_documents(query)

    def all_of_user(self, user_id: ObjectId) -> Iterator[Session]:
        """Every session of the user, oldest first, streamed."""
        for record in self._sessions.find({"participants.user_id": user_id}, {"pending": 0}).sort(
            "created_at", 1
        ):
            yield _from_record(record)

    def count_live_of_user(self, user_id: ObjectId, other_than: ObjectId | None = None) -> int:
        """How many live sessions the user is in and has not left."""
        query: BsonDocument = {
            "participants": {"$elemMatch": {"user_id": user_id, "left": False}},
            "live": True,
        }
        if other_than is not None:
            query["_id"] = {"$ne": other_than}
        return self._sessions.count_documents(query)

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

    def delete(self, session_ids: Sequence[ObjectId]) -> None:
        """Delete sessions for good."""
        self._sessions.delete_many({"_id": {"$in": list(session_ids)}})


def _not_found() -> NotFound:
    return NotFound("There is no such session, or you are not part of it.", code="session_not_found")


def _to_record(session: Session) -> BsonDocument:
    record: BsonDocument = {name: getattr(session, name) for name in _PLAIN}
    record["round_seconds"] = list(session.round_seconds)
    record["deck"] = list(session.deck)
    record["status"] = session.status.value
    record["energy"] = session.energy.value if session.energy else None
    record["participants"] = [
        {
            "user_id": p.user_id,
            "display_name": p.display_name,
            "joined_at": p.joined_at,
            "left": p.left,
            "energy": p.energy.value if p.energy else None,
            "ready": p.ready,
        }
        for p in session.participants
    ]
    outcome = session.outcome
    record["outcome"] = outcome and {
        "kind": outcome.kind,
        "items": list(outcome.items),
        "decided_at": outcome.decided_at,
    }
    record["version"] = session.version
    record["live"] = session.status.live
    record["due_at"] = session.due_at
    return record


def _from_record(record: BsonDocument) -> Session:
    plain = {name: record[name] for name in _PLAIN}
    plain["round_seconds"] = tuple(record["round_seconds"])
    plain["deck"] = tuple(record["deck"])
    plain["operations"] = tuple(record.get("operations", ()))
    outcome = record["outcome"]
    return Session(
        **plain,
        id=record["_id"],
        version=record["version"],
        status=Status(record["status"]),
        energy=Energy(record["energy"]) if record["energy"] else None,
        participants=tuple(_participant(p) for p in record["participants"]),
        outcome=Outcome(outcome["kind"], tuple(outcome["items"]), outcome["decided_at"]) if outcome else None,
    )


def _participant(record: BsonDocument) -> Participant:
    energy = record["energy"]
    return Participant(**{**record, "energy": Energy(energy) if energy else None})


def _announcement_record(announcement: Announcement) -> dict[str, Any]:
    return {"version": announcement.version, "frames": list(announcement.frames)}


def _saved(record: BsonDocument) -> Saved:
    pending = tuple(Announcement(entry["version"], tuple(entry["frames"])) for entry in record["pending"])
    return Saved(_from_record(record), pending)
