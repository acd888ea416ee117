"""What is done in the background, and the keys without which it is no use."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import svcs

from backend.config import Settings
from backend.config_checks import backup_keys_of
from backend.infra.backup_figures import BackupFigures
from backend.infra.clock import Clock
from backend.infra.flags import FlagsUnreadable, read_flags
from backend.infra.jobs import RUN_BACKUP, JobQueue
from backend.infra.process_figures import ProcessFigures
from backend.infra.valkey import Valkey
from backend.jobs.runs import JobRuns
from backend.ops.doctor.findings import Finding, count, fail, ok, warn
from backend.users.data_keys import UserKeys

# The nightly backup and some hours in which it may take its time; and two nights missed.
_BACKUP_DUE, _BACKUP_OVERDUE = timedelta(hours=27), timedelta(hours=51)
_CRON_SILENT = timedelta(minutes=3)
_KEYS = {
    "DATA_KEYS": "Set it before anything is kept: diets and notes of until then cannot be read afterwards.",
    "LEDGER_KEY": "Set it before anything is kept: the audit log and tombstones of until then mean nothing afterwards.",
}


def keys(services: svcs.Container) -> Iterator[Finding]:
    """Whether each purpose has a key of its own, and those that data needs are there."""
    settings = services.get(Settings)
    missing = [name for name in _KEYS if not getattr(settings, name.lower()).get_secret_value()]
    bad = fail if settings.app_env == "production" else warn
    for name in missing:
        yield bad("keys", f"{name} is not set: SECRET_KEY stands in", _KEYS[name])
    if not backup_keys_of(settings):
        yield bad(
            "keys",
            "BACKUP_KEYS is not set: there are no backups",
            "`python -m worker backup-key` makes one; keep a copy elsewhere (docs/backups.md).",
        )
    elif not missing:
        yield ok("keys", "DATA_KEYS, LEDGER_KEY and BACKUP_KEYS are set")


def flags(services: svcs.Container) -> Iterator[Finding]:
    """Whether the file of feature flags, if there is one, can be read."""
    path = services.get(Settings).flags_file
    try:
        said = read_flags(path) if path else {}
    except (OSError, FlagsUnreadable) as wrong:
        yield fail(
            "flags", f"FLAGS_FILE: {wrong}", "Correct it: until then what it said before holds, or defaults."
        )
        return
    switched = ", ".join(f"{key} {'on' if on else 'off'}" for key, on in said.items())
    yield ok("flags", (switched or "nothing is said") if path else "no FLAGS_FILE")


def data_keys(services: svcs.Container) -> Iterator[Finding]:
    """Whether DATA_KEYS has every key that users' data is sealed with."""
    user_keys = services.get(UserKeys)
    gone = {name: users for name, users in user_keys.in_use().items() if name not in user_keys.ring_names}
    for name, users in gone.items():
        yield fail(
            "data keys",
            f"what {count(users, 'user')} told of diets needs the key {name!r}, which is not there",
            "Put it back into DATA_KEYS, behind the newest.",
        )
    if not gone:
        yield ok("data keys", "all that is sealed can be opened")


def backups(services: svcs.Container) -> Iterator[Finding]:
    """When the last nightly backup was made. Valkey tells; where it was emptied, MongoDB does."""
    now = services.get_abstract(Clock).now()
    told = services.get(BackupFigures).last(RUN_BACKUP)
    known = [datetime.fromtimestamp(told, UTC)] if told is not None else []
    noted = services.get(JobRuns).last_done(RUN_BACKUP.name)
    last = max([*known, *([noted] if noted else [])], default=None)
    by_hand = "Look at its job (docs/jobs.md), or make one: `python -m worker backup`."
    if last is None:
        yield warn("backups", "not known of any; those made by hand are not counted", by_hand)
        return
    age = now - last
    said = f"the last nightly one is {age.total_seconds() / 3600:.0f} h old"
    if age > _BACKUP_OVERDUE:
        yield fail("backups", said, by_hand)
    elif age > _BACKUP_DUE:
        yield warn("backups", said, by_hand)
    else:
        yield ok("backups", said)


def workers(services: svcs.Container) -> Iterator[Finding]:
    """Whether somebody works off jobs, and whether jobs failed for good."""
    jobs = services.get(JobQueue)
    alive, waiting, dead = jobs.workers(), sum(jobs.waiting().values()), sum(jobs.dead().values())
    if alive:
        yield ok("worker", f"{count(alive, 'worker')}, {count(waiting, 'job')} waiting")
    else:
        yield fail(
            "worker", f"none is there, {count(waiting, 'job')} waiting", "Start one: `python -m worker run`."
        )
    if dead:
        yield warn(
            "jobs",
            f"{count(dead, 'job')} failed for good",
            "See why, and try again, on the operators' page (docs/jobs.md).",
        )


def cron(services: svcs.Container) -> Iterator[Finding]:
    """Whether somebody asks for what recurs."""
    settings, client = services.get(Settings, Valkey)
    seen = ProcessFigures(client, settings.redis_prefix).last_seen("cron")
    to_do = "Start one: `python -m worker cron`."
    if seen is None:
        yield fail("cron", "none was ever there", to_do)
        return
    silent = services.get_abstract(Clock).now() - datetime.fromtimestamp(seen, UTC)
    if silent > _CRON_SILENT:
        yield fail("cron", f"the last was there {silent.total_seconds() / 60:.0f} min ago", to_do)
    else:
        yield ok("cron", "at work")
