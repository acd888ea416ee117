"""What is measured: our server, and the handler one would write first."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

from deploy.local.stack import LocalStack, free_port
from tests.performance.scene import Seat

_PROCESSES = 2
_START_SECONDS = 20
_APP = "tests.performance.naive:create_app()"


@dataclass(frozen=True)
class Server:
    """Something that speaks the protocol: where, the main process of its gunicorn, and how to greet it."""

    name: str
    url: str
    pid: int
    hello: Callable[[Seat], dict[str, object]]


def our_server(stack: LocalStack) -> Server:
    """DinDin as `stack` runs it."""
    return Server("DinDin", stack.base_url, stack.processes["api"], greeting)


@contextmanager
def naive_server(stack: LocalStack) -> Iterator[Server]:
    """The handler one would write first, with as many processes, on the same databases."""
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-k", "gevent", "-w", str(_PROCESSES)]
    command += ["-b", f"127.0.0.1:{port}", "--worker-connections", "12000", "--log-level", "critical", _APP]
    process = subprocess.Popen(command, env={**os.environ, **stack.settings})
    try:
        deadline = time.monotonic() + _START_SECONDS
        while len(psutil.Process(process.pid).children()) < _PROCESSES or not _listens(port):
            if time.monotonic() > deadline:
                raise TimeoutError("the naive server did not start")
            time.sleep(0.1)
        yield Server(
            "One write per swipe",
            f"http://127.0.0.1:{port}",
            process.pid,
            lambda seat: {"session": seat.session_id, "user": seat.user_id},
        )
    finally:
        process.kill()
        process.wait()


def greeting(seat: Seat) -> dict[str, object]:
    """The hello of the live protocol."""
    return {"op": "hello", "v": 1, "token": seat.token, "session": seat.session_id}


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
