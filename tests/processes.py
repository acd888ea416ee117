"""Processes of the stack that come and go while they are looked at."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from deploy.local.stack import LocalStack
from tests.waiting import eventually


def runs(pid: int) -> bool:
    """Whether it is there and not merely waiting to be reaped."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def kill(pid: int) -> None:
    """`kill -9`, and wait until it is gone; one that is gone already will do."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    eventually(lambda: not runs(pid))


@contextmanager
def held(pid: int) -> Iterator[None]:
    """Keep a process from accepting anything, so that whoever connects comes to the other."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def serving_processes(stack: LocalStack, opened: set[int]) -> list[int]:
    """The API processes that run and are among those that have `opened` the live socket."""
    return sorted(api_children(stack) & opened)


def api_children(stack: LocalStack) -> set[int]:
    """The API processes that run, by gunicorn's own account."""
    return {child.pid for child in psutil.Process(stack.processes["api"]).children() if runs(child.pid)}
