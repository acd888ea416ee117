"""MongoDB: the truth. One client per process, known to mongoengine under its default alias."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import mongoengine
from mongoengine import Document
from mongoengine.connection import get_db
from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from backend.config import Settings
from backend.infra.mongo_pool import PoolFigures
from backend.infra.restoring import check_whole

BsonDocument: TypeAlias = dict[str, Any]
MongoDatabase: TypeAlias = Database[BsonDocument]

# With w=1 a killed server lost acknowledged writes; with a majority and the journal, none (docs/architecture.md).
DURABLE = WriteConcern(w="majority", j=True, wtimeout=5000)
_SOCKET_TIMEOUT_SECONDS = 10


def connect(settings: Settings) -> MongoDatabase:
    """Connect this process (call after a fork) and return the database, UTC-aware and with durable writes."""
    mongoengine.disconnect()
    mongoengine.connect(
        db=settings.database_name,
        host=settings.mongodb_uri,
        appname="dindin",
        tz_aware=True,
        uuidRepresentation="standard",
        maxPoolSize=settings.mongodb_max_pool_size,
        minPoolSize=min(settings.mongodb_min_pool_size, settings.mongodb_max_pool_size),
        maxIdleTimeMS=settings.mongodb_max_idle_seconds * 1000,
        serverSelectionTimeoutMS=settings.mongodb_server_selection_seconds * 1000,
        connectTimeoutMS=settings.mongodb_server_selection_seconds * 1000,
        socketTimeoutMS=_SOCKET_TIMEOUT_SECONDS * 1000,
        waitQueueTimeoutMS=_SOCKET_TIMEOUT_SECONDS * 1000,
        w=DURABLE.document["w"],
        journal=True,
        retryWrites=True,
        event_listeners=[PoolFigures()],
    )
    database: MongoDatabase = get_db()
    return database


def ping(database: MongoDatabase) -> None:
    """Raise unless a writable primary answers, and no restore of the database was interrupted half-way."""
    answer = database.client.admin.command("hello")
    if not answer.get("isWritablePrimary"):
        raise RuntimeError("MongoDB has no writable primary")
    check_whole(database)


def disconnect() -> None:
    """Close this process's connections."""
    mongoengine.disconnect()


def durable(database: MongoDatabase, model: type[Document]) -> Collection[BsonDocument]:
    """Where the documents of a model lie, for reads and for writes that outlive a server."""
    name = model._get_collection_name()  # mongoengine has no public name for it
    return database.get_collection(name, write_concern=DURABLE)


def each_value(documents: Collection[BsonDocument], field: str) -> Iterator[Any]:
    """What the documents of a collection hold in a field, each value once, streamed: there may be any number."""
    for found in documents.aggregate([{"$group": {"_id": f"${field}"}}]):
        yield found["_id"]
