"""How our processes meet RQ: which queues, which serializer, which timings.

The serializer is JSON everywhere (`backend.infra.jobs.SERIALIZER`). RQ's cron pickles what it enqueues, whatever the
workers read; therefore our cron does not let it enqueue: its entries put their jobs on the queue themselves, through
the same `JobQueue` as the API (see `worker.scheduler`).
"""

from __future__ import annotations

from redis import Redis
from rq import Worker

from backend.config import Settings
from backend.infra.jobs import QUEUES, SERIALIZER, queue_key

# A killed worker's job is noticed and enqueued again within about this long (RQ's default: seven minutes).
_WORKER_TTL_SECONDS = 45
_MAINTENANCE_SECONDS = 20
_MONITORING_SECONDS = 5


def blocking_connection(settings: Settings) -> Redis:
    """A connection for RQ itself, which waits on it for jobs: without the time limit the services have."""
    connection: Redis = Redis.from_url(settings.valkey_url, client_name="dindin-rq", health_check_interval=30)
    return connection


class CandidWorker(Worker):
    """A worker that tells whether it ended because it was asked to."""

    asked_to_stop = False

    def handle_warm_shutdown_request(self) -> None:
        """RQ calls this at the first SIGTERM or SIGINT."""
        self.asked_to_stop = True
        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]  # RQ has no hint here


def build_worker(settings: Settings, connection: Redis) -> CandidWorker:
    """A worker on all queues of this installation."""
    return CandidWorker(
        [queue_key(settings.redis_prefix, name) for name in QUEUES],
        connection=connection,
        serializer=SERIALIZER,
        worker_ttl=_WORKER_TTL_SECONDS,
        maintenance_interval=_MAINTENANCE_SECONDS,
        job_monitoring_interval=_MONITORING_SECONDS,
        log_job_description=False,  # arguments do not belong in logs
    )
