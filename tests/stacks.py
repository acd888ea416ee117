"""The real stack on free ports: MongoDB, Valkey, gunicorn with two processes, a worker, the cron.

To start one takes seconds of both processors, so the modules that a test process runs share one. A module whose stack
needs settings of its own says so with a fixture `stack_env`, and gets its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.local.stack import LocalStack
from tests.environment import CROWDED
from tests.processes import serving_processes
from tests.unmeasured import UNMEASURED
from tests.waiting import eventually

# A test may have ended with a process killed, whose successor takes a moment.
_READY_SECONDS = 180


_SHARED = pytest.StashKey["SharedStack"]()


@dataclass(frozen=True)
class StackLog:
    """What the processes of a stack wrote, as they wrote it."""

    lines: list[str] = field(default_factory=list)

    def write(self, _process: str, line: str) -> None:
        """Take one line."""
        self.lines.append(line)

    def pid_of(self, node: str) -> int:
        """The API process that calls itself `node` in its welcomes."""
        for line in self.lines:
            if line.startswith("{") and f'"{node}"' in line:
                return int(json.loads(line)["pid"])
        raise AssertionError(f"no process said that it is {node}")

    def api_pids(self) -> set[int]:
        """Every API process that has started so far."""
        opened = [json.loads(line) for line in self.lines if '"live_opened"' in line]
        return {int(entry["pid"]) for entry in opened}


@dataclass(frozen=True)
class Running:
    """A stack that runs, and its log."""

    stack: LocalStack
    log: StackLog


class SharedStack:
    """The stack of all modules that need nothing special."""

    def __init__(self) -> None:
        self._running: Running | None = None
        self._stops = ExitStack()

    def running(self, folder: Path) -> Running:
        """It; `folder` is where it keeps its files, if it starts now."""
        if self._running is None:
            self._running = start(self._stops, folder, {})
        return self._running

    def stop(self) -> None:
        """Stop it; harmless when it does not run."""
        self._running = None
        self._stops.close()


def start(stops: ExitStack, folder: Path, env: dict[str, str]) -> Running:
    """Start a stack that keeps its files in `folder` and stops with `stops`."""
    log = StackLog()
    stack = LocalStack(data_dir=folder, port=0, env={**CROWDED, **env, **UNMEASURED}, show=log.write)
    return Running(stops.enter_context(stack), log)


def pytest_configure(config: pytest.Config) -> None:
    """Make a place for the stack of this test process."""
    config.stash[_SHARED] = SharedStack()


@pytest.hookimpl(trylast=True)  # after the fixtures of the module are gone
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Stop the stack before a module that does not need it: even at rest it costs something."""
    in_same_module = nextitem is not None and nextitem.path == item.path
    if not (in_same_module or "running" in getattr(nextitem, "fixturenames", ())):
        item.config.stash[_SHARED].stop()


@pytest.fixture(scope="module")
def stack_env() -> dict[str, str]:
    """Settings of this module's stack, where it needs some of its own."""
    return {}


@pytest.fixture(scope="module")
def running(
    pytestconfig: pytest.Config, stack_env: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Running]:
    """The stack of this module, both API processes ready."""
    folder = tmp_path_factory.mktemp("stack")
    with ExitStack() as stops:
        running = (
            start(stops, folder, stack_env) if stack_env else pytestconfig.stash[_SHARED].running(folder)
        )
        eventually(
            lambda: len(serving_processes(running.stack, running.log.api_pids())) == 2, seconds=_READY_SECONDS
        )
        yield running


@pytest.fixture(scope="module")
def stack(running: Running) -> LocalStack:
    """Everything that `make run` starts."""
    return running.stack


@pytest.fixture(scope="module")
def log(running: Running) -> StackLog:
    """What that stack has written since it was started."""
    return running.log
