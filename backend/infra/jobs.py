"""The way from the backend to the workers: jobs are named, never imported, so that the worker may import us."""

from __future__ import annotations

from dataclasses import dataclass

from redis import Redis
from rq import Queue, Retry
from rq.serializers import JSONSerializer

QUEUE_NAMES = ("default", "bulk")


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of background job.

    Attributes:
        path: dotted path of the function in `worker.jobs`.
        queue: one of QUEUE_NAMES.
        timeout_seconds: after this it is killed and tried again.
    """

    path: str
    queue: str
    timeout_seconds: int


BUILD_EXPORT = JobKind("worker.jobs.exports.build_export", "bulk", 600)
RUN_RETENTION = JobKind("worker.jobs.retention.run_retention", "bulk", 3600)

_RESULT_TTL_SECONDS = 24 * 3600
_FAILURE_TTL_SECONDS = 7 * 24 * 3600
_RETRY_AFTER_SECONDS = [5, 30, 120]


class JobQueue:
    """Puts jobs on RQ's queues. Arguments are JSON: ids and plain values, never objects."""

    def __init__(self, valkey: Redis) -> None:
        self._valkey = valkey

    def enqueue(self, kind: JobKind, key: str, **arguments: str | int | bool) -> None:
        """Enqueue `kind`. The job must be idempotent: it is tried again after a failure or a killed worker.

        Args:
            key: unique per piece of work; part of the job's id.
        """
        queue = Queue(kind.queue, connection=self._valkey, serializer=JSONSerializer)
        queue.enqueue(
            kind.path,
            kwargs=arguments,
            job_id=f"{kind.path.rpartition('.')[2]}-{key}",
            job_timeout=kind.timeout_seconds,
            result_ttl=_RESULT_TTL_SECONDS,
            failure_ttl=_FAILURE_TTL_SECONDS,
            retry=Retry(max=len(_RETRY_AFTER_SECONDS), interval=_RETRY_AFTER_SECONDS),
        )
