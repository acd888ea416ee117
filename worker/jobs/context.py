"""What every job runs in: its own connections, its name in the log, its end counted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

import structlog
import svcs
from rq import get_current_job

from backend.config import load_settings
from backend.infra import error_reports
from backend.infra.clock import Clock
from backend.infra.jobs import JobKind, JobQueue
from backend.infra.valkey import VALKEY_AWAY
from backend.jobs.runs import JobRuns, Overtaken, Turn
from backend.wiring import build_registry

_log = structlog.stdlib.get_logger(__name__)


class Skipped(Exception):
    """A job cannot be done as DinDin is set up, and trying again soon is no use; says why."""


@contextmanager
def job_services(job: str) -> Iterator[svcs.Container]:
    """The services for one job.

    RQ forks a process per job, and connections do not survive a fork: they are opened here and closed at the end.

    Args:
        job: the job's name in logs and metrics.

    What raises `Skipped` inside ends there, and nothing is raised.
    """
    started = time.perf_counter()
    with (
        structlog.contextvars.bound_contextvars(job=job),
        build_registry(load_settings()) as registry,
        svcs.Container(registry) as services,
    ):
        result = "failed"
        try:
            yield services
            result = "done"
        except Skipped as skipped:
            result = "skipped"
            _log.warning("job_skipped", because=str(skipped))
        except Exception as error:
            error_reports.send(error)
            raise
        finally:
            seconds = time.perf_counter() - started
            _log.info("job_ended", result=result, seconds=round(seconds, 3))
            _count(services.get(JobQueue), job, result, seconds)


@dataclass(slots=True)
class RecurringTurn:
    """What a recurring job works with.

    Attributes:
        result: put in by the job; noted with the run.
    """

    services: svcs.Container
    _turn: Turn
    result: dict[str, int] = field(default_factory=dict)

    @property
    def now(self) -> datetime:
        """The moment, in UTC."""
        clock: Clock = self.services.get_abstract(Clock)
        return clock.now()

    def check(self) -> None:
        """Call it before each step that changes anything.

        Raises:
            Overtaken: a later attempt has begun; let it pass through.
        """
        self.services.get(JobRuns).check(self._turn)


@contextmanager
def turn_of(kind: JobKind, period: str) -> Iterator[RecurringTurn]:
    """As `job_services`, for a job of `worker.cron.RECURRING`: of several attempts at it only the latest goes on.

    One that stood still, and wakes up when another has begun, ends quietly at its next check. A clean end is noted:
    the job is done for its period. One that is skipped is not: it is asked for again after a day.
    """
    with job_services(kind.name) as services:
        runs = services.get(JobRuns)
        turn = runs.begin(kind.name, period)
        recurring = RecurringTurn(services, turn)
        try:
            yield recurring
            runs.end(turn, recurring.result)
        except Skipped as skipped:
            runs.skip(turn, str(skipped))
            raise
        except Overtaken as overtaken:
            _log.warning("job_overtaken", reason=str(overtaken))


def is_last_attempt() -> bool:
    """Whether RQ will not try the current job again if it fails now."""
    job = get_current_job()
    return job is None or not job.retries_left


def _count(jobs: JobQueue, job: str, result: str, seconds: float) -> None:
    try:
        jobs.count_end(job, result, seconds)
    except VALKEY_AWAY as away:
        _log.warning("job_not_counted", error=type(away).__name__)
