"""Which steps a database has behind it, and who may take the next: the `migrations` collection."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from pymongo.errors import DuplicateKeyError, PyMongoError

from backend.infra.clock import Clock
from backend.infra.mongo import DURABLE, BsonDocument, MongoDatabase
from backend.migrations.terms import Step

COLLECTION = "migrations"
_LOCK = "lock"
_LEASE = timedelta(seconds=60)
_RENEW_SECONDS = 15.0


class Occupied(Exception):
    """Somebody else migrates this database right now. The message says who."""


class SchemaRecord:
    """Reads and writes it. A step is noted when it is done, and struck out when it is undone."""

    def __init__(self, database: MongoDatabase, clock: Clock) -> None:
        self._noted = database.get_collection(COLLECTION, write_concern=DURABLE)
        self._clock = clock

    def done(self) -> list[str]:
        """The names of the steps that are behind the database, in order, this version's and others'."""
        return sorted(found["_id"] for found in self._noted.find({"_id": {"$ne": _LOCK}}, {"_id": 1}))

    def note(self, step: Step) -> None:
        """It is done."""
        at = {"applied_at": self._clock.now()}
        self._noted.update_one({"_id": step.name}, {"$setOnInsert": at}, upsert=True)

    def strike_out(self, step: Step) -> None:
        """It is undone."""
        self._noted.delete_one({"_id": step.name})

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep everybody else from migrating, inside. What a killed process held is free after a minute.

        Raises:
            Occupied: somebody else has it.
        """
        mine = f"{socket.gethostname()}, process {os.getpid()}, {secrets.token_hex(4)}"
        self._take(mine)
        ended = threading.Event()
        renewing = threading.Thread(
            target=self._renew, args=(mine, ended), name="migration-lock", daemon=True
        )
        renewing.start()
        try:
            yield
        finally:
            ended.set()
            renewing.join()
            self._noted.delete_one({"_id": _LOCK, "by": mine})

    def _take(self, mine: str) -> None:
        lock: BsonDocument = {"by": mine, "until": self._clock.now() + _LEASE}
        try:
            # Where it is held, no document matches, and inserting another one is refused.
            free = {"_id": _LOCK, "until": {"$lte": self._clock.now()}}
            self._noted.update_one(free, {"$set": lock}, upsert=True)
        except DuplicateKeyError:
            holder = self._noted.find_one({"_id": _LOCK}) or {"by": "somebody who has just finished"}
            raise Occupied(
                f"This database is being migrated by {holder['by']}: wait for it. "
                "If that was killed, try again in a minute."
            ) from None

    def _renew(self, mine: str, ended: threading.Event) -> None:
        while not ended.wait(_RENEW_SECONDS):
            try:
                until = {"until": self._clock.now() + _LEASE}
                self._noted.update_one({"_id": _LOCK, "by": mine}, {"$set": until})
            except PyMongoError:
                continue  # the step itself meets it, and says so
