"""What must be done with a database that was restored, before anybody uses it (docs/product.md P2)."""

from __future__ import annotations

import svcs

from backend.audit.trail import AuditTrail
from backend.auth.mails import AccountMails
from backend.compliance.erasure.service import ErasureService
from backend.compliance.erasure.store import ErasureStore
from backend.compliance.erasure.tombstones import FOLDER
from backend.config import Settings
from backend.infra.cache_forgetting import NotForgotten, forget_everything
from backend.infra.storage import storage_of
from backend.infra.valkey import VALKEY_AWAY, Valkey
from backend.wiring import build_registry
from worker.backups.errors import BackupError


def replay_live(settings: Settings) -> int:
    """Erase everybody of whom there is a tombstone again, and tell who asked for it; how many were back.

    First what was cached is forgotten, and the audit log learns that it went back: what follows goes into it.

    Raises:
        BackupError: Valkey is away, and what is cached could not be forgotten; or somebody is to be told, and the mail
            would wait on its queue.
    """
    with build_registry(settings) as registry, svcs.Container(registry) as services:
        stale = _not_forgotten(services)
        services.get(AuditTrail).note_restore()
        erased = services.get(ErasureService).replay_tombstones()
        _tell_who_asked(services)
        if stale is not None:  # last: that people are erased does not wait for Valkey
            raise BackupError(f"{stale} It finishes what was begun.") from stale
    return erased


def replay_aside(live: Settings, copy: Settings) -> int:
    """The same in a copy, by its own settings (`worker.backups.aside`). Of the live side only tombstones are read."""
    tombstones, theirs = storage_of(live), storage_of(copy)
    for name in tombstones.names(FOLDER):
        theirs.write(name, b"")
    with build_registry(copy) as registry, svcs.Container(registry) as services:
        return services.get(ErasureService).replay_tombstones()


def _not_forgotten(services: svcs.Container) -> NotForgotten | None:
    try:
        forget_everything(*services.get(Valkey, Settings))
    except NotForgotten as stale:
        return stale
    return None


def _tell_who_asked(services: svcs.Container) -> None:
    """Send who can still stay the link for that, again: where they have cancelled before, nobody knows any more."""
    asked = [erasure for erasure in services.get(ErasureStore).scheduled() if erasure.tell]
    if not asked:
        return
    try:
        services.get(Valkey).ping()
    except VALKEY_AWAY as away:
        raise BackupError(
            f"Valkey cannot be reached ({type(away).__name__}), and people who asked to be erased must be written to: "
            "they may have cancelled it since the backup. When it is back, run the same command again: it finishes "
            "what was begun."
        ) from away
    for erasure in asked:
        services.get(AccountMails).tell_of_erasure(erasure.user_id, f"{erasure.due_at:%Y-%m-%d}")
