"""The nightly backup, and the monthly proof that it can be restored."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import structlog

from backend.config import Settings
from backend.config_checks import backup_keys_of
from backend.infra.backup_figures import BackupFigures
from backend.infra.clock import Clock
from backend.infra.jobs import REHEARSE_RESTORE, RUN_BACKUP, JobKind
from backend.infra.valkey import VALKEY_AWAY
from worker.backups import layout
from worker.backups.connection import connected
from worker.backups.errors import BackupError
from worker.backups.making import make_backup
from worker.backups.manifest import Manifest
from worker.backups.pruning import prune
from worker.backups.rehearsal import rehearse
from worker.backups.vault import Vault
from worker.backups.verifying import verify_quickly
from worker.jobs.context import RecurringTurn, Skipped, turn_of

_log = structlog.stdlib.get_logger(__name__)

_PERIOD = "%Y-%m-%dT%H:%MZ"


def run_backup(period: str) -> dict[str, int]:
    """Make tonight's backup, look whether it arrived, and delete those that need not be kept; harmless to repeat.

    Skipped without BACKUP_KEYS.
    """
    with turn_of(RUN_BACKUP, period) as turn, _told("backup_failed"):
        settings = _with_keys(turn)
        vault = Vault.of(settings)
        manifest = verify_quickly(vault, _of_tonight(vault, period) or _make(turn, settings, vault).name)
        turn.check()
        pruned = prune(vault, turn.now)
        turn.result = {
            "documents": manifest.documents,
            "bytes": manifest.sealed_bytes,
            "pruned": len(pruned),
        }
        _note_success(turn, RUN_BACKUP)
        _log.info("backup_made", backup=manifest.name, **turn.result)
    return turn.result


def rehearse_restore(period: str) -> dict[str, int]:
    """Restore the newest backup into a database of its own, compare it with what was backed up, and drop it.

    Skipped without BACKUP_KEYS, or where none of them opens backups.

    Raises:
        BackupError: it cannot be restored. That is what this is for: whoever runs DinDin must hear of it.
    """
    with turn_of(REHEARSE_RESTORE, period) as turn, _told("rehearsal_failed"):
        settings = _with_keys(turn)
        vault = Vault.of(settings)
        if not vault.keys.can_open:
            raise Skipped("BACKUP_KEYS has no identity, which opens backups (docs/backups.md)")
        rehearsed = rehearse(settings, vault)
        turn.result = {"collections": len(rehearsed.collections), "documents": rehearsed.documents}
        _note_success(turn, REHEARSE_RESTORE)
        _log.info("backup_rehearsed", backup=rehearsed.name, **turn.result)
    return turn.result


@contextmanager
def _told(event: str) -> Iterator[None]:
    """Logs what is wrong with backups in its own words: of other errors the log tells only the kind."""
    try:
        yield
    except BackupError as problem:
        _log.error(event, because=str(problem))
        raise


def _make(turn: RecurringTurn, settings: Settings, vault: Vault) -> Manifest:
    with connected(settings) as database:
        return make_backup(database, vault, turn.services.get_abstract(Clock))


def _of_tonight(vault: Vault, period: str) -> str:
    """The backup that an earlier attempt of this period has finished, or ""."""
    begins = datetime.strptime(period, _PERIOD).replace(tzinfo=UTC)
    moments = {name: layout.moment_of(name, vault.database) for name in vault.complete()}
    return next((name for name, moment in moments.items() if moment and moment >= begins), "")


def _with_keys(turn: RecurringTurn) -> Settings:
    settings = turn.services.get(Settings)
    if not backup_keys_of(settings):
        raise Skipped("BACKUP_KEYS is not set (docs/backups.md)")
    return settings


def _note_success(turn: RecurringTurn, kind: JobKind) -> None:
    try:
        turn.services.get(BackupFigures).note(kind, turn.now)
    except VALKEY_AWAY as away:
        _log.warning("backup_not_noted", job=kind.name, error=type(away).__name__)
