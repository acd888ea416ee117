"""rq-dashboard, kept in a Flask application of its own.

It brings a static folder, settings and hooks that belong to a whole application, and knows neither our serializer nor
our connection. Here it gets both, shows only this installation's queues, and changes things by POST alone. It checks
nobody: `backend.jobs.pages` stands before it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rq_dashboard
from flask import Flask, Response, abort, jsonify, request
from rq import Queue
from rq.worker import BaseWorker
from rq_dashboard import web
from werkzeug.wrappers import Response as AnyResponse

from backend.infra.jobs import QUEUES, SERIALIZER, queue_key
from backend.infra.valkey import Valkey

_BLUEPRINT = "rq_dashboard"
_POLL_MILLISECONDS = 5000


class JobsDashboard:
    """The page, and what its script asks for."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._queues = [queue_key(prefix, name) for name in QUEUES]
        self._jobs = queue_key(prefix, "").replace(":", "-")
        web.config.serializer = SERIALIZER
        app = Flask(__name__, static_folder=str(Path(rq_dashboard.__file__).with_name("static")))
        app.config.update(
            RQ_DASHBOARD_REDIS_URL=["this server"],  # a name to show: the connection is ours
            RQ_DASHBOARD_POLL_INTERVAL=_POLL_MILLISECONDS,
        )
        app.redis_conn = valkey  # type: ignore[attr-defined]  # where rq-dashboard looks for it
        app.register_blueprint(web.blueprint)
        # In place of its own hook, which opens another connection at each request.
        app.before_request_funcs[_BLUEPRINT] = [self._check]
        app.view_functions[f"{_BLUEPRINT}.list_queues"] = self._list_queues
        app.view_functions[f"{_BLUEPRINT}.list_workers"] = self._list_workers
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
        foreign_job = not named.get("job_id", self._jobs).startswith(self._jobs)
        if named.get("instance_number", 0) != 0 or foreign_queue or foreign_job:
            abort(404)
        if request.endpoint == f"{_BLUEPRINT}.requeue_all" and request.method != "POST":
            abort(405)

    def _list_queues(self, instance_number: int) -> Response:
        queues = [Queue(name, connection=self._valkey, serializer=SERIALIZER) for name in self._queues]
        return jsonify(queues=web.serialize_queues(instance_number, queues))

    def _list_workers(self, instance_number: int) -> Response:  # noqa: ARG002  # rq-dashboard's signature
        """As rq-dashboard's own, which reads jobs as pickles."""
        ours = set(self._queues)
        workers = [
            worker
            for worker in BaseWorker.all(connection=self._valkey, serializer=SERIALIZER)
            if ours & set(worker.queue_names())
        ]
        return jsonify(workers=[_worker(worker) for worker in workers])


def _worker(worker: BaseWorker) -> dict[str, Any]:
    return {
        "name": worker.name,
        "pid": worker.pid,
        "queues": worker.queue_names(),
        "state": str(worker.get_state()),
        "current_job": web.serialize_current_job(worker.get_current_job()),
        "last_heartbeat": worker.last_heartbeat,
        "birth_date": worker.birth_date,
        "successful_job_count": worker.successful_job_count,
        "failed_job_count": worker.failed_job_count,
        "total_working_time": worker.total_working_time,
        "version": worker.version,
        "python_version": worker.python_version,
    }
