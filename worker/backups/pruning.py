"""Which backups are kept: the last of each of 7 days and of 4 weeks (docs/product.md O4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from worker.backups.layout import moment_of
from worker.backups.vault import Vault

DAYS = 7
WEEKS = 4
_UNFINISHED_FOR = timedelta(days=1)


def superfluous(complete: Mapping[str, datetime], now: datetime) -> list[str]:
    """The backups that need not be kept, oldest first.

    Kept are the newest of each UTC day, today and the six days before; the newest of each week (Monday to Sunday),
    this one and the three before; the newest of all, however old; and any that claims to come from the future.

    Args:
        complete: when each was begun, by its name; times are UTC.
        now: UTC.
    """
    oldest_first = sorted(complete, key=lambda name: (complete[name], name))
    last_of_day = {complete[name].date(): name for name in oldest_first}
    last_of_week = {_monday(complete[name]): name for name in oldest_first}
    kept = {name for day, name in last_of_day.items() if day > now.date() - timedelta(days=DAYS)}
    kept |= {name for week, name in last_of_week.items() if week > _monday(now) - timedelta(weeks=WEEKS)}
    kept |= set(oldest_first[-1:]) | {name for name in oldest_first if complete[name] > now}
    return [name for name in oldest_first if name not in kept]


def prunable(vault: Vault, now: datetime) -> list[str]:
    """What `prune` would delete: superfluous backups, and what was begun more than a day ago and never finished."""
    begun = vault.begun()
    moments = {name: moment for name in begun if (moment := moment_of(name, vault.database))}
    complete = {name: moment for name, moment in moments.items() if begun[name]}
    unfinished = [
        name for name, moment in moments.items() if not begun[name] and now - moment > _UNFINISHED_FOR
    ]
    return superfluous(complete, now) + unfinished


def prune(vault: Vault, now: datetime) -> list[str]:
    """Delete what is prunable; the names of it. Harmless to repeat."""
    names = prunable(vault, now)
    for name in names:
        vault.delete(name)
    return names


def _monday(moment: datetime) -> date:
    return moment.date() - timedelta(days=moment.weekday())
