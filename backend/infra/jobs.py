"""The way from the backend to the workers: jobs are named, never imported, so that the worker may import us."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import structlog
from rq import Queue, Retry, Worker
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.utils import str_to_date

from backend.infra.job_figures import Durations, JobFigures
from backend.infra.valkey import Valkey

QUEUES = ("default", "bulk")
# Arguments are ids and plain values. JSON keeps it so, lets operators read them, and a changed class breaks no job.
SERIALIZER = JSONSerializer
# Where a job's record says which request asked for it.
REQUEST_ID = "request_id"


@dataclass(frozen=True, slots=True)
class JobKind:
    """One kind of background job.

    Attributes:
        path: dotted path of the function in `worker.jobs`.
        queue: one of QUEUES.
        timeout_seconds: after this it is killed and tried again.
        retry_after_seconds: after a failure; as many further attempts as there are numbers.
        result_ttl_seconds: one that is done is known for this long.
        failure_ttl_seconds: one whose attempts are used up can be looked at and tried again for this long.
    """

    path: str
    queue: str
    timeout_seconds: int
    retry_after_seconds: tuple[int, ...] = (5, 30, 120)
    result_ttl_seconds: int = 48 * 3600
    failure_ttl_seconds: int = 7 * 24 * 3600

    @property
    def retry(self) -> Retry | None:
        """As RQ takes it."""
        waits = list(self.retry_after_seconds)
        return Retry(max=len(waits), interval=waits) if waits else None

    @property
    def name(self) -> str:
        """The function's own name."""
        return self.path.rpartition(".")[2]


BUILD_EXPORT = JobKind("worker.jobs.exports.build_export", "bulk", 600)
SEND_MAIL = JobKind("worker.jobs.mails.send_account_mail", "default", 60)
RUN_RETENTION = JobKind("worker.jobs.retention.run_retention", "bulk", 4 * 3600)
RUN_BACKUP = JobKind("worker.jobs.backups.run_backup", "bulk", 4 * 3600)
REHEARSE_RESTORE = JobKind("worker.jobs.backups.rehearse_restore", "bulk", 8 * 3600)
SEAL_AUDIT = JobKind("worker.jobs.audit.seal_audit", "default", 120)
ERASE = JobKind("worker.jobs.erasure.erase", "bulk", 3600)
ENQUEUE_DUE_ERASURES = JobKind("worker.jobs.erasure.enqueue_due_erasures", "default", 120)

# All that a worker runs (backend/jobs/own.py).
JOB_KINDS: Final = (
    BUILD_EXPORT,
    SEND_MAIL,
    RUN_RETENTION,
    RUN_BACKUP,
    REHEARSE_RESTORE,
    SEAL_AUDIT,
    ERASE,
    ENQUEUE_DUE_ERASURES,
)

_UNDER_WAY = frozenset(
    {JobStatus.CREATED, JobStatus.QUEUED, JobStatus.SCHEDULED, JobStatus.DEFERRED, JobStatus.STARTED}
)


class JobQueue:
    """Puts jobs on RQ's queues and counts how they end."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        """`prefix` keeps apart installations that share one Valkey."""
        self._valkey = valkey
        self._prefix = prefix
        self._queues = queues_of(valkey, prefix)
        self._figures = JobFigures(valkey, prefix)

    def enqueue(self, kind: JobKind, key: str, person: str = "", /, **arguments: str | int | bool) -> None:
        """Enqueue `kind`. The job must be idempotent: it is tried again after a failure or a killed worker.

        Args:
            key: unique per piece of work; letters, digits, `-` and `_`.
            person: the id of the account that it is for, where no argument says so: an erasure finds it by that.
        """
        self._queues[kind.queue].enqueue(kind.path, **self._told(kind, key, arguments, person))

    def enqueue_at(self, moment: datetime, kind: JobKind, key: str, /, **arguments: str | int | bool) -> None:
        """As `enqueue`, for a later moment; asking again moves it to that. Until then no worker is held."""
        with suppress(NoSuchJobError):
            self._fetch(kind, key).delete()
        self._queues[kind.queue].enqueue_at(moment, kind.path, **self._told(kind, key, arguments))

    def replace(self, kind: JobKind, key: str, **arguments: str | int | bool) -> None:
        """Enqueue `kind` anew, in place of what is known of this piece of work: it failed for good, or got lost."""
        with suppress(NoSuchJobError):
            self._fetch(kind, key).delete()
        self.enqueue(kind, key, **arguments)

    def is_under_way(self, kind: JobKind, key: str) -> bool:
        """Whether this piece of work waits, for a worker or for its next attempt, or is being done."""
        try:
            return self._fetch(kind, key).get_status() in _UNDER_WAY
        except (NoSuchJobError, InvalidJobOperation):
            return False

    def is_known(self, kind: JobKind, key: str) -> bool:
        """Whether this piece of work was enqueued, and is not forgotten yet."""
        return Job.exists(_job_id(self._prefix, kind, key), self._valkey)

    def count_end(self, job: str, result: str, seconds: float) -> None:
        """Count one job that ended after `seconds`; `result` is "done", "failed" or "skipped"."""
        self._figures.count(job, result, seconds)

    def ended(self) -> dict[tuple[str, str], int]:
        """How many attempts have ended so far, by (job, result)."""
        return self._figures.ended()

    def durations(self) -> dict[str, Durations]:
        """How long they took, by job."""
        return self._figures.durations()

    def waiting(self) -> dict[str, int]:
        """How many jobs wait, by queue."""
        return {name: queue.count for name, queue in self._queues.items()}

    def oldest_waiting(self) -> dict[str, float]:
        """When the job was put on its queue that waits longest there, in seconds since 1970; by queue, if one waits."""
        found = {}
        for name, queue in self._queues.items():
            for job_id in queue.get_job_ids(0, 1):
                said: bytes = self._valkey.hget(Job.key_for(job_id), "enqueued_at") or b""  # type: ignore[assignment]  # redis-py's hints mix in its asynchronous client
                with suppress(ValueError):  # it went just now, or somebody else wrote it
                    found[name] = str_to_date(said).timestamp()
        return found

    def workers(self) -> int:
        """How many workers are there for these queues; one that was killed is listed for 45 s more."""
        keys = {key for queue in self._queues.values() for key in Worker.all_keys(queue=queue)}
        alive: int = self._valkey.exists(*keys) if keys else 0  # type: ignore[assignment]  # as above
        return alive

    def dead(self) -> dict[str, int]:
        """How many jobs failed for good and are not forgotten yet, by queue."""
        return {
            name: queue.failed_job_registry.get_job_count(cleanup=False)
            for name, queue in self._queues.items()
        }

    def _told(
        self, kind: JobKind, key: str, arguments: Mapping[str, str | int | bool], person: str = ""
    ) -> dict[str, Any]:
        """What RQ is told of a piece of work, and which request, if one, asks for it."""
        request_id = structlog.contextvars.get_contextvars().get("request_id", "")
        meta = {"person": person, REQUEST_ID: request_id}
        return {
            "kwargs": dict(arguments),
            "meta": {name: value for name, value in meta.items() if value} or None,
            "job_id": _job_id(self._prefix, kind, key),
            "job_timeout": kind.timeout_seconds,
            "result_ttl": kind.result_ttl_seconds,
            "failure_ttl": kind.failure_ttl_seconds,
            "retry": kind.retry,
        }

    def _fetch(self, kind: JobKind, key: str) -> Job:
        return Job.fetch(_job_id(self._prefix, kind, key), self._valkey, serializer=SERIALIZER)


def queue_key(prefix: str, name: str) -> str:
    """What RQ knows the queue `name` of this installation as."""
    return f"{prefix}{name}"


def queues_of(valkey: Valkey, prefix: str) -> dict[str, Queue]:
    """The queues of this installation, by name."""
    return {name: Queue(queue_key(prefix, name), connection=valkey, serializer=SERIALIZER) for name in QUEUES}


def _job_id(prefix: str, kind: JobKind, key: str) -> str:
    """RQ takes letters, digits, dashes and underscores."""
    return re.sub(r"[^A-Za-z0-9_-]", "-", f"{prefix}{kind.name}-{key}")
