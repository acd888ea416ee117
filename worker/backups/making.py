"""Making a backup."""

from __future__ import annotations

from collections.abc import Iterator

import structlog

from backend.infra.clock import Clock
from backend.infra.mongo import MongoDatabase
from worker.backups import layout
from worker.backups.errors import SnapshotLost
from worker.backups.layout import Metadata
from worker.backups.manifest import CollectionEntry, Manifest
from worker.backups.progress import Progress, silent
from worker.backups.snapshot import Snapshot, snapshot_of
from worker.backups.streams import ContentTally, DocumentSplitter
from worker.backups.vault import Vault

_log = structlog.stdlib.get_logger(__name__)

_ATTEMPTS = 3


def make_backup(database: MongoDatabase, vault: Vault, clock: Clock, progress: Progress = silent) -> Manifest:
    """Back up the whole database as it is at one moment. What was begun and not finished is no backup.

    Raises:
        BackupError: it cannot be done here.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        name = vault.begin(clock.now())
        try:
            return _attempt(name, database, vault, clock, progress)
        except SnapshotLost as lost:
            vault.delete(name)
            if attempt == _ATTEMPTS:
                raise
            _log.info("backup_begun_again", because=str(lost))
    raise AssertionError("unreachable")


def _attempt(name: str, database: MongoDatabase, vault: Vault, clock: Clock, progress: Progress) -> Manifest:
    taken_at = clock.now()
    with snapshot_of(database) as snapshot:
        manifest = Manifest(
            name=name,
            database=database.name,
            taken_at=taken_at,
            server_version=database.client.server_info()["version"],
            collections=tuple(
                _collection(name, snapshot, metadata, vault, progress) for metadata in snapshot.collections
            ),
            left_out=snapshot.views,
        )
    vault.seal_manifest(manifest)
    return manifest


def _collection(
    backup: str, snapshot: Snapshot, metadata: Metadata, vault: Vault, progress: Progress
) -> CollectionEntry:
    name, database, tally = metadata.collection, snapshot.database.name, ContentTally()
    documents = vault.seal(
        layout.documents_file(backup, database, name), _tallied(snapshot, name, tally, progress)
    )
    described = vault.seal(layout.metadata_file(backup, database, name), [metadata.to_bytes()])
    return CollectionEntry(
        name=name,
        documents=tally.documents,
        content=tally.content,
        documents_file=documents,
        metadata_file=described,
    )


def _tallied(snapshot: Snapshot, collection: str, tally: ContentTally, progress: Progress) -> Iterator[bytes]:
    splitter = DocumentSplitter()
    for batch in snapshot.batches(collection):
        tally.add(splitter.feed(batch))
        progress(collection, tally.documents)
        yield batch
    splitter.close()
