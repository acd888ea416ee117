"""The chain: entries numbered without a gap, each with a keyed hash over itself and the one before.

Any number of processes append at once. Who reads the head and inserts after it holds no lock: the unique index on `seq`
lets one of them through, and the others begin again behind it. An entry has its id from the moment it happened, so
appending it twice is harmless: that is how nothing is lost or doubled when a process dies half-way.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import bson
from pymongo.errors import BulkWriteError, PyMongoError
from pymongo.read_concern import ReadConcern

from backend.audit.models import AuditEntry
from backend.infra.keys import Ledger
from backend.infra.mongo import BsonDocument, MongoDatabase, durable

_PURPOSE = "audit"
_MOST_ATTEMPTS = 200
_DUPLICATE = 11000


class ChainContended(PyMongoError):
    """Others were always first. What was to be appended was not; it may be tried again."""


@dataclass(frozen=True, slots=True)
class Link:
    """A place in the chain: how many entries there have ever been up to it, and its hash."""

    seq: int
    hash: bytes


class Chain:
    """The `audit_entries` collection."""

    def __init__(self, database: MongoDatabase, ledger: Ledger) -> None:
        self._key = ledger.key(_PURPOSE)
        self.entries = durable(database, AuditEntry)
        self._committed = database.get_collection(self.entries.name, read_concern=ReadConcern("majority"))
        self.genesis = Link(0, hmac.digest(self._key, b"the first entry comes after this", sha256))

    def head(self) -> Link:
        """The last entry's place."""
        last = self.entries.find_one({}, {"seq": 1, "hash": 1}, sort=[("seq", -1)])
        return Link(last["seq"], bytes(last["hash"])) if last else self.genesis

    def append(self, entries: Sequence[BsonDocument]) -> int:
        """Append entries, in order, except those that are there already; how many were appended.

        Args:
            entries: with an `_id` each, and without `seq` and `hash`.

        Raises:
            PyMongoError: what is not there yet may be appended again.
        """
        for _ in range(_MOST_ATTEMPTS):
            # In this order: what somebody appended before the head was read is found, and after it, collides.
            head = self.head()
            known = self._committed.find({"_id": {"$in": [entry["_id"] for entry in entries]}}, {"_id": 1})
            there = {found["_id"] for found in known}
            links = list(self._linked(head, [entry for entry in entries if entry["_id"] not in there]))
            if not links:
                return 0
            try:
                self.entries.insert_many(links, ordered=True)
            except BulkWriteError as error:
                if any(problem["code"] != _DUPLICATE for problem in _problems(error)):
                    raise
                continue
            return len(links)
        raise ChainContended("the audit log is being appended to by too many at once")

    def hash_after(self, previous: bytes, entry: BsonDocument) -> bytes:
        """What the hash of an entry must be that comes after one with the hash `previous`."""
        content = {name: value for name, value in entry.items() if name != "hash"}
        return hmac.digest(self._key, previous + bson.encode(content), sha256)

    def walk(self, after: int, upto: int | None = None) -> Iterator[BsonDocument]:
        """All entries behind a place, in order, streamed; up to and with `upto`, where that is given."""
        wanted = {"$gt": after} if upto is None else {"$gt": after, "$lte": upto}
        yield from self.entries.find({"seq": wanted}).sort("seq", 1)

    def at(self, seq: int) -> Link | None:
        """One place; None where there is no such entry."""
        found = self.entries.find_one({"seq": seq}, {"seq": 1, "hash": 1})
        return Link(found["seq"], bytes(found["hash"])) if found else None

    def oldest(self) -> datetime | None:
        """When the first entry that is still there happened; None where there is none."""
        first = self.entries.find_one({}, {"at": 1}, sort=[("seq", 1)])
        return first["at"] if first else None

    def first_seq(self) -> int | None:
        """The number of the first entry that is still there; None where there is none."""
        first = self.entries.find_one({}, {"seq": 1}, sort=[("seq", 1)])
        return first["seq"] if first else None

    def last_seq_before(self, cutoff: datetime) -> int:
        """The last entry of those that say they are older than `cutoff`, but never the last of all; 0: there is none.

        Whether they say the truth, only `verification` knows.
        """
        younger = self.entries.find_one({"at": {"$gte": cutoff}}, {"seq": 1}, sort=[("at", 1), ("seq", 1)])
        last: int = self.head().seq - 1
        return min(last, younger["seq"] - 1) if younger else max(last, 0)

    def delete_to(self, seq: int) -> int:
        """Delete the beginning of the chain up to and with `seq`; how many entries that were."""
        return self.entries.delete_many({"seq": {"$lte": seq}}).deleted_count

    def _linked(self, head: Link, entries: Sequence[BsonDocument]) -> Iterator[BsonDocument]:
        seq, previous = head.seq, head.hash
        for entry in entries:
            seq += 1
            linked = {"_id": entry["_id"], "seq": seq, **entry}
            previous = self.hash_after(previous, linked)
            yield {**linked, "hash": previous}


def _problems(error: BulkWriteError) -> list[dict[str, Any]]:
    details = error.details
    return [*details["writeErrors"], *details.get("writeConcernErrors", ())]
