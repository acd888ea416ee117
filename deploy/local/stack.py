"""All of DinDin on one machine: data servers, API processes, worker and cron, started and stopped as one."""

from __future__ import annotations

import os
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Self

from deploy.local import preflight
from deploy.local.bounded_log import BoundedLog
from deploy.local.claim import FolderClaim
from deploy.local.dev_secrets import development_secrets
from deploy.local.embedded import EmbeddedMongo, EmbeddedServer, EmbeddedValkey
from deploy.local.errors import LocalError
from deploy.local.logview import LogView
from deploy.local.options import RunOptions
from deploy.local.supervisor import Program, Supervisor, Write, explain_end

READY_SECONDS = 60.0
_ASK_SECONDS = 5.0
_WATCH_SECONDS = 0.3

_PYTHON = sys.executable
PREPARE = Program("prepare", (_PYTHON, "-m", "backend", "prepare"), vital=False)
PROGRAMS = {
    program.name: program
    for program in (
        Program(
            "api", (_PYTHON, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app"), grace_seconds=12
        ),
        Program("worker", (_PYTHON, "-m", "worker", "run")),
        Program("cron", (_PYTHON, "-m", "worker", "cron"), grace_seconds=5),
    )
}
CLIENT = Program("client", (_PYTHON, "-m", "client"), grace_seconds=5, vital=False)
"""In the order they start. The client may end without the servers ending."""


class LocalStack:
    """DinDin's processes on this machine. A context manager, or `start` and `stop` it."""

    def __init__(
        self,
        data_dir: Path | None = None,
        port: int | None = None,
        env: Mapping[str, str] | None = None,
        show: Write = lambda _name, _line: None,
    ) -> None:
        """Prepare a run; nothing is started yet.

        Args:
            data_dir: Folder of everything that is kept. Default: DATA_DIR of `env`, else `.data`.
            port: Port of the API; 0 takes a free one. Default: PORT of `env`, else 8000.
            env: Settings by their variables' names. Embedded data servers are started for whichever
                of MONGODB_URI and REDIS_URL (or REDIS_HOST) it does not have.
            show: Gets each line of log beside the log file: the process's name and the line as it wrote it.

        Raises:
            LocalError: a setting is malformed.
        """
        given = dict(env or {})
        if data_dir is not None:
            given["DATA_DIR"] = str(data_dir)
        if port is not None:
            given["PORT"] = str(port or free_port())
        self.options = RunOptions.read(given)
        self.base_url = self.options.base_url
        self.log_path = self.options.data_dir / "logs" / "dindin.log"
        self._show = show
        self._started = ExitStack()
        self._supervisor: Supervisor | None = None
        self._data_servers: dict[str, EmbeddedServer] = {}

    @property
    def processes(self) -> dict[str, int]:
        """Process ids by name: mongodb, valkey (if embedded), api (gunicorn's main process), worker, cron."""
        servers = {name: server.pid for name, server in self._data_servers.items() if server.pid}
        return servers | (self._supervisor.pids if self._supervisor else {})

    @property
    def settings(self) -> dict[str, str]:
        """The settings beyond `env`: addresses of embedded servers, made-up secrets, absolute paths."""
        uris = {server.setting: server.uri for server in self._data_servers.values()}
        secrets = {} if self.options.production else self._secrets()
        return {
            **uris,
            **secrets,
            "HOST": self.options.host,
            "PORT": str(self.options.port),
            "DATA_DIR": str(self.options.data_dir),
            "WEB_CONCURRENCY": str(self.options.api_processes),
        }

    def start(self) -> None:
        """Start everything and wait until the API is ready.

        Raises:
            LocalError: it cannot run here, or a process failed; what had been started is stopped again.
        """
        try:
            self._start()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Stop everything in reverse order, within bounds; data stays. Harmless when nothing runs."""
        self._started.close()
        self._supervisor = None
        self._data_servers.clear()

    def restart(self, name: str) -> None:
        """Stop (if it still runs) and start again one process; returns when a data server answers again."""
        if name in self._data_servers:
            self._data_servers[name].stop()
            self._data_servers[name].start()
        elif self._supervisor:
            self._supervisor.stop(name)
            self._supervisor.start(PROGRAMS[name])

    def open_client(self) -> None:
        """Open the client's window; its end does not end the servers."""
        if self._supervisor:
            self._supervisor.start(CLIENT)

    def wait(self) -> str:
        """Wait until a process ends that should not have, and return the sentence about it."""
        while True:
            problem = self._look(_WATCH_SECONDS)
            if problem:
                return problem

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start(self) -> None:
        claim = FolderClaim(self.options.data_dir / "run", "DinDin")
        claim.take()
        self._started.callback(claim.release)
        preflight.check(self.options)
        write = self._open_log()
        self._start_data_servers(lambda line: write("dindin", line))
        supervisor = Supervisor(self._child_environment(), write, claim.record, (claim.inherited_fd,))
        self._supervisor = supervisor
        self._started.callback(supervisor.stop_all)
        write("dindin", "Preparing the database: indexes, and the catalogue on the first start ...")
        supervisor.run(PREPARE)
        for program in PROGRAMS.values():
            supervisor.start(program)
        self._wait_until_ready()

    def _open_log(self) -> Write:
        log = LogView(self._started.enter_context(BoundedLog(self.log_path)), colour=False)

        def write(name: str, line: str) -> None:
            log(name, line)
            self._show(name, line)

        return write

    def _start_data_servers(self, say: Callable[[str], None]) -> None:
        folder = self.options.data_dir
        run_dir = folder / "run"
        if not self.options.own_mongodb:
            say("Starting the embedded MongoDB 6.0 (an old release under the SSPL, for trying out only) ...")
            self._start_data_server("mongodb", EmbeddedMongo(folder / "mongo", run_dir))
        if not self.options.own_valkey:
            say("Starting the embedded Valkey ...")
            self._start_data_server("valkey", EmbeddedValkey(folder / "valkey", run_dir))

    def _start_data_server(self, name: str, server: EmbeddedServer) -> None:
        server.start()
        self._data_servers[name] = server
        self._started.callback(server.stop)

    def _child_environment(self) -> dict[str, str]:
        return {
            "WEB_GRACEFUL_SECONDS": "5",
            **os.environ,
            **self.options.environment,
            **self.settings,
            "DINDIN_SERVER": self.base_url,
            "LOG_FORMAT": "json",
            "PYTHONUNBUFFERED": "1",
        }

    def _secrets(self) -> dict[str, str]:
        return development_secrets(self.options.data_dir, self.options.environment)

    def _wait_until_ready(self) -> None:
        deadline = monotonic() + READY_SECONDS
        while not is_ready(self.base_url):
            problem = self._look(_WATCH_SECONDS)
            if problem:
                raise LocalError(problem)
            if monotonic() > deadline:
                raise LocalError(f"{self.base_url}/health/ready does not answer 200: see {self.log_path}.")

    def _look(self, seconds: float) -> str:
        """Return the sentence about a process that ended, or "" when none has within `seconds`."""
        for server in self._data_servers.values():
            if server.returncode is not None:
                return (
                    f"The embedded {server.product} ended with code {server.returncode}; "
                    f"the last it wrote:\n{server.last_lines()}"
                )
        ended = self._supervisor.next_end(seconds) if self._supervisor else None
        return explain_end(ended) if ended else ""


def is_ready(base_url: str) -> bool:
    """Whether a DinDin server at `base_url` answers that it is ready."""
    try:
        with urllib.request.urlopen(f"{base_url}/health/ready", timeout=_ASK_SECONDS) as answer:  # noqa: S310 - http:// only
            return bool(answer.status == 200)  # noqa: PLR2004 - HTTP's own number
    except (urllib.error.URLError, OSError):
        return False


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
