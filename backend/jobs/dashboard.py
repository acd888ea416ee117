"""rq-dashboard, kept in a Flask application of its own.

It brings a static folder, settings and hooks that belong to a whole application, and knows neither our serializer nor
our connection. Here it gets both, shows only this installation's queues, and changes things by POST alone. What lies in
Valkey is read as JSON (`backend.jobs.json_only`). It checks nobody: `backend.jobs.pages` stands before it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rq_dashboard
import structlog
from flask import Flask, Response, abort, jsonify, request
from redis.exceptions import ConnectionError as ValkeyAway
from redis.exceptions import TimeoutError as ValkeyHangs
from rq.exceptions import InvalidJobOperation, NoSuchJobError
from rq.job import Job
from rq.worker import BaseWorker
from rq_dashboard import web
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from backend.infra.jobs import QUEUES, queue_key
from backend.infra.valkey import Valkey
from backend.jobs.json_only import OUR_QUEUES, JsonQueue, JsonWorker, current_job, read_json_only

_BLUEPRINT = "rq_dashboard"
_POLL_MILLISECONDS = 5000

_log = structlog.stdlib.get_logger(__name__)


class JobsDashboard:
    """The page, and what its script asks for."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._queues = [queue_key(prefix, name) for name in QUEUES]
        read_json_only(web)
        app = Flask(__name__, static_folder=str(Path(rq_dashboard.__file__).with_name("static")))
        app.config.update(
            RQ_DASHBOARD_REDIS_URL=["this server"],  # a name to show: the connection is ours
            RQ_DASHBOARD_POLL_INTERVAL=_POLL_MILLISECONDS,
        )
        app.config[OUR_QUEUES] = self._queues
        app.redis_conn = valkey  # type: ignore[attr-defined]  # where rq-dashboard looks for it
        app.register_blueprint(web.blueprint)
        # In place of its own hook, which opens another connection at each request.
        app.before_request_funcs[_BLUEPRINT] = [self._check]
        app.view_functions[f"{_BLUEPRINT}.list_queues"] = self._list_queues
        app.view_functions[f"{_BLUEPRINT}.list_workers"] = self._list_workers
        app.register_error_handler(Exception, _error_page)
        self._app = app

    def answer(self, environ: dict[str, Any], mounted_at: str) -> AnyResponse:
        """What it answers to a request below `mounted_at`."""
        path = environ["PATH_INFO"].removeprefix(mounted_at)
        inner = {**environ, "SCRIPT_NAME": f"{environ.get('SCRIPT_NAME', '')}{mounted_at}", "PATH_INFO": path}
        return AnyResponse.from_app(self._app.wsgi_app, inner, buffered=True)

    def _check(self) -> None:
        """Nothing of other installations on the same Valkey, and no change by a mere link."""
        named = request.view_args or {}
        foreign_queue = named.get("queue_name") not in {None, *self._queues}
        foreign_job = "job_id" in named and not self._is_ours(named["job_id"])
        if named.get("instance_number", 0) != 0 or foreign_queue or foreign_job:
            abort(404)
        if request.endpoint == f"{_BLUEPRINT}.requeue_all" and request.method != "POST":
            abort(405)

    def _is_ours(self, job_id: str) -> bool:
        """Whether there is such a job, and its own record says that it is of one of our queues."""
        if ":" in job_id:  # the key of something else than a job's record
            return False
        origin: bytes | None = self._valkey.hget(Job.key_for(job_id), "origin")  # type: ignore[assignment]  # redis-py's hints mix in its asynchronous client
        return origin is not None and origin in {name.encode() for name in self._queues}

    def _list_queues(self, instance_number: int) -> Response:
        return jsonify(queues=web.serialize_queues(instance_number, JsonQueue.all(self._valkey)))

    def _list_workers(self, instance_number: int) -> Response:  # noqa: ARG002  # rq-dashboard's signature
        """As rq-dashboard's own, but for jobs that cannot be read: those do not keep the others from being shown."""
        return jsonify(workers=[_worker(worker) for worker in JsonWorker.all(self._valkey)])


def _error_page(error: Exception) -> AnyResponse | HTTPException:
    """In place of a crash: the rest of the page goes on working."""
    match error:
        case HTTPException():
            return error
        case NoSuchJobError():
            status, words = 404, "There is no such job any more. Go back and load the list again."
        case InvalidJobOperation():
            status, words = 409, "This cannot be done with the job as it is now. Load its page again."
        case ValkeyAway() | ValkeyHangs():
            status, words = 503, "Valkey cannot be reached. Try again."
        case (
            _
        ):  # anything may lie in Valkey; its words may be anybody's, so the log gets the error's kind alone
            status, words = 422, "What Valkey holds here is no job of ours and cannot be read."
    _log.warning("jobs_page_refused", status=status, error=type(error).__name__)
    return Response(words, status=status, content_type="text/plain; charset=utf-8")


def _worker(worker: BaseWorker) -> dict[str, Any]:
    return {
        "name": worker.name,
        "pid": worker.pid,
        "queues": worker.queue_names(),
        "state": str(worker.get_state()),
        "current_job": current_job(worker),
        "last_heartbeat": worker.last_heartbeat,
        "birth_date": worker.birth_date,
        "successful_job_count": worker.successful_job_count,
        "failed_job_count": worker.failed_job_count,
        "total_working_time": worker.total_working_time,
        "version": worker.version,
        "python_version": worker.python_version,
    }
