"""Tombstones: that somebody was erased, where nobody can read who. A restored backup erases them again by these.

They lie in MongoDB and, because a backup knows nothing of what came after it, as files in Storage as well.
"""

from __future__ import annotations

from datetime import datetime

from bson import ObjectId

from backend.compliance.erasure.models import TombstoneRecord
from backend.infra.keys import Ledger
from backend.infra.mongo import DURABLE, MongoDatabase
from backend.infra.storage import Storage

FOLDER = "tombstones"
_PURPOSE = "tombstone"


class Tombstones:
    """The `tombstones` collection and folder."""

    def __init__(self, database: MongoDatabase, storage: Storage, ledger: Ledger) -> None:
        name = TombstoneRecord._get_collection_name()  # mongoengine has no public name for it
        self._tombstones = database.get_collection(name, write_concern=DURABLE)
        self._storage = storage
        self._ledger = ledger

    def put(self, user_id: ObjectId, begun_at: datetime) -> None:
        """Put one up, in both places. Harmless to repeat."""
        inscription = self.inscription(user_id)
        self._storage.write(f"{FOLDER}/{inscription}", b"")
        self._tombstones.update_one(
            {"_id": inscription}, {"$setOnInsert": {"begun_at": begun_at}}, upsert=True
        )

    def all(self) -> frozenset[str]:
        """Every inscription in either place."""
        in_storage = {name.rpartition("/")[2] for name in self._storage.names(FOLDER)}
        return frozenset(in_storage | {found["_id"] for found in self._tombstones.find({}, {"_id": 1})})

    def inscription(self, user_id: ObjectId) -> str:
        """What a user's tombstone says: a keyed hash of the id, hexadecimal."""
        return self._ledger.digest(_PURPOSE, user_id.binary).hex()
