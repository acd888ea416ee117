"""The worker and the cron as real processes."""

from __future__ import annotations

import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import svcs
from redis import Redis
from rq import Queue

from backend.config import Settings
from backend.infra.jobs import QUEUES, RUN_RETENTION, SERIALIZER, queue_key
from backend.infra.mongo import MongoDatabase
from tests.environment import environment_of
from worker.cron import RECURRING

ROOT = Path(__file__).parents[3]


class Process:
    """One `python -m worker ...`, its log in a file."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        self.log_file = log
        with log.open("wb") as stream:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "worker", *arguments], cwd=ROOT, env=environment, stderr=stream
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def log(self) -> str:
        return self.log_file.read_text()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit status."""
        self._process.send_signal(by)
        return self._process.wait(timeout=20)

    def end(self) -> int:
        """Wait for it to end by itself; its exit status."""
        return self._process.wait(timeout=60)

    def kill(self) -> None:
        """Make sure that nothing is left of it."""
        self._process.kill()
        self._process.wait(timeout=20)


Start = Callable[..., Process]


@pytest.fixture
def prefix() -> str:
    """An installation of its own."""
    return f"t{secrets.token_hex(4)}:"


@pytest.fixture
def own_database(services: svcs.Container, prefix: str) -> Iterator[MongoDatabase]:
    """The database of that installation."""
    client, name = services.get(MongoDatabase).client, f"test_{prefix.strip(':')}"
    yield client[name]
    client.drop_database(name)


@pytest.fixture
def environment(settings: Settings, prefix: str, own_database: MongoDatabase) -> dict[str, str]:
    return environment_of(
        settings,
        DATABASE_NAME=own_database.name,
        REDIS_PREFIX=prefix,
        TZ="Pacific/Auckland",
        LOG_LEVEL="DEBUG",  # where the cron tells what it has seen to
    )


@pytest.fixture
def start(environment: dict[str, str], tmp_path: Path) -> Iterator[Start]:
    """Start processes; none outlives the test."""
    started: list[Process] = []

    def start(*arguments: str, **changed: str) -> Process:
        process = Process(list(arguments), {**environment, **changed}, tmp_path / f"{len(started)}.log")
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()


def retentions_in(connection: Redis, prefix: str) -> list[str]:
    """The periods for which the clean-up waits on a queue."""
    queues = [Queue(queue_key(prefix, name), connection=connection, serializer=SERIALIZER) for name in QUEUES]
    jobs = [job for queue in queues for job in queue.get_jobs()]
    return [job.kwargs["period"] for job in jobs if job.func_name == RUN_RETENTION.path]


def current_night() -> str:
    row = next(row for row in RECURRING if row.kind is RUN_RETENTION)
    return row.period_at(datetime.now(UTC))
