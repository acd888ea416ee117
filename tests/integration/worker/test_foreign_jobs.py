"""Jobs that somebody who writes to Valkey made up: real workers refuse them, and import nothing that they name."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from rq import Queue
from rq.job import Job

from backend.infra.jobs import ENQUEUE_DUE_ERASURES, SEND_MAIL, SERIALIZER, queue_key
from backend.infra.mongo import MongoDatabase
from backend.jobs.own import RefusedJob
from tests.integration.worker.conftest import Start

pytestmark = pytest.mark.security

Plant = Callable[..., str]


class Bomb:
    """A module that leaves a mark where it is imported."""

    def __init__(self, folder: Path) -> None:
        self.name = f"bomb_{secrets.token_hex(4)}"
        self._mark = folder / "imported"
        source = (
            f"import pathlib\npathlib.Path({str(self._mark)!r}).touch()\n\ndef go(*_):\n    return 'ran'\n"
        )
        (folder / f"{self.name}.py").write_text(source)

    @property
    def went_off(self) -> bool:
        return self._mark.exists()


@pytest.fixture
def bomb(tmp_path: Path) -> Bomb:
    return Bomb(tmp_path)


@pytest.fixture
def queue(valkey: Redis, prefix: str) -> Queue:
    return Queue(queue_key(prefix, "default"), connection=valkey, serializer=SERIALIZER)


@pytest.fixture
def plant(valkey: Redis, queue: Queue) -> Iterator[Plant]:
    """Write a job's record, and name it where jobs wait unless it has another status; its id."""
    planted: list[str] = []

    def plant(function: object, *arguments: str, instance: Any = None, **record: str) -> str:
        job_id = f"planted-{secrets.token_hex(6)}"
        called = json.dumps([function, instance, arguments, {}])
        told = {
            "data": called,
            "origin": queue.name,
            "status": "queued",
            "created_at": "2026-11-23T12:00:00Z",
        }
        valkey.hset(Job.key_for(job_id), mapping={**told, **record})
        if "status" not in record:
            valkey.rpush(queue.key, job_id)
        planted.append(job_id)
        return job_id

    yield plant
    for job_id in planted:
        valkey.delete(Job.key_for(job_id), f"rq:results:{job_id}")


@pytest.fixture
def work(start: Start, tmp_path: Path, own_database: MongoDatabase) -> Callable[[], str]:
    """Work everything off, with the bomb within reach; the log."""
    assert own_database.name

    def work() -> str:
        worker = start("run", "--burst", PYTHONPATH=str(tmp_path))
        assert worker.end() == 0, worker.log
        return worker.log

    return work


def why_failed(queue: Queue, job_id: str) -> str:
    """What operators are told."""
    assert job_id in queue.failed_job_registry, "it stands in the list of what failed"
    result = Job.fetch(job_id, queue.connection, SERIALIZER).latest_result()
    return str(result.exc_string) if result else ""


def test_a_function_that_is_no_job_is_neither_imported_nor_run(
    plant: Plant, work: Callable[[], str], queue: Queue, bomb: Bomb, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    planted = [
        plant(f"{bomb.name}.go"),
        plant("os.mkdir", str(made)),
        plant("os.mkdir", str(made), retries_left="3", retry_intervals="[0, 0, 0]"),
        # Ours, but no job; and a job's name with something before or behind it.
        plant("worker.jobs.context.is_last_attempt"),
        plant(f"{SEND_MAIL.path}.__globals__"),
        plant(f" {SEND_MAIL.path}"),
        # A method of something that the record brings along.
        plant("format", instance="{0}"),
        plant(SEND_MAIL.path, instance="x"),
        plant(["os", "mkdir"], str(made)),
    ]
    log = work()
    for job_id in planted:
        assert str(RefusedJob()) in why_failed(queue, job_id)
        assert sum(job_id in line and '"event": "job_refused"' in line for line in log.splitlines()) == 1
    assert not bomb.went_off
    assert not made.exists()


def test_nothing_is_called_after_a_job_of_ours(
    plant: Plant, work: Callable[[], str], queue: Queue, bomb: Bomb
) -> None:
    after = dict.fromkeys(
        ("success_callback_name", "failure_callback_name", "stopped_callback_name"), f"{bomb.name}.go"
    )
    fails = plant(SEND_MAIL.path, "no kind of mail", **after)
    succeeds = plant(ENQUEUE_DUE_ERASURES.path, "2026-11-23T12:00Z", **after)
    work()
    assert str(RefusedJob()) not in why_failed(queue, fails)
    assert succeeds in queue.finished_job_registry
    assert not bomb.went_off


def test_later_is_no_way_around_it(
    plant: Plant, work: Callable[[], str], queue: Queue, valkey: Redis, bomb: Bomb
) -> None:
    """What is to be enqueued later, and what seems to have lost its worker, is looked at as well."""
    later = plant(f"{bomb.name}.go", status="scheduled")
    valkey.zadd(queue.scheduled_job_registry.key, {later: time.time() - 60})
    abandoned = plant(f"{bomb.name}.go", status="started", failure_callback_name=f"{bomb.name}.go")
    valkey.zadd(queue.started_job_registry.key, {f"{abandoned}:attempt": time.time() - 60})
    work()
    assert str(RefusedJob()) in why_failed(queue, later)
    assert why_failed(queue, abandoned)
    assert not bomb.went_off
