"""Rehearsing a restore: the only proof that there is a backup."""

from __future__ import annotations

from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from worker.backups.aside import aside
from worker.backups.connection import connected
from worker.backups.errors import Damaged
from worker.backups.filling import build_indexes, pour
from worker.backups.manifest import CollectionEntry, Manifest
from worker.backups.progress import Progress, silent
from worker.backups.snapshot import raw_batches
from worker.backups.streams import ContentTally, DocumentSplitter
from worker.backups.vault import Vault
from worker.backups.verifying import check_tally

_SUFFIX = "-rehearsal"
_DATABASE_NAME_LENGTH = 63


def scratch_name(database: str) -> str:
    """The database that a rehearsal fills and drops."""
    return database[: _DATABASE_NAME_LENGTH - len(_SUFFIX)] + _SUFFIX


def rehearse(settings: Settings, vault: Vault, progress: Progress = silent) -> Manifest:
    """Restore the newest backup into a database of its own, compare it with the manifest, and drop it; which it was.

    As any restore beside the live database it is done aside. Nobody is erased again in it, and nobody can see it; it
    lasts for minutes.

    Raises:
        BackupError: there is no backup.
        Damaged: what came back is not what was backed up.
    """
    manifest = vault.manifest(vault.latest())
    with aside(settings, scratch_name(settings.database_name)) as copy, connected(copy) as scratch:
        _drop(scratch)  # of a rehearsal that was killed
        try:
            for entry in manifest.collections:
                _rehearse_collection(vault, entry, scratch, progress)
        finally:
            _drop(scratch)
    return manifest


def _rehearse_collection(
    vault: Vault, entry: CollectionEntry, scratch: MongoDatabase, progress: Progress
) -> None:
    metadata = pour(vault, entry, scratch, entry.name, progress)
    check_tally(content_of(scratch, entry.name), entry, f"{scratch.name}.{entry.name}")
    build_indexes(scratch, entry.name, metadata)
    wanted = {index["name"]: dict(index) for index in metadata.indexes}
    found = {index["name"]: dict(index) for index in scratch[entry.name].list_indexes()}
    if found != wanted:
        different = sorted(name for name in wanted if found.get(name) != wanted[name])
        raise Damaged(f"{entry.name}: these indexes are not what they were: {', '.join(different)}")


def content_of(database: MongoDatabase, collection: str) -> ContentTally:
    """What a collection holds now."""
    splitter, tally = DocumentSplitter(), ContentTally()
    for batch in raw_batches(database, collection):
        tally.add(splitter.feed(batch))
    return tally


def _drop(scratch: MongoDatabase) -> None:
    scratch.client.drop_database(scratch.name)
