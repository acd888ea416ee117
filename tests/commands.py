"""`python -m backend …` and `python -m worker …` in processes of their own, ready at once.

To load what they need takes such a process a second or two, which hundreds of tests would pay again and again. So each
test process has one that has loaded it all, and forks (the `forkserver` of multiprocessing): what it forks is a process
like any other, with its own environment, output, signals and status, and can be killed. That the commands also come up
from nothing is shown where the whole stack starts, and once for each command in the tests of that command.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

ROOT = Path(__file__).parents[1]

_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(
    [
        "tests.commands",
        "backend.__main__",
        "backend.operating",
        "worker.__main__",
        "worker.backups.commands",
        "worker.backups.replaying",
        "worker.retention",
        *(f"worker.jobs.{name}" for name in ("audit", "backups", "erasure", "exports", "mails", "retention")),
    ]
)


_NOWHERE = Path(os.devnull)


class Command:
    """One that has been started; what it writes goes into files."""

    def __init__(
        self, *command: str, env: Mapping[str, str], errors: Path = _NOWHERE, output: Path = _NOWHERE
    ) -> None:
        """Start `python -m COMMAND` in the repository's folder, with nothing but `env` for an environment."""
        self._process = _FORKING.Process(target=_be, args=(command, dict(env), output, errors))
        self._process.start()

    @property
    def pid(self) -> int:
        """Its number."""
        pid = self._process.pid
        assert pid is not None
        return pid

    def __enter__(self) -> Self:
        """For a block, at whose end nothing is left of it."""
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def wait(self, timeout: float) -> int:
        """Wait for its end; its exit status, below zero where a signal ended it."""
        self._process.join(timeout)
        status = self._process.exitcode
        assert status is not None, f"still running after {timeout:g} s"
        return status

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end; its exit status."""
        if self._process.exitcode is None:
            os.kill(self.pid, by)
        return self.wait(timeout=20)

    def kill(self) -> None:
        """Make sure that nothing is left of it; harmless when it has ended."""
        self._process.kill()
        self._process.join()


def run(*command: str, env: Mapping[str, str], timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Run `python -m COMMAND` to its end; its status and what it wrote."""
    with TemporaryDirectory() as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        with Command(*command, env=env, output=output, errors=errors) as started:
            status = started.wait(timeout)
        return subprocess.CompletedProcess(command, status, output.read_text(), errors.read_text())


def run_from_nothing(*command: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The same in a Python that has loaded nothing yet."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _be(command: Sequence[str], env: Mapping[str, str], output: Path, errors: Path) -> None:
    """What the forked process does."""
    os.environ.clear()
    os.environ.update(env)
    os.chdir(ROOT)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # as Python begins
    for path, descriptor in ((output, 1), (errors, 2)):
        opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    sys.argv = list(command)
    sys.exit(import_module(f"{command[0]}.__main__").main())
