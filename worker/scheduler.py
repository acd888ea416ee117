"""RQ's cron, made safe: any number may run, times are UTC, a missed time is made up for, nothing is pickled."""

from __future__ import annotations

import os
import time

import structlog
from redis import Redis
from rq.cron import CronJob, CronScheduler
from rq.exceptions import StopRequested
from rq.utils import now

from worker.cron import RECURRING, enqueue_current
from worker.lifetime import StopSignal

_log = structlog.stdlib.get_logger(__name__)

_LOOK_UP_SECONDS = 5.0


class DirectCronScheduler(CronScheduler):
    """Calls its entries here, where RQ's own would enqueue them pickled for a worker to call.

    A call only puts an idempotent job on a queue, once per period. Calling at the start as well makes up for a time
    at which no cron was running.
    """

    stop: StopSignal

    def run(self) -> None:
        """Run until SIGTERM or SIGINT."""
        for job in self.get_jobs():
            _call(job)
        self.start()  # type: ignore[no-untyped-call]  # RQ has no hint here

    def calculate_sleep_interval(self) -> float:
        """Seconds until RQ's loop turns again."""
        return min(super().calculate_sleep_interval(), _LOOK_UP_SECONDS)

    def _request_stop(self, signum: int, frame: object) -> None:
        # RQ's handler only raises, and what a handler raises is lost where Python is just cleaning up an object.
        self.stop.came = True
        super()._request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ has no hint here

    def enqueue_jobs(self) -> list[CronJob]:
        """Call what is due. RQ calls this at every turn of its loop."""
        if self.stop.came:
            raise StopRequested
        due = [job for job in self.get_jobs() if job.should_run()]
        for job in due:
            _call(job)
            job.set_enqueue_time(now())
        return due


def build_scheduler(connection: Redis, stop: StopSignal) -> DirectCronScheduler:
    """The cron with what `worker.cron` lists; its times are UTC whatever the machine's zone."""
    os.environ["TZ"] = "UTC"
    time.tzset()
    scheduler = DirectCronScheduler(connection=connection)
    scheduler.stop = stop
    for recurring in RECURRING:
        scheduler.register(
            enqueue_current,
            queue_name=recurring.kind.queue,
            args=(recurring,),
            cron=recurring.begins,
            name=recurring.name,
        )
    return scheduler


def _call(job: CronJob) -> None:
    if job.func is not None:
        job.func(*job.args)
        _log.info("cron_entry_called", entry=job.name)
