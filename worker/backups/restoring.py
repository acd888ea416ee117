"""Restoring a backup, so that a failure half-way leaves the database as it was, or says that it is not whole.

Everything goes into collections beside the database's own (`restoring.users`), which must all be complete before the
first takes its place. Three phases are marked in the database itself:

    filling    Nothing has changed. Ended here by an error, the scratch collections are dropped; by a kill, the next
               restore drops them.
    swapping   Each collection takes its place by a rename, an instant each. Interrupted, the next restore goes on;
               until then the database says that it is not whole (`backend.infra.restoring`) and no API is ready.
    replaying  People who were erased since the backup are erased again. Interrupted: likewise.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog

from backend.infra.mongo import BsonDocument, MongoDatabase
from backend.infra.restoring import FILLING, MARKS, SCRATCH
from worker.backups.carrying import NEVER_BACK, carry_what_is_known_since, grant_grace
from worker.backups.errors import BackupError
from worker.backups.filling import build_indexes, pour
from worker.backups.manifest import Manifest
from worker.backups.progress import Progress, silent
from worker.backups.vault import Vault

_log = structlog.stdlib.get_logger(__name__)

SWAPPING = "swapping"
REPLAYING = "replaying"
_MARK_ID = "restore"

Replay = Callable[[], int]
"""Does what must be done before anybody uses the database: erases again whoever has a tombstone; how many."""


class Restoring:
    """Restores into one database."""

    def __init__(
        self,
        vault: Vault,
        target: MongoDatabase,
        replay: Replay,
        progress: Progress = silent,
        grace: timedelta = timedelta(0),
    ) -> None:
        """Wire the parts.

        Args:
            grace: how long erasures that come back with the backup can still be cancelled, at least.
        """
        self._vault = vault
        self._target = target
        self._replay = replay
        self._progress = progress
        self._grace = grace

    def finish_interrupted(self) -> str:
        """Finish an earlier restore that was interrupted when it could no longer go back; its backup's name, or ""."""
        mark = self._mark()
        if mark is None or mark["phase"] == FILLING:
            return ""
        self._finish(mark)
        return str(mark["backup"])

    def restore(self, name: str, *, drop: bool) -> int:
        """Put the backup `name` into the database; how many people were erased again.

        Args:
            drop: let go of what is in the database, which otherwise must be empty.

        Raises:
            BackupError: it cannot be done; the database is as it was.
        """
        manifest = self._vault.manifest(name)
        self._refuse_unless_empty(drop=drop)
        self._drop_scratch()
        self._set_mark(backup=name, phase=FILLING)
        try:
            self._fill(manifest)
        except BaseException:
            self._drop_scratch()
            self._target.drop_collection(MARKS)
            raise
        gone = sorted(set(self._own_collections()) - {entry.name for entry in manifest.collections})
        self._set_mark(backup=name, phase=SWAPPING, gone=[each for each in gone if each not in NEVER_BACK])
        return self._finish(self._mark() or {})

    def _refuse_unless_empty(self, *, drop: bool) -> None:
        own = self._own_collections()
        if own and not drop:
            raise BackupError(
                f"The database {self._target.name} is not empty ({len(own)} collections, {own[0]} among them). To let "
                "go of everything in it, say --drop (make restore: DROP=1); to look at a backup, name another "
                "database with --into."
            )

    def _fill(self, manifest: Manifest) -> None:
        for entry in manifest.collections:
            scratch = f"{SCRATCH}{entry.name}"
            metadata = pour(self._vault, entry, self._target, scratch, self._progress)
            build_indexes(self._target, scratch, metadata)
            _log.debug("collection_restored", collection=entry.name, documents=entry.documents)
        grant_grace(self._target, SCRATCH, self._grace)
        carry_what_is_known_since(self._target, [entry.name for entry in manifest.collections], SCRATCH)

    def _finish(self, mark: BsonDocument) -> int:
        for scratch in self._scratch_collections():
            self._target[scratch].rename(scratch.removeprefix(SCRATCH), dropTarget=True)
        for name in mark.get("gone", []):
            self._target.drop_collection(name)
        self._set_mark(backup=mark["backup"], phase=REPLAYING)
        erased = self._replay()
        self._target.drop_collection(MARKS)
        return erased

    def _mark(self) -> BsonDocument | None:
        return self._target[MARKS].find_one({"_id": _MARK_ID})

    def _set_mark(self, **fields: object) -> None:
        self._target[MARKS].replace_one({"_id": _MARK_ID}, fields, upsert=True)

    def _own_collections(self) -> list[str]:
        names = self._target.list_collection_names()
        return sorted(name for name in names if name != MARKS and not name.startswith(("system.", SCRATCH)))

    def _scratch_collections(self) -> list[str]:
        return sorted(name for name in self._target.list_collection_names() if name.startswith(SCRATCH))

    def _drop_scratch(self) -> None:
        for scratch in self._scratch_collections():
            self._target.drop_collection(scratch)
