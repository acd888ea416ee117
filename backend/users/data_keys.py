"""Users' data keys: one each, wrapped by the ring's newest key (docs/product.md P2, P6).

A key is made when its user first has something to seal. Without it nothing of that can be read, wherever copies lie:
forgetting the key is a part of erasing somebody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import structlog
from bson import ObjectId
from pymongo import UpdateOne
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from backend.errors import AppError
from backend.infra.keys import KeyRing, Unreadable, Wrapped
from backend.infra.mongo import BsonDocument
from backend.users.models import UserKey

_log = structlog.stdlib.get_logger(__name__)


class Locked(AppError):
    """Something sealed is there and cannot be opened: to go on as if nothing were there could hurt somebody."""

    code = "data_locked"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            "Diet and allergies cannot be read right now, so nothing was changed and no deck was made. "
            "Whoever runs this server has to put a missing key back."
        )


@dataclass(slots=True)
class Rotation:
    """What became of users' keys.

    Attributes:
        rewrapped: were wrapped by an older key and are now by the newest.
        unreadable: could not be opened and stay as they are, by the name of the key that wrapped them.
        in_use: how many keys each ring key wraps now.
    """

    rewrapped: int = 0
    unreadable: Counter[str] = field(default_factory=Counter)
    in_use: dict[str, int] = field(default_factory=dict)


class UserKeys:
    """Finds, makes, wraps again and destroys users' data keys."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def of(self, user_ids: Iterable[ObjectId]) -> dict[ObjectId, bytes]:
        """The keys of those of the users that have one, in one read.

        Raises:
            Locked: one is there and cannot be unwrapped.
        """
        found = _keys().find({"_id": {"$in": list(user_ids)}})
        return {record["_id"]: self._unwrapped(record) for record in found}

    def for_sealing(self, user_id: ObjectId) -> bytes:
        """The user's key, made now where there is none. Of two that make one at once, both get the first.

        Raises:
            Locked: as `of`.
        """
        known = self.of([user_id]).get(user_id)
        if known is not None:
            return known
        key, wrapped = self._ring.new_data_key(str(user_id))
        try:
            _keys().insert_one({"_id": user_id, **_record(wrapped)})
        except DuplicateKeyError:
            return self.of([user_id])[user_id]
        return key

    def destroy(self, user_id: ObjectId) -> bool:
        """Forget the user's key for good, and with it all that it sealed; whether there was one."""
        return _keys().delete_one({"_id": user_id}).deleted_count == 1

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has a key."""
        for found in _keys().find({}, {"_id": 1}):
            yield found["_id"]

    def rotate(self, batch: int = 500) -> Rotation:
        """Wrap all keys with the ring's newest. Runs beside everything else, can be broken off and begun again."""
        done = Rotation()
        for records in self._outdated(batch):
            changes = []
            for record in records:
                try:
                    wrapped = self._ring.rewrap(_wrapped(record), str(record["_id"]))
                except Unreadable:
                    done.unreadable[record["key_name"]] += 1
                else:
                    # Whoever has changed or destroyed it meanwhile was right.
                    changes.append(UpdateOne(record, {"$set": _record(wrapped)}))
            if changes:
                done.rewrapped += _keys().bulk_write(changes, ordered=False).modified_count
        done.in_use = self.in_use()
        return done

    def in_use(self) -> dict[str, int]:
        """How many users' keys each ring key wraps."""
        counted = _keys().aggregate([{"$group": {"_id": "$key_name", "keys": {"$sum": 1}}}])
        return {row["_id"]: row["keys"] for row in counted}

    def warn_of_missing(self) -> None:
        """Tell the log of ring keys that users' data needs and DATA_KEYS does not have."""
        for name, count in self.in_use().items():
            if name not in self._ring.names:
                _log.error("ring_key_missing", key_name=name, users=count, hint="put it back into DATA_KEYS")

    @property
    def newest(self) -> str:
        """The name of the ring key that wraps new ones."""
        return self._ring.newest

    @property
    def ring_names(self) -> frozenset[str]:
        """The names of all ring keys that there are."""
        return self._ring.names

    def _outdated(self, batch: int) -> Iterator[list[BsonDocument]]:
        last = None
        while True:
            after: BsonDocument = {} if last is None else {"_id": {"$gt": last}}
            wanted = {"key_name": {"$ne": self._ring.newest}, **after}
            records = list(_keys().find(wanted).sort("_id").limit(batch))
            if not records:
                return
            last = records[-1]["_id"]
            yield records

    def _unwrapped(self, record: BsonDocument) -> bytes:
        try:
            return self._ring.unwrap(_wrapped(record), str(record["_id"]))
        except Unreadable as locked:
            _log.error(
                "user_key_locked", user_id=str(record["_id"]), key_name=record["key_name"], why=str(locked)
            )
            raise Locked from locked


def _keys() -> Collection[BsonDocument]:
    collection: Collection[BsonDocument] = UserKey._get_collection()
    return collection


def _wrapped(record: BsonDocument) -> Wrapped:
    return Wrapped(record["key_name"], record["sealed"])


def _record(wrapped: Wrapped) -> BsonDocument:
    return {"key_name": wrapped.key_name, "sealed": wrapped.sealed}
