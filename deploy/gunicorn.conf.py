"""How gunicorn serves the API: `gunicorn -c deploy/gunicorn.conf.py wsgi:app`, from the repository's folder.

Read by gunicorn's main process before it forks. What depends on the machine comes from the environment.
"""
# ruff: noqa: N999 - the file name is the one gunicorn knows

import json
import logging
import os
import re
import resource
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# --- what it listens on, and with how many processes ---
_host = os.environ.get("HOST", "127.0.0.1")
bind = f"{f'[{_host}]' if ':' in _host else _host}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gevent"
preload_app = False  # each process makes its own connections to MongoDB and Valkey, after the fork

# A hard cap for each process: past it even the health check would hang. Room for 10,000 live sockets.
worker_connections = 12_000
_soft_files, _hard_files = resource.getrlimit(resource.RLIMIT_NOFILE)
_wanted_files = worker_connections + 1_000
if _soft_files < _wanted_files:
    _within_hard = _wanted_files if _hard_files == resource.RLIM_INFINITY else min(_wanted_files, _hard_files)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_within_hard, _hard_files))

# --- how it ends ---
graceful_timeout = int(os.environ.get("WEB_GRACEFUL_SECONDS", "30"))
_STOP_NOTICED_WITHIN_SECONDS = 0.2
timeout = 60  # a process whose loop stalls this long is replaced

# --- what it trusts ---
forwarded_allow_ips = ""  # proxies are counted exactly in one place: TRUSTED_PROXIES
control_socket_disable = True  # signals do all that is needed; no second way in

# --- metrics: one folder that all processes of this server share ---
_metrics_dir = Path(
    os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    or Path(os.environ.get("DATA_DIR", ".data")).resolve() / "metrics"
)
os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_metrics_dir)


def on_starting(_server: Any) -> None:
    """Begin with an empty metrics folder: numbers of an earlier run would be counted again."""
    _metrics_dir.mkdir(parents=True, exist_ok=True)
    for old in _metrics_dir.glob("*.db"):
        old.unlink(missing_ok=True)


def post_worker_init(worker: Any) -> None:
    """When this process is told to stop, end its live sockets politely; gunicorn alone would cut them off.

    Until then, count greenlets.
    """
    import gevent  # only in a process that gevent has patched

    from backend.infra.greenlets import LivingGreenlets
    from backend.infra.metrics import GREENLETS
    from backend.sessions.wiring import stop_live

    greenlets = LivingGreenlets()

    def end_sockets_on_stop() -> None:
        while worker.alive:
            GREENLETS.set(len(greenlets))
            gevent.sleep(_STOP_NOTICED_WITHIN_SECONDS)
        stop_live(worker.wsgi)

    worker.sockets_ended = gevent.spawn(end_sockets_on_stop)


def worker_exit(_server: Any, worker: Any) -> None:
    """Wait for that: live sockets are no requests, so gunicorn does not know of them."""
    ended = getattr(worker, "sockets_ended", None)
    if ended is not None:
        ended.join(timeout=graceful_timeout)


def child_exit(_server: Any, worker: Any) -> None:
    """Drop the gauges of a process that ended (its open sockets are no longer open)."""
    from prometheus_client.multiprocess import mark_process_dead  # only after the folder is set

    mark_process_dead(worker.pid)


# --- logs: one JSON object a line, like the application's own ---
accesslog = None  # the application writes one line a request, with its id


# Of these gunicorn goes on to quote the request: its address, its first line, a header.
_QUOTING = re.compile(r"^(Invalid request|Error handling request)\b.*", re.DOTALL)


class _JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "event": _QUOTING.sub(r"\1", record.getMessage()),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "process": "gunicorn",
            "pid": record.process,
        }
        if record.exc_info and record.exc_info[1] is not None:
            from backend.infra.tracebacks import without_words  # seldom needed

            line["exception"] = without_words(record.exc_info[1])
        return json.dumps(line)


_own_level = os.environ.get("LOG_LEVEL", "INFO").upper()
logconfig_dict = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": _JsonLines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {
        "gunicorn.error": {
            "handlers": ["stderr"],
            "level": _own_level
            if _own_level != "DEBUG"
            else "INFO",  # at DEBUG it tells each request's address
            "propagate": False,
        },
        "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
