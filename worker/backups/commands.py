"""`python -m worker backup | backups | verify | restore | rehearse | prune | backup-key`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

from pymongo.errors import PyMongoError

from backend.config import Settings
from backend.infra.clock import SystemClock
from worker.backups.aside import aside
from worker.backups.connection import connected
from worker.backups.errors import BackupError
from worker.backups.forgetting import check_can_forget, forget_valkey
from worker.backups.making import make_backup
from worker.backups.manifest import Manifest
from worker.backups.progress import Seldom
from worker.backups.pruning import prunable, prune
from worker.backups.rehearsal import rehearse
from worker.backups.restoring import Replay, Restoring
from worker.backups.sealing import new_identity
from worker.backups.vault import Vault
from worker.backups.verifying import verify

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # argparse has no public name for it

_INTERRUPTED = 130  # as shells have it
_DATABASE = re.compile(r"[A-Za-z0-9_-]{1,60}")


def add_commands(commands: Commands) -> None:
    """Describe the commands."""
    commands.add_parser("backup", help="make a backup, encrypted to the newest of BACKUP_KEYS")
    commands.add_parser("backups", help="list the backups there are")
    verifying = commands.add_parser("verify", help="check a backup: sums, decryption, every document")
    restoring = commands.add_parser("restore", help="put a backup into an empty database")
    for command in (verifying, restoring):
        command.add_argument("name", nargs="?", default="", help="default: the newest")
    restoring.add_argument("--drop", action="store_true", help="let go of what is in the database now")
    restoring.add_argument("--into", default="", metavar="DATABASE", help="default: DATABASE_NAME")
    restoring.add_argument(
        "--forget-valkey",
        action="store_true",
        help="delete what Valkey holds for this installation, which is about the state before",
    )
    commands.add_parser("rehearse", help="restore the newest into a database of its own and compare it")
    pruning = commands.add_parser("prune", help="delete backups that need not be kept any longer")
    pruning.add_argument("--dry-run", action="store_true", help="only say which")
    commands.add_parser("backup-key", help="make a key for BACKUP_KEYS")


def run(asked: argparse.Namespace, settings: Settings) -> int:
    """Carry out a command; 0 when it did what was asked, else 1 or 130 and why, on standard error."""
    try:
        _COMMANDS[asked.command](asked, settings, Vault.of(settings))
    except BackupError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except PyMongoError as problem:
        sys.stderr.write(f"MongoDB: {problem}\n")
        return 1
    except OSError as problem:
        sys.stderr.write(f"The backups' place cannot be used: {problem}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("Interrupted.\n")
        return _INTERRUPTED
    return 0


def print_key() -> int:
    """Make a key and print it, with what belongs to it as a comment."""
    identity, recipient = new_identity()
    _say(f"# Its recipient, which only encrypts: {recipient}\n{identity}")
    return 0


def _backup(_asked: argparse.Namespace, settings: Settings, vault: Vault) -> None:
    with connected(settings) as database:
        manifest = make_backup(database, vault, SystemClock(), Seldom(_say))
    _say(f"Made {_told(manifest)}.")
    if manifest.left_out:
        _say(f"Views are not in it: {', '.join(manifest.left_out)}.")


def _list(_asked: argparse.Namespace, _settings: Settings, vault: Vault) -> None:
    for name, is_complete in vault.begun().items():
        _say(_told(vault.manifest(name)) if is_complete else f"{name}: unfinished")


def _verify(asked: argparse.Namespace, _settings: Settings, vault: Vault) -> None:
    manifest = verify(vault, asked.name or vault.latest(), Seldom(_say))
    _say(f"Good: {_told(manifest)}.")


def _restore(asked: argparse.Namespace, settings: Settings, vault: Vault) -> None:
    into = asked.into or settings.database_name
    if not _DATABASE.fullmatch(into):
        raise BackupError("--into: a database is named by letters, digits, _ and -, 60 at most.")
    if asked.forget_valkey and into != settings.database_name:
        raise BackupError(
            "--forget-valkey: Valkey knows nothing of another database than this installation's own."
        )
    if asked.forget_valkey:
        check_can_forget(settings)
    if into == settings.database_name:
        _fill(asked, settings, vault, lambda: _replay_live(asked, settings))
        return
    with aside(settings, into) as copy:
        _fill(asked, copy, vault, lambda: _replay_aside(settings, copy))
        with connected(copy) as database:
            left = database["erasures"].count_documents({"status": "running"})
    if left:
        _say(
            f"Of {left} people who are to be erased something is left in it; no worker goes on with that in a copy."
        )


def _fill(asked: argparse.Namespace, settings: Settings, vault: Vault, replay: Replay) -> None:
    grace = timedelta(days=settings.erasure_grace_days)
    with connected(settings) as target:
        restoring = Restoring(vault, target, replay, Seldom(_say), grace)
        finished = restoring.finish_interrupted()
        if finished:
            _say(f"Finished the restore of {finished}, which had been interrupted.")
        if finished and asked.name in {"", finished}:
            return
        name = asked.name or vault.latest()
        erased = restoring.restore(name, drop=asked.drop)
    _say(f"Restored {name} into {settings.database_name}; erased again: {erased}.")
    _say("Now run `python -m backend prepare`, which adds what is newer than the backup.")


def _replay_live(asked: argparse.Namespace, settings: Settings) -> int:
    # Needs every service there is; the cron, which this module is loaded in as well, does not.
    from worker.backups.replaying import replay_live

    if asked.forget_valkey:  # first: what is queued from here on is about the state that was restored
        _say(f"Forgotten in Valkey: {forget_valkey(settings)} records.")
    return replay_live(settings)


def _replay_aside(settings: Settings, copy: Settings) -> int:
    from worker.backups.replaying import replay_aside

    return replay_aside(settings, copy)


def _rehearse(_asked: argparse.Namespace, settings: Settings, vault: Vault) -> None:
    rehearsed = rehearse(settings, vault, Seldom(_say))
    _say(f"Restored, compared and dropped again: {_told(rehearsed)}.")


def _prune(asked: argparse.Namespace, _settings: Settings, vault: Vault) -> None:
    now = SystemClock().now()
    names = prunable(vault, now) if asked.dry_run else prune(vault, now)
    for name in names:
        _say(f"{'Would delete' if asked.dry_run else 'Deleted'} {name}.")
    _say(f"Kept: {len(vault.begun()) - (len(names) if asked.dry_run else 0)}.")


def _told(manifest: Manifest) -> str:
    megabytes = manifest.sealed_bytes / 1e6
    return (
        f"{manifest.name}: {len(manifest.collections)} collections, {manifest.documents:,} documents, "
        f"{megabytes:,.1f} MB"
    )


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


_COMMANDS: dict[str, Callable[[argparse.Namespace, Settings, Vault], None]] = {
    "backup": _backup,
    "backups": _list,
    "verify": _verify,
    "restore": _restore,
    "rehearse": _rehearse,
    "prune": _prune,
}
COMMANDS = frozenset(_COMMANDS)
