"""Jobs that have failed for good, without waiting for a worker to fail at them."""

from __future__ import annotations

import secrets

import svcs
from rq import Queue
from rq.job import JobStatus

from backend.config import Settings
from backend.infra.jobs import RUN_RETENTION, SERIALIZER, JobKind, JobQueue, queue_key
from backend.infra.valkey import Valkey

ERROR = '  File "worker/jobs/retention.py", line 1, in run_retention\npymongo.errors.AutoReconnect'


def fail_a_job(services: svcs.Container) -> str:
    """Enqueue retention and let it have failed; the job's id."""
    period = secrets.token_hex(8)
    return fail(services, RUN_RETENTION, period, ERROR, period=period)


def fail(services: svcs.Container, kind: JobKind, key: str, error: str, **arguments: str) -> str:
    """Enqueue a job and let it have failed with this error; the job's id."""
    settings, valkey = services.get(Settings, Valkey)
    queue = Queue(queue_key(settings.redis_prefix, kind.queue), connection=valkey, serializer=SERIALIZER)
    services.get(JobQueue).enqueue(kind, key, **arguments)
    job = next(job for job in queue.get_jobs() if job.kwargs == arguments)
    queue.remove(job)
    job.set_status(JobStatus.FAILED)
    with valkey.pipeline() as together:
        job._handle_failure(error, together)  # as a worker does it; there is no public way
        together.execute()
    return str(job.id)
