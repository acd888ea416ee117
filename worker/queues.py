"""How our processes meet RQ: which queues, which serializer, which timings.

The serializer is JSON everywhere (`backend.infra.jobs.SERIALIZER`), and what a job's record names is imported only
where it is a job of ours (`backend.jobs.own`). RQ's cron pickles what it enqueues, whatever the workers read;
therefore our cron does not let it enqueue: its entries put their jobs on the queue themselves, through the same
`JobQueue` as the API (see `worker.scheduler`).
"""

from __future__ import annotations

import sys
import uuid
from typing import Any

import structlog
from redis import Redis
from rq import Queue, Worker
from rq.exceptions import DeserializationError, StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.registry import StartedJobRegistry

from backend.config import Settings
from backend.infra import error_reports
from backend.infra.jobs import QUEUES, REQUEST_ID, SERIALIZER, queue_key
from backend.jobs.own import OwnJob, RefusedJob
from worker.failures import without_words
from worker.lifetime import StopSignal

_log = structlog.stdlib.get_logger(__name__)

# How long a worker that was killed is still listed.
_WORKER_TTL_SECONDS = 45
# A worker says this often that its job is alive, and that holds for a minute longer (RQ's `get_heartbeat_ttl`); the
# others look this often for jobs of which it no longer holds. So the job of a worker that was killed is enqueued again
# after a minute and a half at most (RQ's defaults: up to eleven and a half).
_MONITORING_SECONDS = 5
_MAINTENANCE_SECONDS = 20
_LOOK_UP_SECONDS = 3


def blocking_connection(settings: Settings) -> Redis:
    """A connection for RQ itself, which waits on it for jobs: without the time limit the services have."""
    connection: Redis = Redis.from_url(settings.valkey_url, client_name="dindin-rq", health_check_interval=30)
    return connection


class PromptWorker(Worker):
    """A worker that stops for every signal, also for one that came before it was listening."""

    stop: StopSignal

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Wait for a job, looking every few seconds whether to stop.

        RQ's own handler only raises, and what a handler raises is lost where Python is just cleaning up an object.
        """
        while not self.stop.came:
            found = super().dequeue_job_and_maintain_ttl(timeout, max_idle_time or _LOOK_UP_SECONDS)
            if found or timeout is None:  # a burst does not wait
                return found
        raise StopRequested

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Run a job, in its own process: what it logs says which request asked for it, and for whom."""
        with structlog.contextvars.bound_contextvars(**_origin_of(job)):
            return bool(super().perform_job(job, queue, execution))

    def handle_exception(self, job: Job, *exc_info: Any) -> None:
        """RQ would log the error in full, and the job's arguments."""
        event = "job_refused" if isinstance(exc_info[1], RefusedJob) else "job_failed"
        _log.error(event, job_id=job.id, where=without_words(exc_info[1]) if exc_info[1] else "")
        if exc_info[1] is not None:
            error_reports.send(exc_info[1])

    def handle_job_failure(
        self,
        job: Job,
        queue: Queue,
        started_job_registry: StartedJobRegistry | None = None,
        exc_string: str = "",
        execution: Execution | None = None,
    ) -> None:
        """Note the failure; of an error that was raised only where it was, as long as operators can look at it."""
        error = sys.exc_info()[1]
        told = without_words(error) if error is not None else exc_string
        super().handle_job_failure(job, queue, started_job_registry, told, execution)

    def handle_warm_shutdown_request(self) -> None:
        """RQ calls this at the first signal that it hears itself."""
        self.stop.came = True
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]  # RQ has no hint here


def _origin_of(job: Job) -> dict[str, str]:
    """What a job's lines have in common. One that no request asked for has an id of its own; other jobs inherit it."""
    try:
        said = {"user_id": job.meta.get("person"), **job.kwargs}
        asked_by = job.meta.get(REQUEST_ID)
    except (AttributeError, TypeError, DeserializationError):
        said, asked_by = {}, None  # a record that somebody else wrote: what is wrong with it is told later
    user_id = {"user_id": str(said["user_id"])} if said.get("user_id") else {}
    return {"request_id": str(asked_by or uuid.uuid4().hex), **user_id}


def build_worker(settings: Settings, connection: Redis, stop: StopSignal) -> PromptWorker:
    """A worker on all queues of this installation."""
    worker = PromptWorker(
        [queue_key(settings.redis_prefix, name) for name in QUEUES],
        connection=connection,
        job_class=OwnJob,
        serializer=SERIALIZER,
        worker_ttl=_WORKER_TTL_SECONDS,
        maintenance_interval=_MAINTENANCE_SECONDS,
        job_monitoring_interval=_MONITORING_SECONDS,
        log_job_description=False,  # arguments do not belong in logs
    )
    worker.stop = stop
    return worker
