"""The log-ins in MongoDB: open, rotate, end. Each change is one compare-and-set."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bson import ObjectId
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from backend.auth.models import AuthSession
from backend.auth.tokens import TokenClaims
from backend.infra.mongo import BsonDocument

MAX_USER_AGENT = 120
_MOST_LISTED = 100


@dataclass(frozen=True, slots=True)
class Rotation:
    """Where a live log-in's refresh tokens are."""

    generation: int
    rotated_at: datetime


@dataclass(frozen=True, slots=True)
class ExternalLogIn:
    """A log-in that began elsewhere, as it stands here."""

    id: ObjectId
    user_id: ObjectId
    expires_at: datetime
    ended: bool


@dataclass(frozen=True, slots=True)
class EndedLogIn:
    """A log-in that may be forgotten."""

    id: ObjectId
    user_id: ObjectId
    used_at: datetime


class AuthSessions:
    """The `auth_sessions` collection."""

    def open(
        self,
        user_id: ObjectId,
        now: datetime,
        expires_at: datetime,
        user_agent: str,
        proved_at: datetime,
    ) -> ObjectId:
        """Begin a log-in at generation 0."""
        auth_session_id = ObjectId()
        _collection().insert_one(
            {
                "_id": auth_session_id,
                "user": user_id,
                "created_at": now,
                "expires_at": expires_at,
                "rotated_at": now,
                "generation": 0,
                "user_agent": user_agent[:MAX_USER_AGENT],
                "proved_at": proved_at,
            }
        )
        return auth_session_id

    def open_external(
        self, external: str, user_id: ObjectId, now: datetime, expires_at: datetime, name: str
    ) -> ExternalLogIn:
        """Begin a log-in that stands for one elsewhere, or find it where it was begun meanwhile."""
        log_in = {
            "_id": ObjectId(),
            "user": user_id,
            "created_at": now,
            "expires_at": expires_at,
            "rotated_at": now,
            "generation": 0,
            "user_agent": name,
            "external": external,
        }
        try:
            _collection().insert_one(log_in)
        except DuplicateKeyError:
            return self.by_external(external) or _external(log_in)
        return _external(log_in)

    def by_external(self, external: str) -> ExternalLogIn | None:
        """The log-in that stands for one elsewhere, also where it has ended."""
        fields = {"user": 1, "expires_at": 1, "revoked_at": 1}
        found = _collection().find_one({"external": external}, fields)
        return _external(found) if found else None

    def extend(self, auth_session_id: ObjectId, now: datetime, expires_at: datetime) -> None:
        """A log-in that began elsewhere goes on there."""
        _collection().update_one(
            {"_id": auth_session_id}, {"$set": {"expires_at": expires_at, "rotated_at": now}}
        )

    def is_alive(self, auth_session_id: ObjectId, user_id: ObjectId, now: datetime) -> bool:
        """Whether the log-in is the user's and has neither ended nor expired."""
        return _collection().find_one(_alive(auth_session_id, user_id, now), {"_id": 1}) is not None

    def proved_at(self, auth_session_id: ObjectId, user_id: ObjectId, now: datetime) -> datetime | None:
        """When they proved whose log-in it is; None where it has ended, is not the user's, or stands for one elsewhere.

        Of those we know when we saw them first, which may be long after they began.
        """
        ours = {**_alive(auth_session_id, user_id, now), "external": None}
        found = _collection().find_one(ours, {"created_at": 1, "proved_at": 1})
        return found.get("proved_at", found["created_at"]) if found else None

    def rotation(self, auth_session_id: ObjectId, user_id: ObjectId, now: datetime) -> Rotation | None:
        """The generation that is good now; None where the log-in has ended."""
        found = _collection().find_one(
            _alive(auth_session_id, user_id, now), {"generation": 1, "rotated_at": 1}
        )
        return Rotation(found["generation"], found["rotated_at"]) if found else None

    def rotate(self, claims: TokenClaims, now: datetime, expires_at: datetime) -> bool:
        """Go to the next generation, if the token is of the current one; of two at once, one wins."""
        changed = _collection().update_one(
            {**_alive(claims.auth_session_id, claims.user_id, now), "generation": claims.generation},
            {"$inc": {"generation": 1}, "$set": {"rotated_at": now, "expires_at": expires_at}},
        )
        return changed.modified_count == 1

    def revoke(self, auth_session_id: ObjectId, now: datetime) -> None:
        """End one log-in; the time of the first end stays."""
        _collection().update_one({"_id": auth_session_id, "revoked_at": None}, {"$set": {"revoked_at": now}})

    def revoke_all_of(self, user_id: ObjectId, now: datetime, but: ObjectId | None = None) -> list[ObjectId]:
        """End all live log-ins of a user, except one perhaps, and return their ids."""
        alive = {**_alive_of(user_id, now), "_id": {"$ne": but}}
        ids = [found["_id"] for found in _collection().find(alive, {"_id": 1})]
        _collection().update_many({"_id": {"$in": ids}}, {"$set": {"revoked_at": now}})
        return ids

    def alive_of(self, user_id: ObjectId, now: datetime) -> list[BsonDocument]:
        """A user's live log-ins, the one used last first."""
        return list(_collection().find(_alive_of(user_id, now)).sort("rotated_at", -1).limit(_MOST_LISTED))

    def of_user(self, user_id: ObjectId) -> Iterator[BsonDocument]:
        """All of a user's log-ins, oldest first."""
        yield from _collection().find({"user": user_id}).sort("_id", 1)

    def ended(self, cutoff: datetime, batch: int) -> list[EndedLogIn]:
        """Up to `batch` log-ins that expired or were ended before `cutoff`."""
        found = _collection().find(_ended(cutoff), {"user": 1, "rotated_at": 1}).limit(batch)
        return [EndedLogIn(log_in["_id"], log_in["user"], log_in["rotated_at"]) for log_in in found]

    def there_since(self, cutoff: datetime, user_ids: list[ObjectId], now: datetime) -> set[ObjectId]:
        """Those of the users who are logged in, or whose log-ins were used since `cutoff`."""
        there = [{"revoked_at": None, "expires_at": {"$gt": now}}, {"rotated_at": {"$gte": cutoff}}]
        return set(_collection().distinct("user", {"user": {"$in": user_ids}, "$or": there}))

    def count_ended(self, cutoff: datetime) -> int:
        """How many log-ins expired or were ended before `cutoff`."""
        return _collection().count_documents(_ended(cutoff))

    def oldest(self) -> datetime | None:
        """When the oldest log-in that is still known began."""
        found = _collection().find_one({}, {"created_at": 1}, sort=[("_id", 1)])
        return found["created_at"] if found else None

    def delete_of(self, user_id: ObjectId) -> int:
        """Forget all log-ins of a user; how many there were."""
        return _collection().delete_many({"user": user_id}).deleted_count

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has a log-in, each once."""
        for found in _collection().aggregate([{"$group": {"_id": "$user"}}]):
            yield found["_id"]

    def delete(self, auth_session_ids: list[ObjectId]) -> int:
        """Forget log-ins; how many there were."""
        return _collection().delete_many({"_id": {"$in": auth_session_ids}}).deleted_count


def _ended(cutoff: datetime) -> BsonDocument:
    """One that began elsewhere may go on there: that it was ended here is remembered until it expires."""
    ended_here = {"revoked_at": {"$lt": cutoff}, "external": None}
    return {"$or": [{"expires_at": {"$lt": cutoff}}, ended_here]}


def _external(log_in: BsonDocument) -> ExternalLogIn:
    return ExternalLogIn(
        log_in["_id"], log_in["user"], log_in["expires_at"], log_in.get("revoked_at") is not None
    )


def _alive(auth_session_id: ObjectId, user_id: ObjectId, now: datetime) -> BsonDocument:
    return {"_id": auth_session_id, **_alive_of(user_id, now)}


def _alive_of(user_id: ObjectId, now: datetime) -> BsonDocument:
    return {"user": user_id, "revoked_at": None, "expires_at": {"$gt": now}}


def _collection() -> Collection[BsonDocument]:
    collection: Collection[BsonDocument] = AuthSession._get_collection()
    return collection
