"""The database as backups meet it: connections of their own, without the services' time limit for an answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo import MongoClient

from backend.config import Settings
from backend.infra.mongo import BsonDocument, MongoDatabase


@contextmanager
def connected(settings: Settings, database: str = "") -> Iterator[MongoDatabase]:
    """The database of the settings, or another on the same server.

    Building an index takes as long as it takes; what is written is on the disks of a majority.
    """
    with MongoClient[BsonDocument](
        settings.mongodb_uri,
        appname="dindin-backup",
        tz_aware=True,
        uuidRepresentation="standard",
        serverSelectionTimeoutMS=settings.mongodb_server_selection_seconds * 1000,
        w="majority",
        journal=True,
    ) as client:
        yield client[database or settings.database_name]
