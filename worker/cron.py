"""What happens regularly: one row each in RECURRING.

To add one: name its `JobKind` in `backend.infra.jobs`, write its function in `worker.jobs`, and add a row.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from croniter import croniter

from backend.infra.jobs import (
    ENQUEUE_DUE_ERASURES,
    REHEARSE_RESTORE,
    RUN_BACKUP,
    RUN_RETENTION,
    SEAL_AUDIT,
    JobKind,
)


@dataclass(frozen=True, slots=True)
class Recurring:
    """A job that runs once in each period.

    Attributes:
        kind: the job; it is called with `period`, does its work in `worker.jobs.context.turn_of`, and is harmless to
            repeat.
        begins: when a period begins and the one before ends, as cron writes it, in UTC.
    """

    kind: JobKind
    begins: str

    @property
    def name(self) -> str:
        """What the log and RQ's list of crons call it."""
        return self.kind.name

    def period_at(self, moment: datetime) -> str:
        """The period that `moment` lies in: its beginning, as `2026-11-23T03:00Z`."""
        next_second = moment.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
        began: datetime = croniter(self.begins, next_second).get_prev(datetime)
        return f"{began:%Y-%m-%dT%H:%MZ}"


RECURRING = (
    Recurring(RUN_BACKUP, begins="0 2 * * *"),
    Recurring(REHEARSE_RESTORE, begins="0 5 1 * *"),
    Recurring(SEAL_AUDIT, begins="*/15 * * * *"),
    Recurring(RUN_RETENTION, begins="0 3 * * *"),
    Recurring(ENQUEUE_DUE_ERASURES, begins="*/5 * * * *"),
)
