"""RQ's cron, made safe: any number may run, times are UTC, a missed time is made up for, nothing is pickled."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime

import structlog
from pymongo.errors import PyMongoError
from redis import Redis
from rq.cron import CronJob, CronScheduler
from rq.exceptions import StopRequested
from rq.utils import now

from backend.infra.process_figures import ProcessFigures
from backend.jobs.recurring import RecurringJobs
from worker.cron import RECURRING, Recurring
from worker.lifetime import StopSignal

_log = structlog.stdlib.get_logger(__name__)

_LOOK_UP_SECONDS = 5.0
_LOOK_AFTER_SECONDS = 60.0
_LOOK_FOR_STOP_SECONDS = 0.2


class DirectCronScheduler(CronScheduler):
    """Enqueues recurring jobs itself, once per period, where RQ's own cron would enqueue them pickled, and each time.

    Beside the times at which something is due, it looks at its start and every minute whether what the current
    periods ask for has been seen to: that makes up for a time at which no cron was running, and for lost jobs.
    """

    def __init__(
        self, connection: Redis, recurring: RecurringJobs, figures: ProcessFigures, stop: StopSignal
    ) -> None:
        super().__init__(connection=connection)
        self.stop = stop
        self._figures = figures
        self._recurring = recurring
        self._rows = {row.name: row for row in RECURRING}
        self._look_after_at = 0.0
        for row in RECURRING:
            self.register(self._see_to, row.kind.queue, args=(row.name,), cron=row.begins, name=row.name)

    def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        self.start()  # type: ignore[no-untyped-call]  # RQ has no hint here

    def calculate_sleep_interval(self) -> float:
        """Rest until RQ's loop turns again, or until asked to stop; 0, so that RQ does not rest once more."""
        until = time.monotonic() + min(super().calculate_sleep_interval(), _LOOK_UP_SECONDS)
        while not self.stop.came and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, _LOOK_FOR_STOP_SECONDS))
        return 0.0

    def enqueue_jobs(self) -> list[CronJob]:
        """See to what is due. RQ calls this at every turn of its loop."""
        look_after_all = time.monotonic() >= self._look_after_at
        if look_after_all:
            self._look_after_at = time.monotonic() + _LOOK_AFTER_SECONDS
            self._figures.note_alive("cron", time.time())
        due = [job for job in self.get_jobs() if job.should_run()]
        for job in self.get_jobs() if look_after_all else due:
            if self.stop.came:
                raise StopRequested
            self._see_to(job.name)
        for job in due:
            job.set_enqueue_time(now())
        if self.stop.came:
            raise StopRequested
        return due

    def _see_to(self, name: str) -> None:
        row: Recurring = self._rows[name]
        try:
            self._recurring.see_to(row.kind, row.period_at(datetime.now(UTC)))
        except PyMongoError as away:
            _log.warning("recurring_job_not_seen_to", job=name, error=type(away).__name__)
        else:
            _log.debug("recurring_job_seen_to", job=name)

    def _request_stop(self, signum: int, frame: object) -> None:
        """Note that a signal came. RQ's own handler raises wherever the program is just then, as in a log line."""
        del signum, frame
        self.stop.came = True


def build_scheduler(
    connection: Redis, recurring: RecurringJobs, figures: ProcessFigures, stop: StopSignal
) -> DirectCronScheduler:
    """The cron with what `worker.cron` lists; its times are UTC whatever the machine's zone."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    return DirectCronScheduler(connection, recurring, figures, stop)
