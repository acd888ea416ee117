"""Copies of everything about a user: asked for, handed out, deleted (docs/product.md P1). building.py makes them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

import structlog
from bson import ObjectId

from backend.auth.accounts import AccountService
from backend.compliance.exports.store import ExportState, ExportStore
from backend.config import Settings
from backend.errors import AppError, Busy, Conflict, NotFound
from backend.http.access import Caller
from backend.infra.clock import Clock, to_iso
from backend.infra.jobs import BUILD_EXPORT, JobQueue
from backend.infra.storage import Storage, StoreAway
from backend.infra.valkey import VALKEY_AWAY

_log = structlog.stdlib.get_logger(__name__)

# An export that has not got on for this long lost its worker; asking again puts it back on the queue.
LOST_AFTER = timedelta(minutes=15)
# No build takes so long: what is half-written since then, or has no record, a killed worker has left behind.
ABANDONED_AFTER = timedelta(days=1)
_FOLDER = "exports"
_OURS = re.compile(rf"{_FOLDER}/([0-9a-f]{{24}})\.zip")


class ExportExpired(AppError):
    """The export was there once."""

    code = "export_expired"
    status = 410


@dataclass(frozen=True, slots=True)
class Download:
    """An opened export; whoever takes it closes `file`."""

    file: IO[bytes]
    size_bytes: int
    name: str


class ExportService:
    """Takes requests for exports, and hands them out to those whose they are."""

    def __init__(
        self,
        *,
        accounts: AccountService,
        storage: Storage,
        jobs: JobQueue,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._accounts = accounts
        self._storage = storage
        self._jobs = jobs
        self._clock = clock
        self._keep = timedelta(days=settings.export_keep_days)
        self._store = ExportStore()

    def request(self, caller: Caller, password: str | None) -> ExportState:
        """Ask for an export. While one is being built, that one is returned.

        Raises:
            Forbidden: `wrong_password`, `password_needed`, `log_in_again`.
            Busy: the queue cannot be reached; nothing was begun.
        """
        self._accounts.re_authenticate(caller, password)
        user_id = ObjectId(caller.user_id)
        now = self._clock.now()
        begun = self._store.begin(user_id, now, now + self._keep)
        if begun is None:
            return self._unfinished(user_id, now)
        try:
            self._enqueue(begun)
        except VALKEY_AWAY:
            self._store.delete([begun.id])
            raise Busy("Exports cannot be made right now. Try again in a moment.", retry_after=5) from None
        _log.info("export_requested", user_id=str(user_id), export_id=str(begun.id))
        return begun

    def latest_of(self, user_id: ObjectId) -> list[ExportState]:
        """The user's latest exports, newest first, at most 50."""
        return self._store.of_user(user_id)

    def ids_of(self, user_id: ObjectId) -> list[ObjectId]:
        """The ids of all exports of the user that are known."""
        return [export.id for export in self._store.every_one_of(user_id)]

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has asked for an export."""
        return self._store.people()

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Every export that the user asked for and that is still known, oldest first, JSON-ready (for the export)."""
        for export in self._store.every_one_of(user_id):
            yield {
                "id": str(export.id),
                "status": export.status,
                "requested_at": to_iso(export.requested_at),
                "finished_at": to_iso(export.finished_at) if export.finished_at else None,
                "expires_at": to_iso(export.expires_at),
                "size_bytes": export.size_bytes,
            }

    def get(self, user_id: ObjectId, export_id: ObjectId) -> ExportState:
        """One of the user's exports.

        Raises:
            NotFound: `export_not_found`, also for somebody else's.
        """
        found = self._store.find(export_id)
        if found is None or found.user_id != user_id:
            raise NotFound("There is no such export.", code="export_not_found")
        return found

    def open_download(self, caller: Caller, password: str | None, export_id: ObjectId) -> Download:
        """Open the ZIP, for whoever proves once more who they are: a token that was copied is not enough for it.

        Raises:
            Forbidden: as `request`.
            NotFound: as `get`.
            Conflict: `export_not_ready`, `export_failed`.
            ExportExpired: it was kept as long as was promised.
            Busy: the store that keeps it cannot be reached.
        """
        self._accounts.re_authenticate(caller, password)
        export = self.get(ObjectId(caller.user_id), export_id)
        if export.status == "failed":
            raise Conflict("This export could not be made. Ask for a new one.", code="export_failed")
        if export.status != "done":
            raise Conflict("This export is not ready yet. Look again in a moment.", code="export_not_ready")
        if export.expires_at <= self._clock.now():
            raise _expired()
        try:
            file = self._storage.open(file_of(export_id))
            size = file.seek(0, os.SEEK_END)
            file.seek(0)
        except FileNotFoundError:
            raise _expired() from None
        except StoreAway as away:
            _log.warning("export_store_away", export_id=str(export_id), error=str(away))
            raise Busy("Exports cannot be read right now. Try again in a moment.", retry_after=10) from None
        _log.info("export_downloaded", user_id=caller.user_id, export_id=str(export_id))
        return Download(file, size, f"dindin-export-{export.requested_at:%Y-%m-%d}.zip")

    def give_up(self, export_id: ObjectId) -> None:
        """Let the owner see that it failed, and ask again."""
        self._store.fail(export_id, self._clock.now())

    def forget(self, user_id: ObjectId) -> int:
        """Delete the exports of somebody who is being erased, files first; how many. One being built ends in nothing.

        Raises:
            OSError: the store does not delete them now.
        """
        forgotten = 0
        while known := self._store.of_user(user_id):
            for export in known:
                self._storage.delete(file_of(export.id))
            forgotten += self._store.delete([export.id for export in known])
        return forgotten

    def delete_expired_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete exports that expired before `cutoff`, files first (P4); yields how many, batch by batch.

        Raises:
            OSError: the store does not delete them now.
        """
        if dry_run:
            yield self._store.count_expired(cutoff)
            return
        while ids := self._store.expired(cutoff, batch):
            for export_id in ids:
                self._storage.delete(file_of(export_id))
            yield self._store.delete(ids)
        self._delete_abandoned()

    def oldest(self) -> datetime | None:
        """When the oldest export was asked for."""
        return self._store.oldest()

    def _unfinished(self, user_id: ObjectId, now: datetime) -> ExportState:
        running = self._store.unfinished_of(user_id)
        if running is None:  # it ended between the two looks
            return self._store.of_user(user_id)[0]
        if now - running.touched_at > LOST_AFTER and self._store.touch(running.id, now):
            self._enqueue(running)
            _log.warning("export_enqueued_again", export_id=str(running.id))
        return running

    def _enqueue(self, export: ExportState) -> None:
        """The job says for whom it is, so that an erasure finds it also when the export's record is gone."""
        export_id, user_id = str(export.id), str(export.user_id)
        self._jobs.enqueue(BUILD_EXPORT, export_id, user_id, export_id=export_id)

    def _delete_abandoned(self) -> None:
        """Delete what killed workers have left: files that are half-written, or whose records are gone."""
        before = self._clock.now() - ABANDONED_AFTER
        self._storage.delete_unfinished(_FOLDER, before)
        for name in self._storage.names(_FOLDER):
            ours = _OURS.fullmatch(name)
            if ours and not self._store.find(ObjectId(ours[1])) and self._storage.written_at(name) < before:
                self._storage.delete(name)


def file_of(export_id: ObjectId) -> str:
    """Where in the storage an export lies."""
    return f"{_FOLDER}/{export_id}.zip"


def _expired() -> ExportExpired:
    return ExportExpired("This export has expired and was deleted. Ask for a new one.")
