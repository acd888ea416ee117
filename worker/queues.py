"""How our processes meet RQ: which queues, which serializer, which timings.

The serializer is JSON everywhere (`backend.infra.jobs.SERIALIZER`). RQ's cron pickles what it enqueues, whatever the
workers read; therefore our cron does not let it enqueue: its entries put their jobs on the queue themselves, through
the same `JobQueue` as the API (see `worker.scheduler`).
"""

from __future__ import annotations

import structlog
from redis import Redis
from rq import Worker

from backend.config import Settings
from backend.infra.jobs import QUEUES, SERIALIZER, queue_key

_log = structlog.stdlib.get_logger(__name__)

# A killed worker's job is noticed and enqueued again within about this long (RQ's default: seven minutes).
_WORKER_TTL_SECONDS = 45
_MAINTENANCE_SECONDS = 20
_MONITORING_SECONDS = 5


def blocking_connection(settings: Settings) -> Redis:
    """A connection for RQ itself, which waits on it for jobs: without the time limit the services have."""
    connection: Redis = Redis.from_url(settings.valkey_url, client_name="dindin-rq", health_check_interval=30)
    return connection


def build_worker(settings: Settings, connection: Redis) -> Worker:
    """A worker on all queues of this installation."""
    return Worker(
        [queue_key(settings.redis_prefix, name) for name in QUEUES],
        connection=connection,
        serializer=SERIALIZER,
        worker_ttl=_WORKER_TTL_SECONDS,
        maintenance_interval=_MAINTENANCE_SECONDS,
        job_monitoring_interval=_MONITORING_SECONDS,
        log_job_description=False,  # arguments do not belong in logs
    )
