"""What is killed, and what brings it back: gunicorn its processes, systemd or Kubernetes the rest in a second or so."""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress

import psutil

from deploy.local.stack import LocalStack
from tests.drills.members import Member, ReplicaSet
from tests.processes import api_children, kill, runs

RESTART_AFTER_SECONDS = 1.0


class Strike:
    """One drill's blow, and what it means for others than the crowd; this one kills nothing. All calls block.

    Attributes:
        name: what is killed, for people.
        load_seconds: how long the crowd swipes.
        wrong: what may not be, in words.
        told: what else is worth knowing.
    """

    name = "nothing"
    load_seconds = 40.0

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.wrong: list[str] = []
        self.told: list[str] = []

    def prepare(self) -> None:
        """Before the crowd comes."""

    def wait_for_moment(self) -> None:
        """Until the blow hurts most; the crowd swipes meanwhile."""

    def kill(self) -> None:
        """Strike. What was killed is gone when this returns."""

    def bring_back(self) -> None:
        """What a supervisor does."""

    def finish(self) -> None:
        """Until what was struck is done with; note what it came to."""


class ApiProcess(Strike):
    """One of the two processes with sockets; gunicorn notices and makes another."""

    name = "an API process"

    def kill(self) -> None:
        """One of them, whichever."""
        kill(random.choice(sorted(api_children(self.stack))))

    def bring_back(self) -> None:
        """Gunicorn does."""


class WholeApi(Strike):
    """Gunicorn with all its processes, as when their machine is lost and no other has the address yet."""

    name = "gunicorn, with both API processes"

    def kill(self) -> None:
        """All at once."""
        kill_family(self.stack.processes["api"])

    def bring_back(self) -> None:
        """Start gunicorn again."""
        self.stack.restart("api")


class ValkeyServer(Strike):
    """Valkey; it finds its log of writes when it starts again."""

    name = "Valkey"

    def kill(self) -> None:
        """The server."""
        kill(self.stack.processes["valkey"])

    def bring_back(self) -> None:
        """Start it again."""
        self.stack.restart("valkey")


class Primary(Strike):
    """The member that takes writes: the others choose another, and it comes back as one of them."""

    name = "MongoDB's primary (of three)"

    def __init__(self, stack: LocalStack, members: ReplicaSet) -> None:
        super().__init__(stack)
        self._members = members
        self._struck: Member | None = None

    def kill(self) -> None:
        """The primary of this moment."""
        self._struck = self._members.primary()
        assert self._struck.pid is not None
        began = time.monotonic()
        kill(self._struck.pid)
        self._members.primary()
        self.told.append(f"another was elected after {time.monotonic() - began:.1f} s")

    def bring_back(self) -> None:
        """Start that member again."""
        assert self._struck is not None
        self._struck.stop()
        self._struck.start()

    def finish(self) -> None:
        """Until all three are there."""
        self._members.wait_until_whole()


def kill_family(pid: int) -> None:
    """`kill -9` of a process and all below it, as a supervisor's group is killed."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    for one in family:
        with suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGKILL)
    while any(runs(one.pid) for one in family):
        time.sleep(0.01)
