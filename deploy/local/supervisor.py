"""Several child processes as one: output in one place, ends noticed, all stopped in reverse order."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from deploy.local.errors import LocalError
from deploy.local.logview import render
from deploy.local.options import REPOSITORY

_TAIL_LINES = 12
_AFTER_SECOND_ASK_SECONDS = 2.0
_OUTPUT_END_SECONDS = 1.0

Write = Callable[[str, str], None]
"""Takes a process's name and one line that it wrote."""


@dataclass(frozen=True)
class Program:
    """What to run.

    Attributes:
        name: Short name for logs and messages.
        command: Program and arguments; never through a shell.
        grace_seconds: How long it may take to end when asked.
        vital: Whether all must stop when it ends by itself.
    """

    name: str
    command: Sequence[str]
    grace_seconds: float = 10.0
    vital: bool = True


class Child:
    """One running program, leader of its own process group, so that Ctrl-C reaches only the supervisor."""

    def __init__(
        self,
        program: Program,
        environment: Mapping[str, str],
        write: Write,
        inherited_fds: Sequence[int] = (),
    ) -> None:
        """Start `program` in the repository's folder with exactly `environment`."""
        self.program = program
        self.last_lines: deque[str] = deque(maxlen=_TAIL_LINES)
        self._write = write
        self._process = subprocess.Popen(  # noqa: S603 - the project's own programs
            list(program.command),
            cwd=REPOSITORY,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
            pass_fds=tuple(inherited_fds),
        )
        self._reader = threading.Thread(target=self._read, name=f"output of {program.name}", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """Process id, also after its end."""
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """What it ended with, negative for a signal; None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float | None = None) -> int | None:
        """Wait until it ends and what it wrote is read; None when it has not after `seconds`."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
            # A left-over grandchild may keep the pipe open; what the program wrote is read long before.
            self._reader.join(_OUTPUT_END_SECONDS)
        return self._process.poll()

    def stop(self) -> None:
        """Ask it to end, ask again after its grace time, then kill its whole group."""
        for patience in (self.program.grace_seconds, _AFTER_SECOND_ASK_SECONDS):
            if self.returncode is not None:
                break
            self._process.send_signal(signal.SIGTERM)
            self.wait(patience)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self.wait()
        if not self._reader.is_alive() and self._process.stdout:
            self._process.stdout.close()

    def _read(self) -> None:
        for line in self._process.stdout or ():
            text = line.rstrip("\n")
            self.last_lines.append(text)
            self._write(self.program.name, text)


class Supervisor:
    """Starts children one after the other and stops them in reverse order."""

    def __init__(
        self,
        environment: Mapping[str, str],
        write: Write,
        on_start: Callable[[int], None],
        fds: Sequence[int] = (),
    ) -> None:
        """Give each child `environment` and `fds`; `write` gets their output, `on_start` each process id."""
        self._environment = environment
        self._write = write
        self._on_start = on_start
        self._fds = fds
        self._children: dict[str, Child] = {}
        self._ended: SimpleQueue[str] = SimpleQueue()

    @property
    def pids(self) -> dict[str, int]:
        """Process ids of the children that run, by name."""
        return {name: child.pid for name, child in self._children.items() if child.returncode is None}

    def start(self, program: Program) -> Child:
        """Start `program`; one of the same name must not be running."""
        child = Child(program, self._environment, self._write, self._fds)
        self._on_start(child.pid)
        self._children[program.name] = child
        threading.Thread(
            target=self._watch, args=(child,), name=f"end of {program.name}", daemon=True
        ).start()
        return child

    def run(self, program: Program) -> None:
        """Run `program` to its end.

        Raises:
            LocalError: it failed; the message holds its last lines.
        """
        child = self.start(program)
        child.wait()
        child.stop()
        del self._children[program.name]
        if child.returncode != 0:
            raise LocalError(explain_end(child))

    def stop(self, name: str) -> None:
        """Stop one child."""
        self._children.pop(name).stop()

    def stop_all(self) -> None:
        """Stop every child, the last started first. Harmless when there are none."""
        while self._children:
            _, child = self._children.popitem()
            child.stop()

    def next_end(self, seconds: float) -> Child | None:
        """Return a vital child that has ended by itself, waiting up to `seconds` for one."""
        with contextlib.suppress(Empty):
            child = self._children.get(self._ended.get(timeout=seconds))
            if child is not None and child.returncode is not None:
                return child
        return None

    def _watch(self, child: Child) -> None:
        child.wait()
        if child.program.vital:
            self._ended.put(child.program.name)


def explain_end(child: Child) -> str:
    """Say in one sentence, with its last lines below, how a child ended that should not have."""
    code = child.returncode
    how = f"was killed by signal {-code}" if code is not None and code < 0 else f"ended with code {code}"
    shown = [part for line in child.last_lines for part in render(line)][-_TAIL_LINES:]
    lines = "".join(f"\n    {line}" for line in shown)
    return f"The process {child.program.name} {how}; the last it wrote:{lines or ' (nothing)'}"
