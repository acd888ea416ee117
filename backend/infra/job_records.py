"""What RQ remembers of jobs: their arguments, how they ended, and lists of their ids."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rq.exceptions import NoSuchJobError
from rq.job import Job, JobStatus
from rq.registry import BaseRegistry

from backend.infra.jobs import SERIALIZER, queues_of
from backend.infra.valkey import Valkey

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Cleared:
    """What became of the records that hold certain words.

    Attributes:
        deleted: how many went.
        running: how many stay, because their jobs run right now and write to them: look again later.
    """

    deleted: int = 0
    running: int = 0


class JobRecords:
    """The records of one installation's jobs."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._queues = list(queues_of(valkey, prefix).values())

    def delete_naming(self, words: Collection[str]) -> Cleared:
        """Delete every record that holds one of the words: in the job's id, its arguments, or what it ended with."""
        deleted = running = 0
        for job in self._jobs():
            if not _holds(job, words):
                continue
            if job.get_status() is JobStatus.STARTED:
                running += 1
            else:
                job.delete()
                deleted += 1
        return Cleared(deleted + self._clear_lists(words), running)

    def delete_all(self) -> int:
        """Delete every job, whatever becomes of it, its queue and all lists; how many jobs there were."""
        deleted = 0
        for job in self._jobs():
            job.delete()
            deleted += 1
        for registry in self._registries():
            self._valkey.delete(registry.key)
        for queue in self._queues:
            self._valkey.delete(queue.intermediate_queue_key, queue.started_job_registry.key)
            queue.delete(delete_jobs=False)
        return deleted

    def _jobs(self) -> Iterator[Job]:
        ours = {queue.name for queue in self._queues}
        begin = Job.redis_job_namespace_prefix
        for key in self._valkey.scan_iter(match=f"{begin}*", count=_AT_ONCE):
            if key.count(b":") != begin.count(":"):  # what belongs to a job, as its dependents
                continue
            try:
                job = Job.fetch(key.decode().removeprefix(begin), self._valkey, serializer=SERIALIZER)
            except NoSuchJobError:  # it ended just now
                continue
            if job.origin in ours:
                yield job

    def _clear_lists(self, words: Collection[str]) -> int:
        """Of ids whose jobs are forgotten already, and stand in a list until that is tidied up."""
        cleared = 0
        for registry in self._registries():
            for job_id in registry.get_job_ids(cleanup=False):
                if _holds_any(job_id, words) and not Job.exists(job_id, self._valkey):
                    self._valkey.zrem(registry.key, job_id)
                    cleared += 1
        return cleared

    def _registries(self) -> Iterator[BaseRegistry]:
        for queue in self._queues:
            yield from (
                queue.finished_job_registry,
                queue.failed_job_registry,
                queue.scheduled_job_registry,
                queue.deferred_job_registry,
                queue.canceled_job_registry,
            )


def _holds(job: Job, words: Collection[str]) -> bool:
    said = f"{job.id} {job.description} {job.args} {job.kwargs} {job.meta}"
    return _holds_any(said, words) or _holds_any(_ending(job), words)


def _ending(job: Job) -> str:
    return " ".join(f"{result.return_value} {result.exc_string}" for result in job.results())


def _holds_any(text: str, words: Collection[str]) -> bool:
    return any(word in text for word in words)
