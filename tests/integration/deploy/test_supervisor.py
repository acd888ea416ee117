"""The supervisor, with small real programs."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from time import monotonic, sleep

import psutil
import pytest

from deploy.local.errors import LocalError
from deploy.local.supervisor import Program, Supervisor, explain_end

POLITE = """
import signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit())
try:
    print("ready")
    while True: signal.pause()
except SystemExit:
    print("bye")
"""
STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import signal; print('grandchild', flush=True); signal.pause()"])
print("ready", flush=True)
while True: signal.pause()
"""


class Output:
    """What the children wrote, in the order it came."""

    def __init__(self) -> None:
        self._lines: list[tuple[str, str]] = []
        self._more = threading.Condition()

    def __call__(self, name: str, line: str) -> None:
        with self._more:
            self._lines.append((name, line))
            self._more.notify_all()

    @property
    def lines(self) -> list[tuple[str, str]]:
        with self._more:
            return list(self._lines)

    def wait_for(self, *wanted: tuple[str, str]) -> None:
        with self._more:
            assert self._more.wait_for(lambda: set(wanted) <= set(self._lines), 30), self._lines


def program(name: str, script: str, grace: float = 10.0, *, vital: bool = True) -> Program:
    return Program(name, (sys.executable, "-u", "-c", script), grace, vital)


@pytest.fixture
def output() -> Output:
    return Output()


@pytest.fixture
def started() -> list[int]:
    return []


@pytest.fixture
def supervisor(output: Output, started: list[int]) -> Iterator[Supervisor]:
    one = Supervisor(dict(os.environ), output, started.append)
    yield one
    one.stop_all()


def eventually(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + 30
    while not holds():
        assert monotonic() < deadline
        sleep(0.02)


def test_all_are_stopped_the_last_started_first(
    supervisor: Supervisor, output: Output, started: list[int]
) -> None:
    for name in ("first", "second", "third"):
        supervisor.start(program(name, POLITE))
    output.wait_for(*((name, "ready") for name in ("first", "second", "third")))
    assert list(supervisor.pids.values()) == started
    supervisor.stop_all()
    assert [name for name, line in output.lines if line == "bye"] == ["third", "second", "first"]
    assert supervisor.pids == {}
    supervisor.stop_all()


def test_one_that_ends_by_itself_is_noticed_and_quoted(supervisor: Supervisor, output: Output) -> None:
    supervisor.start(program("steady", POLITE))
    output.wait_for(("steady", "ready"))
    assert supervisor.next_end(0.01) is None
    supervisor.start(program("frail", "print('first words'); raise SystemExit('last words')"))
    ended = supervisor.next_end(30)
    assert ended is not None
    assert explain_end(ended) == (
        "The process frail ended with code 1; the last it wrote:\n    first words\n    last words"
    )
    assert list(supervisor.pids) == ["steady"]


def test_one_that_is_killed_is_told_by_its_signal(supervisor: Supervisor, output: Output) -> None:
    child = supervisor.start(program("victim", POLITE))
    output.wait_for(("victim", "ready"))
    os.kill(child.pid, signal.SIGKILL)
    ended = supervisor.next_end(30)
    assert ended is child
    assert "The process victim was killed by signal 9" in explain_end(child)


def test_the_end_of_one_that_is_not_vital_is_nobodys_concern(supervisor: Supervisor) -> None:
    child = supervisor.start(program("window", "", vital=False))
    child.wait()
    assert supervisor.next_end(0.2) is None


def test_one_that_was_stopped_on_purpose_and_started_again_has_not_ended(
    supervisor: Supervisor, output: Output
) -> None:
    first = supervisor.start(program("again", POLITE))
    output.wait_for(("again", "ready"))
    supervisor.stop("again")
    second = supervisor.start(program("again", POLITE))
    assert supervisor.next_end(0.2) is None
    assert supervisor.pids == {"again": second.pid}
    assert first.pid != second.pid


def test_one_that_does_not_end_is_killed_with_its_children(supervisor: Supervisor, output: Output) -> None:
    child = supervisor.start(program("stubborn", STUBBORN, grace=0.1))
    output.wait_for(("stubborn", "ready"), ("stubborn", "grandchild"))
    (grandchild,) = psutil.Process(child.pid).children()
    supervisor.stop_all()
    assert child.returncode == -signal.SIGKILL
    eventually(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)


def test_a_step_that_fails_stops_the_start(supervisor: Supervisor, output: Output) -> None:
    supervisor.run(program("step", "print('done')"))
    assert ("step", "done") in output.lines
    with pytest.raises(LocalError, match=r"The process step ended with code 3; .*\n    broken"):
        supervisor.run(program("step", "print('broken'); raise SystemExit(3)"))
    assert supervisor.pids == {}
