"""The real stack on free ports: MongoDB, Valkey, gunicorn with two processes, a worker, the cron."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest

from deploy.local.stack import LocalStack
from tests.e2e.person import Person
from tests.environment import CROWDED
from tests.unmeasured import UNMEASURED


class StackLog:
    """What the processes of a stack wrote, as they wrote it."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def write(self, _process: str, line: str) -> None:
        """Take one line."""
        self._lines.append(line)

    def pid_of(self, node: str) -> int:
        """The API process that calls itself `node` in its welcomes."""
        for line in self._lines:
            if line.startswith("{") and f'"{node}"' in line:
                return int(json.loads(line)["pid"])
        raise AssertionError(f"no process said that it is {node}")

    def api_pids(self) -> set[int]:
        """Every API process that has started so far."""
        opened = [json.loads(line) for line in self._lines if '"live_opened"' in line]
        return {int(entry["pid"]) for entry in opened}


@pytest.fixture(scope="module")
def log() -> StackLog:
    """The log of this module's stack."""
    return StackLog()


@pytest.fixture(scope="module")
def stack_env() -> dict[str, str]:
    """Settings of this module's stack; a module that needs others says so with a fixture of this name."""
    return {}


@pytest.fixture(scope="module")
def stack(
    tmp_path_factory: pytest.TempPathFactory, log: StackLog, stack_env: dict[str, str]
) -> Iterator[LocalStack]:
    """Everything that `make run` starts, for one test module."""
    folder = tmp_path_factory.mktemp("stack")
    env = {**CROWDED, **stack_env, **UNMEASURED}
    with LocalStack(data_dir=folder, port=0, env=env, show=log.write) as stack:
        yield stack


@pytest.fixture
def person(stack: LocalStack) -> Iterator[Callable[[str], Person]]:
    """Registers people; hangs up for them at the end."""
    people: list[Person] = []

    def register(name: str) -> Person:
        people.append(Person(stack.base_url, name))
        return people[-1]

    yield register
    for one in people:
        for device in one.devices:
            device.close()
        one.http.close()


@pytest.fixture
def pair(person: Callable[[str], Person]) -> tuple[Person, Person, str]:
    """Host and guest in a lobby; nobody connected."""
    ada, bo = person("Ada"), person("Bo")
    session = ada.post("/sessions", {"menu": "both"})
    bo.post("/sessions/join", {"code": session["code"]})
    return ada, bo, session["id"]
