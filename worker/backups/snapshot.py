"""Reading a database as it was at one moment, while others write on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from pymongo.client_session import ClientSession
from pymongo.errors import OperationFailure

from backend.infra.mongo import MongoDatabase
from backend.infra.restoring import MARKS, SCRATCH
from worker.backups.errors import BackupError, SnapshotLost
from worker.backups.layout import Metadata

_WIRE_VERSION_OF_MONGODB_5 = 13
# MongoDB ends a batch at 16 MB in any case; of small documents so many are enough for speed.
_BATCH_DOCUMENTS = 5_000
_SNAPSHOT_TOO_OLD = 239
_SNAPSHOT_UNAVAILABLE = 246


@dataclass(frozen=True)
class Snapshot:
    """A database at one moment; lasts for as long as the block of `snapshot_of`."""

    database: MongoDatabase
    session: ClientSession
    collections: tuple[Metadata, ...]
    views: tuple[str, ...]

    def batches(self, collection: str) -> Iterator[bytes]:
        """Its documents, as `raw_batches` gives them.

        Raises:
            SnapshotLost: the server no longer has that moment.
        """
        try:
            yield from raw_batches(self.database, collection, self.session)
        except OperationFailure as refused:
            raise _explained(refused) from refused


def raw_batches(
    database: MongoDatabase, collection: str, session: ClientSession | None = None
) -> Iterator[bytes]:
    """A collection's documents in batches of at most about 16 MB, each one BSON document after another."""
    for batch in database[collection].find_raw_batches(session=session, batch_size=_BATCH_DOCUMENTS):
        yield cast(bytes, batch)  # pymongo's hint tells of documents, which these are not yet


@contextmanager
def snapshot_of(database: MongoDatabase) -> Iterator[Snapshot]:
    """The database at the moment of the first read.

    Raises:
        BackupError: this server cannot do that, or holds something that backups do not know.
    """
    _check_server(database)
    collections, views = _listed(database)
    with database.client.start_session(snapshot=True) as session:
        yield Snapshot(database, session, collections, views)


def _check_server(database: MongoDatabase) -> None:
    hello = database.client.admin.command("hello")
    if hello["maxWireVersion"] < _WIRE_VERSION_OF_MONGODB_5:
        raise BackupError(
            "This MongoDB is too old to be read at one moment: backups need version 5.0 or newer."
        )
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise BackupError(
            "This MongoDB is a single server, which cannot be read at one moment: backups need a replica set (one "
            "member is enough: start it with --replSet) or a sharded cluster."
        )


def _listed(database: MongoDatabase) -> tuple[tuple[Metadata, ...], tuple[str, ...]]:
    """Collections with options and indexes, and views; without the server's own and an unfinished restore's."""
    collections, views = [], []
    for info in database.list_collections():
        name = info["name"]
        if name.startswith(("system.", SCRATCH)) or name == MARKS:
            continue
        if info["type"] == "view":
            views.append(name)
            continue
        _check_can_be_read(database, info)
        indexes = list(database[name].list_indexes())
        collections.append(Metadata(name, bytes(info["info"]["uuid"]).hex(), info["options"], indexes))
    return tuple(sorted(collections, key=lambda each: each.collection)), tuple(sorted(views))


def _check_can_be_read(database: MongoDatabase, info: Mapping[str, Any]) -> None:
    """MongoDB reads neither of these as they were at one moment. DinDin has none."""
    kind = "capped" if info["options"].get("capped") else info["type"]
    if kind != "collection":
        raise BackupError(f"{database.name}.{info['name']} is a {kind} collection, which no backup can hold.")


def _explained(refused: OperationFailure) -> Exception:
    if refused.code == _SNAPSHOT_TOO_OLD:
        return BackupError(
            "Reading took longer than the server remembers (300 s unless set otherwise): raise its parameter "
            "minSnapshotHistoryWindowInSeconds, or make backups at a quieter time."
        )
    if refused.code == _SNAPSHOT_UNAVAILABLE:
        return SnapshotLost("Collections were dropped or made anew while others were read: begin again.")
    return refused
