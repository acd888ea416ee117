"""Erasures in MongoDB: one per user, changed by compare-and-set, deleted when it is finished."""

from __future__ import annotations

import hmac
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from bson import Binary, ObjectId
from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from backend.compliance.erasure.models import ErasureRecord
from backend.infra.mongo import DURABLE, BsonDocument, MongoDatabase
from backend.users.closing import Reached

_SECRET_BYTES = 32
_RECEIPT_BYTES = 24
_ID_BYTES = 12


@dataclass(frozen=True, slots=True)
class ErasureState:
    """Where somebody's erasure stands. Once it runs, it is what the register's steps call a Departure.

    Attributes:
        id: random; says nothing about whose it is.
        status: `scheduled` (it can be cancelled) or `running`.
        tell: whether the person gets a receipt and a last mail, and Clerk hears of it.
        shut_at: since when nobody gets in as this person; None where the doors are not closed yet.
        last_walk: whether this is the walk after which nothing can be written about the person any more.
        sessions: those that named the person when their doors were closed, or since.
        done: the places of the register that have forgotten the person in this walk.
        found: by place, how many records there were so far.
    """

    id: ObjectId
    user_id: ObjectId
    status: str
    requested_at: datetime
    due_at: datetime
    begun_at: datetime | None
    receipt_id: str
    tell: bool
    shut_at: datetime | None = None
    last_walk: bool = False
    sessions: frozenset[ObjectId] = frozenset()
    done: frozenset[str] = frozenset()
    found: Mapping[str, int] = field(default_factory=dict)
    address: str = ""
    identities: tuple[tuple[str, str], ...] = ()
    secret: bytes = field(default=b"", repr=False)

    def pseudonym_in(self, session_id: ObjectId) -> ObjectId:
        """Who stands in for them in a session that others keep."""
        if not self.secret:
            raise ValueError("an erasure that does not run yet has no pseudonyms")
        return ObjectId(hmac.digest(self.secret, session_id.binary, sha256)[:_ID_BYTES])


class ErasureStore:
    """The `erasures` collection."""

    def __init__(self, database: MongoDatabase) -> None:
        name = ErasureRecord._get_collection_name()  # mongoengine has no public name for it
        self._erasures = database.get_collection(name, write_concern=DURABLE)

    def schedule(self, user_id: ObjectId, now: datetime, due_at: datetime, *, tell: bool) -> ErasureState:
        """Note that somebody is to be erased; where that is noted already, it stays as it is."""
        fresh = {
            "_id": ObjectId(),
            "user": user_id,
            "status": "scheduled",
            "requested_at": now,
            "due_at": due_at,
            "touched_at": now,
            "receipt_id": secrets.token_urlsafe(_RECEIPT_BYTES),
            "tell": tell,
            "quiet": not tell,
            "done": [],
            "found": [],
        }
        try:
            self._erasures.insert_one(fresh)
        except DuplicateKeyError:
            known = self.of_user(user_id)
            return known or self.schedule(user_id, now, due_at, tell=tell)
        return _state(fresh)

    def begin(self, erasure: ErasureState, reached_by: Reached, now: datetime) -> ErasureState | None:
        """Let a scheduled erasure run: nothing stops it from now on. None where it was cancelled meanwhile."""
        begun = {
            "status": "running",
            "begun_at": now,
            "touched_at": now,
            "secret": Binary(secrets.token_bytes(_SECRET_BYTES)),
            "address": reached_by.address,
            "identities": [{"issuer": issuer, "subject": sub} for issuer, sub in reached_by.identities],
        }
        changed = self._erasures.find_one_and_update(
            {"_id": erasure.id, "status": "scheduled"},
            {"$set": begun},
            return_document=ReturnDocument.AFTER,
        )
        if changed is not None:
            return _state(changed)
        known = self.find(erasure.id)
        return known if known and known.status == "running" else None

    def cancel(self, user_id: ObjectId, only: ObjectId | None = None) -> bool:
        """Forget an erasure that is only scheduled; whether there was one.

        Args:
            only: no other than this one.
        """
        which: BsonDocument = {"user": user_id, "status": "scheduled"} | ({"_id": only} if only else {})
        return self._erasures.delete_one(which).deleted_count == 1

    def hush(self, user_id: ObjectId) -> None:
        """Of an erasure that has not begun nobody is to be told: it was told when it was carried out the first time."""
        hushed = {"$set": {"tell": False, "quiet": True}}
        self._erasures.update_one({"user": user_id, "status": "scheduled"}, hushed)

    def of_user(self, user_id: ObjectId) -> ErasureState | None:
        """The erasure of a user."""
        return _state_or_none(self._erasures.find_one({"user": user_id}))

    def find(self, erasure_id: ObjectId) -> ErasureState | None:
        """One erasure; None once it is finished."""
        return _state_or_none(self._erasures.find_one({"_id": erasure_id}))

    def due(self, now: datetime) -> Iterator[ErasureState]:
        """Those whose day has come."""
        for found in self._erasures.find({"status": "scheduled", "due_at": {"$lte": now}}):
            yield _state(found)

    def scheduled(self) -> Iterator[ErasureState]:
        """All that can still be cancelled."""
        for found in self._erasures.find({"status": "scheduled"}):
            yield _state(found)

    def standing_still_since(self, moment: datetime) -> Iterator[ErasureState]:
        """Those that were begun and have not got on since: they wait for something, or lost their worker."""
        for found in self._erasures.find({"status": "running", "touched_at": {"$lte": moment}}):
            yield _state(found)

    def shut(self, erasure_id: ObjectId, now: datetime, sessions: Sequence[ObjectId]) -> None:
        """Note that nobody gets in any more, the first time counts; and sessions that name the person, all count."""
        change = {"$min": {"shut_at": now}, "$addToSet": {"sessions": {"$each": list(sessions)}}}
        self._erasures.update_one({"_id": erasure_id}, change)

    def begin_last_walk(self, erasure_id: ObjectId) -> ErasureState | None:
        """From now on every place is asked once more; None where that has begun before."""
        return _state_or_none(
            self._erasures.find_one_and_update(
                {"_id": erasure_id, "last_walk": {"$ne": True}},
                {"$set": {"last_walk": True, "done": []}},
                return_document=ReturnDocument.AFTER,
            )
        )

    def forget_address(self, erasure_id: ObjectId) -> None:
        """Nobody is to be written to any more."""
        self._erasures.update_one({"_id": erasure_id}, {"$unset": {"address": ""}})

    def forget_identities(self, erasure_id: ObjectId) -> None:
        """Nobody elsewhere is to be told any more."""
        self._erasures.update_one({"_id": erasure_id}, {"$unset": {"identities": ""}})

    def note(self, erasure: ErasureState, place: str, found: int, now: datetime, *, done: bool) -> None:
        """Note what a step of the present walk found, and whether its place has forgotten the person."""
        change: BsonDocument = {"$set": {"touched_at": now}}
        if found:
            change["$push"] = {"found": {"place": place, "count": found}}
        if done:
            change["$addToSet"] = {"done": place}
        # What a slow worker finishes of the walk before says nothing about the last one.
        walk: BsonDocument = {"last_walk": True} if erasure.last_walk else {"last_walk": {"$ne": True}}
        self._erasures.update_one({"_id": erasure.id, **walk}, change)

    def people(self) -> Iterator[ObjectId]:
        """Everybody whose erasure is noted."""
        for found in self._erasures.find({}, {"user": 1}):
            yield found["user"]

    def finish(self, erasure_id: ObjectId) -> None:
        """Forget the erasure itself, its secret with it."""
        self._erasures.delete_one({"_id": erasure_id})


def _state(record: BsonDocument) -> ErasureState:
    found: Counter[str] = Counter()
    for one in record["found"]:
        found[one["place"]] += one["count"]
    return ErasureState(
        id=record["_id"],
        user_id=record["user"],
        status=record["status"],
        requested_at=record["requested_at"],
        due_at=record["due_at"],
        begun_at=record.get("begun_at"),
        receipt_id=record["receipt_id"],
        tell=_is_told(record),
        shut_at=record.get("shut_at"),
        last_walk=record.get("last_walk", False),
        sessions=frozenset(record.get("sessions", ())),
        done=frozenset(record["done"]),
        found=found,
        address=record.get("address", ""),
        identities=tuple((one["issuer"], one["subject"]) for one in record.get("identities", ())),
        secret=bytes(record.get("secret", b"")),
    )


def _is_told(record: BsonDocument) -> bool:
    """The version before wrote `quiet` alone: while it is replaced, and in its backups, which are read as they are."""
    told: bool = record.get("tell", not record.get("quiet", False))
    return told


def _state_or_none(record: BsonDocument | None) -> ErasureState | None:
    return _state(record) if record else None
