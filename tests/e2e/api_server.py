"""One gunicorn with the API, as a machine of its own would run it: started, drained and started again."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.options import REPOSITORY
from deploy.local.stack import free_port, is_ready
from tests.unmeasured import UNMEASURED
from tests.waiting import eventually

_COMMAND = (sys.executable, "-m", "gunicorn", "-c", "deploy/gunicorn.conf.py", "wsgi:app")
_START_SECONDS = 180
_DRAIN_SECONDS = 90


class ApiServer:
    """A context manager: inside it starts to serve, with one process (`until_ready`).

    Attributes:
        address: `address:port`, the same after a restart.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        """Args:
        environment: all of it; `folder` is for its metrics and what it writes.
        """
        self._port = free_port()
        self.address = f"127.0.0.1:{self._port}"
        self._output = folder / "output.log"
        self._environment = {
            **environment,
            **UNMEASURED,
            "HOST": "127.0.0.1",
            "PORT": str(self._port),
            "WEB_CONCURRENCY": "1",
            "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start, and return at once."""
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                _COMMAND, cwd=REPOSITORY, env=self._environment, stdout=output, stderr=output
            )

    def until_ready(self) -> None:
        """Return when traffic may come."""
        eventually(self._is_ready, seconds=_START_SECONDS)

    def drain(self) -> int:
        """Ask it to end, as whoever restarts it does, and wait for that; what it ended with."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(_DRAIN_SECONDS)

    def output(self) -> str:
        """What all its runs wrote."""
        return self._output.read_text()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            try:
                self.drain()
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _is_ready(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, f"the API ended:\n{self.output()}"
        return is_ready(f"http://{self.address}")
