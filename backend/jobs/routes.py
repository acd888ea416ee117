"""/admin/jobs below the API: what failed, another try, and the way to the page (docs/product.md O3)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import structlog
import svcs
from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from backend.audit.requests import audited
from backend.config import Settings
from backend.http.access import Access, access, current_caller
from backend.http.edge import never_compressed
from backend.http.openapi import OPERATORS
from backend.http.schemas import json_of
from backend.infra.jobs import JobQueue
from backend.jobs.entrance import TICKET_FOR, JobsEntrance
from backend.jobs.failed import FailedJobs
from backend.jobs.pages import JOBS_PAGE
from backend.jobs.schemas import EntranceOut, FailedJobList, FailedJobOut, JobPath

_log = structlog.stdlib.get_logger(__name__)

jobs_api = APIBlueprint(
    "jobs",
    __name__,
    url_prefix="/api/v1/admin/jobs",
    abp_tags=[OPERATORS],
    abp_security=[{"bearer": []}],
)


@jobs_api.get("/failed", responses={200: FailedJobList})
@access(Access.OPERATOR)
@audited("jobs.failed_looked_at")
def list_failed() -> dict[str, Any]:
    """Jobs that failed for good in the last seven days, the newest first, at most 200."""
    items = [
        FailedJobOut(
            id=job.id,
            kind=job.kind,
            queue=job.queue,
            failed_at=job.failed_at,
            attempts=job.attempts,
            error=job.error,
        )
        for job in svcs.flask.get(FailedJobs).newest()
    ]
    return json_of(FailedJobList(items=items, total=sum(svcs.flask.get(JobQueue).dead().values())))


@jobs_api.post("/<id>/retry", responses={202: None})
@access(Access.OPERATOR)
@audited("jobs.retried")
def retry_failed(path: JobPath) -> tuple[dict[str, Any], int]:
    """Try a failed job once more. 404 `job_not_found`."""
    svcs.flask.get(FailedJobs).retry(path.id)
    _log.info("job_retried", job_id=path.id, by_user_id=current_caller().user_id)
    return {}, HTTPStatus.ACCEPTED


@jobs_api.post("/entrance", responses={200: EntranceOut})
@access(Access.OPERATOR)
@audited("jobs.page_asked_for")
def open_entrance() -> Response:
    """A link that opens the page of jobs in a browser: for a minute, once."""
    ticket = svcs.flask.get(JobsEntrance).ticket_for(current_caller())
    base = svcs.flask.get(Settings).base_url
    link = EntranceOut(
        url=f"{base}{JOBS_PAGE}/enter?ticket={ticket}", expires_in=int(TICKET_FOR.total_seconds())
    )
    return never_compressed(Response(link.model_dump_json(), content_type="application/json"))
