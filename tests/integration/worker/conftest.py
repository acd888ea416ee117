"""The worker and the cron as real processes."""

from __future__ import annotations

import secrets
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
from tests.commands import Command
from tests.environment import environment_of
from worker.cron import RECURRING


class Process(Command):
    """One `python -m worker ...`, its log in a file."""

    def __init__(self, arguments: list[str], environment: dict[str, str], log: Path) -> None:
        log.touch()
        self._log = log
        super().__init__("worker", *arguments, env=environment, errors=log)

    @property
    def log(self) -> str:
        return self._log.read_text()

    def end(self) -> int:
        """Wait for it to end by itself; its exit status."""
        return self.wait(timeout=60)


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
