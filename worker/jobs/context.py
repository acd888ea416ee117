"""What every job runs in: its own connections, its request's id in the log, its end counted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
import svcs
from rq import get_current_job

from backend.config import load_settings
from backend.infra import errors_out
from backend.infra.jobs import JobQueue
from backend.infra.valkey import VALKEY_AWAY
from backend.wiring import build_registry

_log = structlog.stdlib.get_logger(__name__)


@contextmanager
def job_services(job: str, request_id: str = "") -> Iterator[svcs.Container]:
    """The services for one job.

    RQ forks a process per job, and connections do not survive a fork: they are opened here and closed at the end.

    Args:
        job: the job's name in logs and metrics.
        request_id: of the request that asked for it, if one did.
    """
    structlog.contextvars.bind_contextvars(job=job, **({"request_id": request_id} if request_id else {}))
    started = time.perf_counter()
    with build_registry(load_settings()) as registry, svcs.Container(registry) as services:
        result = "failed"
        try:
            yield services
            result = "done"
        except Exception as error:
            errors_out.report(error)
            raise
        finally:
            _log.info("job_ended", result=result, seconds=round(time.perf_counter() - started, 3))
            _count(services.get(JobQueue), job, result)
            structlog.contextvars.clear_contextvars()


def is_last_attempt() -> bool:
    """Whether RQ will not try the current job again if it fails now."""
    job = get_current_job()
    return job is None or not job.retries_left


def _count(jobs: JobQueue, job: str, result: str) -> None:
    try:
        jobs.count_end(job, result)
    except VALKEY_AWAY as away:
        _log.warning("job_not_counted", error=type(away).__name__)
