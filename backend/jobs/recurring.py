"""Enqueues recurring jobs: each once in its period, however many processes ask, and again where it got lost."""

from __future__ import annotations

from datetime import timedelta

import structlog

from backend.infra.jobs import JobKind, JobQueue
from backend.jobs.runs import JobRuns

_log = structlog.stdlib.get_logger(__name__)

# Between asking for a job and finding it on its queue.
_SETTLED_AFTER = timedelta(minutes=1)
# One that failed for good may succeed when whatever was away is back.
_FAILED_AGAIN_AFTER = timedelta(hours=1)


class RecurringJobs:
    """Sees to it that what recurs is done once in each period."""

    def __init__(self, runs: JobRuns, jobs: JobQueue) -> None:
        self._runs = runs
        self._jobs = jobs

    def see_to(self, kind: JobKind, period: str) -> bool:
        """Have `kind` done for `period`, called with it; whether it was enqueued just now.

        A job that is neither done nor on a queue is enqueued again: Valkey was emptied, or whoever claimed the period
        died before enqueuing. One whose attempts are used up is tried again after an hour.
        """
        name = kind.name
        if self._runs.is_done(name, period) or self._jobs.is_under_way(kind, period):
            return False
        known = self._jobs.is_known(kind, period)
        if not self._runs.claim(name, period, again_after=_FAILED_AGAIN_AFTER if known else _SETTLED_AFTER):
            return False
        self._jobs.replace(kind, period, period=period)
        _log.info("recurring_job_enqueued", job=name, period=period)
        return True
