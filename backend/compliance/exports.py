"""A copy of everything about a user, as a ZIP, built in the background (docs/product.md P1)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import structlog
from bson import ObjectId

from backend.auth.accounts import AccountService
from backend.auth.service import AuthService
from backend.compliance.archive import PARTIAL_SUFFIX, Archive
from backend.compliance.store import ExportState, ExportStore
from backend.config import Settings
from backend.errors import AppError, Busy, Conflict, NotFound
from backend.groups.service import GroupService
from backend.http.access import Caller
from backend.infra.clock import Clock, to_iso
from backend.infra.jobs import BUILD_EXPORT, JobQueue
from backend.infra.valkey import VALKEY_AWAY
from backend.notifications.service import NotificationService
from backend.sessions.history import SessionHistory
from backend.users.preferences import PreferenceService
from backend.users.service import UserProfile, UserService

_log = structlog.stdlib.get_logger(__name__)

# An export that has not got on for this long lost its worker; asking again puts it back on the queue.
LOST_AFTER = timedelta(minutes=15)
_ABANDONED_PARTIAL_SECONDS = 24 * 3600
_NOTE_PROGRESS_EVERY = 500


class ExportExpired(AppError):
    """The export was there once."""

    code = "export_expired"
    status = 410


@dataclass(frozen=True, slots=True)
class Download:
    """An opened export; whoever takes it closes `file`."""

    file: BinaryIO
    size_bytes: int
    name: str


class ExportService:
    """Requests, builds and hands out exports."""

    def __init__(
        self,
        *,
        users: UserService,
        preferences: PreferenceService,
        accounts: AccountService,
        auth: AuthService,
        sessions: SessionHistory,
        groups: GroupService,
        notifications: NotificationService,
        jobs: JobQueue,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self._users = users
        self._preferences = preferences
        self._accounts = accounts
        self._auth = auth
        self._sessions = sessions
        self._groups = groups
        self._notifications = notifications
        self._jobs = jobs
        self._clock = clock
        self._folder = settings.data_dir.resolve() / "exports"
        self._keep = timedelta(days=settings.export_keep_days)
        self._store = ExportStore()

    def request(self, caller: Caller, password: str | None, request_id: str) -> ExportState:
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
            return self._unfinished(user_id, now, request_id)
        try:
            self._enqueue(begun.id, request_id)
        except VALKEY_AWAY:
            self._store.delete([begun.id])
            raise Busy("Exports cannot be made right now. Try again in a moment.", retry_after=5) from None
        _log.info("export_requested", user_id=str(user_id), export_id=str(begun.id))
        return begun

    def all_of(self, user_id: ObjectId) -> list[ExportState]:
        """The user's exports, newest first."""
        return self._store.of_user(user_id)

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Every export that the user asked for and that is still known, oldest first, JSON-ready (for the export)."""
        for export in reversed(self._store.of_user(user_id)):
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

    def open_download(self, user_id: ObjectId, export_id: ObjectId) -> Download:
        """Open the ZIP.

        Raises:
            NotFound: as `get`.
            Conflict: `export_not_ready`, `export_failed`.
            ExportExpired: it was kept as long as was promised.
        """
        export = self.get(user_id, export_id)
        if export.status == "failed":
            raise Conflict("This export could not be made. Ask for a new one.", code="export_failed")
        if export.status != "done":
            raise Conflict("This export is not ready yet. Look again in a moment.", code="export_not_ready")
        if export.expires_at <= self._clock.now():
            raise _expired()
        try:
            file = self._path(export_id).open("rb")
        except FileNotFoundError:
            raise _expired() from None
        _log.info("export_downloaded", user_id=str(user_id), export_id=str(export_id))
        return Download(file, export.size_bytes or 0, f"dindin-export-{export.requested_at:%Y-%m-%d}.zip")

    def build(self, export_id: ObjectId) -> None:
        """Build the ZIP. Called by the worker; repeating it, even at the same time, gives one whole file.

        A finished or forgotten export is left alone.
        """
        export = self._store.find(export_id)
        if export is None or not self._store.advance(export_id, 1, self._clock.now()):
            return
        user = self._users.by_id(export.user_id)
        with Archive(self._path(export_id)) as archive:
            self._fill(archive, export, user)
        now = self._clock.now()
        size = self._path(export_id).stat().st_size
        if not self._store.finish(export_id, size, now, now + self._keep) and not self._store.find(export_id):
            self._path(export_id).unlink(missing_ok=True)

    def give_up(self, export_id: ObjectId) -> None:
        """Let the owner see that it failed, and ask again."""
        self._store.fail(export_id, self._clock.now())

    def delete_expired_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete exports that expired before `cutoff`, files first (P4); yields how many, batch by batch."""
        if dry_run:
            yield self._store.count_expired(cutoff)
            return
        self._delete_abandoned_partials()
        while ids := self._store.expired(cutoff, batch):
            for export_id in ids:
                self._path(export_id).unlink(missing_ok=True)
            yield self._store.delete(ids)

    def oldest(self) -> datetime | None:
        """When the oldest export was asked for."""
        return self._store.oldest()

    def _fill(self, archive: Archive, export: ExportState, user: UserProfile) -> None:
        archive.add_object("profile.json", _profile_json(user))
        archive.add_object("preferences.json", next(self._preferences.export_of(user.id)))
        archive.add_list("identities.json", self._users.identities_of(user.id))
        archive.add_list("log_ins.json", self._auth.history_of(user.id))
        archive.add_list("groups.json", self._groups.history_of(user.id))
        archive.add_list("notifications.json", self._notifications.history_of(user.id))
        self._note(export.id, 10)
        archive.add_list("sessions.json", self._noting(export.id, self._sessions.history_of(user.id), 10, 40))
        archive.add_list("swipes.json", self._noting(export.id, self._sessions.swipes_of(user.id), 40, 90))
        archive.add_list("messages.json", self._sessions.messages_of(user.id))
        archive.add_list("feedback.json", self._sessions.feedback_of(user.id))
        about = {
            "export_id": str(export.id),
            "user_id": str(user.id),
            "created_at": to_iso(self._clock.now()),
        }
        archive.close_with_manifest(about, user.email, user.display_name)
        self._note(export.id, 99)

    def _noting(
        self, export_id: ObjectId, records: Iterable[dict[str, Any]], start: int, end: int
    ) -> Iterator[dict[str, Any]]:
        """Pass `records` on. How many there will be is not known: the way left is halved at each note."""
        progress = float(start)
        for count, record in enumerate(records, 1):
            yield record
            if count % _NOTE_PROGRESS_EVERY == 0:
                progress += (end - progress) / 2
                self._note(export_id, int(progress))
        self._note(export_id, end)

    def _note(self, export_id: ObjectId, progress: int) -> None:
        self._store.advance(export_id, progress, self._clock.now())

    def _unfinished(self, user_id: ObjectId, now: datetime, request_id: str) -> ExportState:
        running = self._store.unfinished_of(user_id)
        if running is None:  # it ended between the two looks
            return self._store.of_user(user_id)[0]
        if now - running.touched_at > LOST_AFTER and self._store.touch(running.id, now):
            self._enqueue(running.id, request_id)
            _log.warning("export_enqueued_again", export_id=str(running.id))
        return running

    def _enqueue(self, export_id: ObjectId, request_id: str) -> None:
        self._jobs.enqueue(BUILD_EXPORT, str(export_id), export_id=str(export_id), request_id=request_id)

    def _delete_abandoned_partials(self) -> None:
        """A killed worker leaves its half-written file behind."""
        oldest_in_use = time.time() - _ABANDONED_PARTIAL_SECONDS
        for partial in self._folder.glob(f"*{PARTIAL_SUFFIX}"):
            with suppress(FileNotFoundError):
                if partial.stat().st_mtime < oldest_in_use:
                    partial.unlink()

    def _path(self, export_id: ObjectId) -> Path:
        return self._folder / f"{export_id}.zip"


def _expired() -> ExportExpired:
    return ExportExpired("This export has expired and was deleted. Ask for a new one.")


def _profile_json(user: UserProfile) -> dict[str, Any]:
    return {
        "id": str(user.id),
        "email": user.email,
        "email_confirmed": user.email_confirmed,
        "display_name": user.display_name,
        "role": user.role.value,
        "tier": user.tier,
        "muted_notifications": sorted(user.muted),
        "created_at": to_iso(user.created_at),
    }
