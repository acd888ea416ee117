"""Jobs whose attempts are used up: what they were, where they failed, and another try (docs/product.md O3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from rq import Queue
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job

from backend.errors import NotFound
from backend.infra.jobs import SERIALIZER, queues_of
from backend.infra.valkey import Valkey

MOST_LISTED = 200
_LONGEST_ERROR = 200


@dataclass(frozen=True, slots=True)
class FailedJob:
    """One job that failed for good, until it is tried again or forgotten.

    Attributes:
        id: RQ's.
        kind: the function's name.
        attempts: how often it was tried.
        error: the class of the last error; its words may be about somebody and are kept nowhere.
    """

    id: str
    kind: str
    queue: str
    failed_at: datetime
    attempts: int
    error: str


class FailedJobs:
    """The dead letters of this installation."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._queues = queues_of(valkey, prefix)

    def newest(self) -> list[FailedJob]:
        """The MOST_LISTED that failed last, the newest first."""
        found = [_told(job, name) for name, queue in self._queues.items() for job in _failed_of(queue)]
        return sorted(found, key=lambda failed: failed.failed_at, reverse=True)[:MOST_LISTED]

    def retry(self, job_id: str) -> None:
        """Put one back on its queue; what it did before does no harm to be repeated.

        Raises:
            NotFound: `job_not_found`: it has not failed, or is forgotten.
        """
        for queue in self._queues.values():
            if job_id in queue.failed_job_registry:
                try:
                    queue.failed_job_registry.requeue(job_id)
                except (InvalidJobOperation, NoSuchJobError):  # somebody else was faster, or it is forgotten
                    break
                return
        raise NotFound("There is no such failed job.", code="job_not_found")


def _failed_of(queue: Queue) -> list[Job]:
    # The registry is ordered by when they are forgotten: with one failure TTL, by when they failed.
    ids = queue.failed_job_registry.get_job_ids(-MOST_LISTED, -1, cleanup=False)
    found = Job.fetch_many(ids, connection=queue.connection, serializer=SERIALIZER)
    return [job for job in found if job is not None]


def _told(job: Job, queue: str) -> FailedJob:
    result = job.latest_result()
    said = (result.exc_string or "").strip() if result else ""
    return FailedJob(
        id=job.id,
        kind=str(job.func_name).rpartition(".")[2],
        queue=queue,
        failed_at=(job.ended_at or job.created_at).astimezone(UTC),
        attempts=(job.number_of_retries or 0) + 1,
        error=said.splitlines()[-1][:_LONGEST_ERROR] if said else "",
    )
