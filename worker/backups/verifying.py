"""Checking that a backup is what it was when it was made."""

from __future__ import annotations

from worker.backups.errors import BackupError, Damaged
from worker.backups.layout import Metadata
from worker.backups.manifest import CollectionEntry, Manifest
from worker.backups.progress import Progress, silent
from worker.backups.streams import ContentTally, DocumentSplitter
from worker.backups.vault import Vault


def verify_quickly(vault: Vault, name: str) -> Manifest:
    """Read every file as it lies there and compare it with the manifest. Needs no key that opens.

    Raises:
        BackupError: there is no such backup.
        Damaged: something is not what it was; the message names it.
    """
    manifest = vault.manifest(name)
    for file in manifest.files:
        vault.check_sealed(file)
    return manifest


def verify(vault: Vault, name: str, progress: Progress = silent) -> Manifest:
    """Decrypt everything, too, and count and compare the documents.

    Raises:
        BackupError: there is no such backup, or no key for it.
        Damaged: something is not what it was; the message names it.
    """
    if not vault.keys.can_open:
        raise BackupError("BACKUP_KEYS holds no identity that opens backups (AGE-SECRET-KEY-1...).")
    manifest = vault.manifest(name)
    for entry in manifest.collections:
        _verify_collection(vault, entry, progress)
    return manifest


def read_metadata(vault: Vault, entry: CollectionEntry) -> Metadata:
    """A collection's options and indexes.

    Raises:
        Damaged: they cannot be read, or are another collection's.
    """
    try:
        metadata = Metadata.parse(vault.whole(entry.metadata_file))
    except (ValueError, KeyError, TypeError):
        raise Damaged(f"{entry.metadata_file.name}: it is no description of a collection") from None
    if metadata.collection != entry.name:
        raise Damaged(f"{entry.metadata_file.name}: it describes {metadata.collection}, not {entry.name}")
    return metadata


def check_not_more(tally: ContentTally, entry: CollectionEntry) -> None:
    """Raise Damaged as soon as there are more documents than were backed up."""
    if tally.documents > entry.documents:
        raise Damaged(
            f"there are more in it than the {entry.documents:,} documents that the manifest tells of"
        )


def check_tally(tally: ContentTally, entry: CollectionEntry, what: str) -> None:
    """Raise Damaged unless documents are those that were backed up; `what` holds them."""
    if tally.documents != entry.documents:
        raise Damaged(f"{what} holds {tally.documents:,} documents instead of {entry.documents:,}")
    if tally.content != entry.content:
        raise Damaged(f"{what} holds as many documents as were backed up, but not the same")


def _verify_collection(vault: Vault, entry: CollectionEntry, progress: Progress) -> None:
    read_metadata(vault, entry)
    splitter, tally = DocumentSplitter(), ContentTally()

    def take(chunk: bytes) -> None:
        tally.add(splitter.feed(chunk))
        check_not_more(tally, entry)
        progress(entry.name, tally.documents)

    vault.unseal(entry.documents_file, take)
    splitter.close()
    check_tally(tally, entry, entry.documents_file.name)
