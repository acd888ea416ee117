"""Putting the documents of one collection of a backup into a database, and building its indexes."""

from __future__ import annotations

from bson.raw_bson import RawBSONDocument

from backend.infra.mongo import MongoDatabase
from worker.backups.errors import Damaged
from worker.backups.layout import Metadata
from worker.backups.manifest import CollectionEntry
from worker.backups.progress import Progress
from worker.backups.streams import ContentTally, DocumentSplitter
from worker.backups.vault import Vault
from worker.backups.verifying import check_not_more, check_tally, read_metadata

_BATCH_DOCUMENTS = 2_000
_BATCH_BYTES = 8 << 20


class _Inserting:
    """Gathers documents and inserts them in batches."""

    def __init__(self, database: MongoDatabase, collection: str) -> None:
        self._collection = database[collection]
        self._batch: list[bytes] = []
        self._bytes = 0

    def add(self, document: bytes) -> None:
        self._batch.append(document)
        self._bytes += len(document)
        if len(self._batch) >= _BATCH_DOCUMENTS or self._bytes >= _BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Insert what is left."""
        if self._batch:
            # As they are, byte for byte; what a validator has come to refuse since is restored all the same.
            self._collection.insert_many(
                [RawBSONDocument(document) for document in self._batch], bypass_document_validation=True
            )
        self._batch, self._bytes = [], 0


def pour(
    vault: Vault, entry: CollectionEntry, database: MongoDatabase, collection: str, progress: Progress
) -> Metadata:
    """Create `collection` with its options and insert the documents; returns what indexes it shall have.

    Raises:
        Damaged: the backup is not what it was, or not everything arrived.
    """
    metadata = read_metadata(vault, entry)
    database.command({"create": collection, **metadata.options})
    splitter, tally, inserting = DocumentSplitter(), ContentTally(), _Inserting(database, collection)

    def take(chunk: bytes) -> None:
        documents = splitter.feed(chunk)
        tally.add(documents)
        check_not_more(tally, entry)
        for document in documents:
            inserting.add(document)
        progress(entry.name, tally.documents)

    vault.unseal(entry.documents_file, take)
    splitter.close()
    inserting.flush()
    check_tally(tally, entry, entry.documents_file.name)
    arrived = database[collection].count_documents({})
    if arrived != entry.documents:
        raise Damaged(
            f"{entry.name}: {arrived:,} of {entry.documents:,} documents arrived in {database.name}"
        )
    return metadata


def build_indexes(database: MongoDatabase, collection: str, metadata: Metadata) -> None:
    """Build the indexes; after the documents, which is faster, and an index with a time to live deletes at once."""
    if indexes := metadata.indexes_to_build():
        database.command({"createIndexes": collection, "indexes": indexes})
