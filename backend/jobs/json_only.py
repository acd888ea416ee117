"""RQ's classes as rq-dashboard gets them: whatever it asks them for, what lies in Valkey is read as JSON.

RQ reads with pickle where nobody says otherwise, and pickle runs what it reads. rq-dashboard says otherwise in some
places only, so its module gets these classes in place of RQ's own, which cannot be told to use anything else. They
show one installation's queues: those that the application in charge of the request names under `OUR_QUEUES`.
"""

from __future__ import annotations

from functools import partial
from types import ModuleType
from typing import Any, Final

import structlog
from flask import current_app
from redis.exceptions import ConnectionError as ValkeyAway
from redis.exceptions import TimeoutError as ValkeyHangs
from rq import Queue, requeue_job
from rq import registry as registries
from rq.exceptions import NoSuchJobError
from rq.worker import BaseWorker

from backend.infra.jobs import SERIALIZER
from backend.infra.valkey import Valkey
from backend.jobs.own import OwnJob

OUR_QUEUES: Final = "DINDIN_QUEUES"  # in the application's config: the queues' names, as RQ knows them
_UNREADABLE = "(This job's record cannot be read.)"
_REGISTRIES = (
    registries.CanceledJobRegistry,
    registries.DeferredJobRegistry,
    registries.FailedJobRegistry,
    registries.FinishedJobRegistry,
    registries.ScheduledJobRegistry,
    registries.StartedJobRegistry,
)

_log = structlog.stdlib.get_logger(__name__)


class JsonJob(OwnJob):
    """A job that is read as JSON, and of which nothing is run that is not ours."""

    def __init__(
        self,
        id: str | None = None,  # noqa: A002  # RQ's signature
        connection: Valkey | None = None,
        serializer: object = None,  # noqa: ARG002  # whichever is asked for
    ) -> None:
        super().__init__(id, connection, SERIALIZER)

    def latest_result(self, timeout: int = 0) -> Any:
        """How it ended last; None where that cannot be read."""
        try:
            return super().latest_result(timeout)
        except (ValkeyAway, ValkeyHangs):
            raise
        except Exception as unreadable:  # noqa: BLE001  # whatever somebody may have put there
            _warn(self.id, unreadable)
            return None


class JsonQueue(Queue):
    """A queue whose jobs are read as JSON."""

    def __init__(self, name: str | None = None, *args: Any, **options: Any) -> None:
        """The queue `name`; None: the first of ours."""
        options |= {"serializer": SERIALIZER, "job_class": JsonJob}
        super().__init__(name or current_app.config[OUR_QUEUES][0], *args, **options)

    @classmethod
    def all(cls, connection: Valkey, **_: Any) -> list[JsonQueue]:  # type: ignore[override]  # as it is called here
        """All of ours, and nobody else's."""
        return [cls(name, connection=connection) for name in current_app.config[OUR_QUEUES]]

    def compact(self) -> None:
        """Drop ids whose jobs are gone. RQ's own fails where nothing waits."""
        if self.count:
            super().compact()  # type: ignore[no-untyped-call]  # RQ gives no hints here

    def fetch_job(self, job_id: str) -> JsonJob | None:
        """A job for the list, where those stand as well that cannot be read; None: there is none."""
        try:
            known: JsonJob = JsonJob.fetch(job_id, connection=self.connection)  # type: ignore[assignment]  # RQ says Job
        except NoSuchJobError:
            return None
        except (ValkeyAway, ValkeyHangs):
            raise
        except Exception as unreadable:  # noqa: BLE001  # as above
            _warn(job_id, unreadable)
            broken = JsonJob(job_id, self.connection)
            broken.description = _UNREADABLE
            return broken
        return known


class JsonWorker(BaseWorker):
    """A worker whose jobs are read as JSON."""

    @classmethod
    def all(cls, connection: Valkey, **_: Any) -> list[BaseWorker]:  # type: ignore[override]  # as it is called here
        """Those that look after one of our queues."""
        ours = set(current_app.config[OUR_QUEUES])
        found = super().all(
            connection=connection, job_class=JsonJob, queue_class=JsonQueue, serializer=SERIALIZER
        )
        return [worker for worker in found if ours & set(worker.queue_names())]


def read_json_only(dashboard: ModuleType) -> None:
    """Let rq-dashboard's module `web` use these classes and no others of RQ's that read jobs."""
    dashboard.config.serializer = SERIALIZER
    dashboard.Job = JsonJob  # type: ignore[attr-defined]  # its module's names, here and below
    dashboard.Queue = JsonQueue  # type: ignore[attr-defined]
    dashboard.Worker = JsonWorker  # type: ignore[attr-defined]
    dashboard.requeue_job = partial(requeue_job, serializer=SERIALIZER)  # type: ignore[attr-defined]
    for registry in _REGISTRIES:
        as_json = partial(registry, serializer=SERIALIZER, job_class=JsonJob)
        setattr(dashboard, registry.__name__, as_json)


def current_job(worker: BaseWorker) -> str | dict[str, Any]:
    """What a worker does, as rq-dashboard's list of workers takes it."""
    try:
        job = worker.get_current_job()
        if job is None:
            return "idle"
        return {
            "job_id": job.id,
            "description": job.description,
            "created_at": job.created_at.isoformat(),
            "call_string": job.get_call_string(),
        }
    except (ValkeyAway, ValkeyHangs):
        raise
    except Exception as unreadable:  # noqa: BLE001  # as above
        _warn(worker.name, unreadable)
        return {"job_id": "", "description": _UNREADABLE, "created_at": "", "call_string": _UNREADABLE}


def _warn(what: str, unreadable: Exception) -> None:
    """What stands there may be anything: the log gets the error's kind, not its words."""
    _log.warning("job_record_unreadable", record=what, error=type(unreadable).__name__)
