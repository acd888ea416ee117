"""Recurring jobs with a clock that the test moves."""

from __future__ import annotations

import secrets

import pytest
import svcs
from rq import Queue

from backend.config import Settings
from backend.infra.jobs import QUEUES, RUN_RETENTION, SERIALIZER, JobQueue, queue_key
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Valkey
from backend.jobs.recurring import RecurringJobs
from backend.jobs.runs import JobRuns
from tests.set_clock import SetClock


@pytest.fixture(autouse=True)
def empty_queues(valkey: Valkey, settings: Settings) -> None:
    """What other tests asked for is not done here."""
    for name in QUEUES:
        Queue(queue_key(settings.redis_prefix, name), connection=valkey, serializer=SERIALIZER).empty()


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
def period() -> str:
    """One that no other test knows."""
    return secrets.token_hex(8)


@pytest.fixture
def runs(services: svcs.Container, clock: SetClock) -> JobRuns:
    return JobRuns(services.get(MongoDatabase), clock)


@pytest.fixture
def prefix(settings: Settings) -> str:
    """Queues of its own for each test."""
    return f"{settings.redis_prefix}{secrets.token_hex(4)}:"


@pytest.fixture
def jobs(valkey: Valkey, prefix: str) -> JobQueue:
    return JobQueue(valkey, prefix)


@pytest.fixture
def queue(valkey: Valkey, prefix: str) -> Queue:
    """Where retention waits."""
    return Queue(queue_key(prefix, RUN_RETENTION.queue), connection=valkey, serializer=SERIALIZER)


@pytest.fixture
def recurring(runs: JobRuns, jobs: JobQueue) -> RecurringJobs:
    return RecurringJobs(runs, jobs)
