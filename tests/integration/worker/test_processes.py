"""The worker and the cron as real processes: they start, stop, wait for Valkey, and never double a job."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue

from backend.config import Settings
from backend.infra.jobs import QUEUES, RUN_RETENTION, SERIALIZER, JobQueue, queue_key
from deploy.local.embedded import EmbeddedValkey
from tests.environment import environment_of
from tests.waiting import eventually
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
    def log(self) -> str:
        return self.log_file.read_text()

    def stop(self, by: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to stop; its exit status."""
        self._process.send_signal(by)
        return self._process.wait(timeout=20)

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
def environment(settings: Settings, prefix: str) -> dict[str, str]:
    return environment_of(
        settings, DATABASE_NAME=f"test_{prefix.strip(':')}", REDIS_PREFIX=prefix, TZ="Pacific/Auckland"
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


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", ["run", "cron"])
def test_they_stop_cleanly_when_asked(start: Start, command: str, by: signal.Signals) -> None:
    process = start(command)
    ready = "cron_entry_called" if command == "cron" else "Listening on"
    eventually(lambda: ready in process.log, seconds=30)
    assert process.stop(by) == 0
    assert "Traceback" not in process.log


def test_two_crons_enqueue_one_retention_a_night(start: Start, valkey: Redis, prefix: str) -> None:
    crons = [start("cron"), start("cron")]
    for cron in crons:
        eventually(lambda cron=cron: "cron_entry_called" in cron.log, seconds=30)
    assert retentions_in(valkey, prefix) == [current_night()]
    for cron in crons:
        assert cron.stop() == 0


def test_the_next_run_is_at_three_utc_whatever_the_machines_zone(start: Start, valkey: Redis) -> None:
    cron = start("cron")
    eventually(lambda: "cron_entry_called" in cron.log, seconds=30)

    def planned() -> bytes | None:
        schedulers = [valkey.hgetall(key) for key in valkey.scan_iter("rq:cron_scheduler:*")]
        return next((found[b"cron_jobs"] for found in schedulers if found.get(b"pid") == _pid(cron)), None)

    eventually(planned)
    assert b"T03:00:00" in planned()
    cron.stop()


def _pid(process: Process) -> bytes:
    return str(process._process.pid).encode()


def test_a_worker_runs_the_retention_that_the_cron_enqueued(start: Start, valkey: Redis, prefix: str) -> None:
    cron = start("cron")
    eventually(lambda: retentions_in(valkey, prefix), seconds=30)
    cron.stop()
    worker = start("run", "--burst")
    eventually(lambda: JobQueue(valkey, prefix).ended().get(("run_retention", "done")) == 1, seconds=30)
    eventually(lambda: '"event": "stopped"' in worker.log, seconds=30)
    assert '"event": "retention_ran"' in worker.log
    # The night is done: asking again, as a restarted cron does, begins nothing.
    assert not JobQueue(valkey, prefix).enqueue_once(RUN_RETENTION, current_night())


def test_a_worker_waits_for_valkey_and_then_works(start: Start, tmp_path: Path, prefix: str) -> None:
    with EmbeddedValkey(tmp_path / "valkey", tmp_path) as server:
        url = server.uri
    worker = start("run", REDIS_URL=url)
    eventually(lambda: "valkey_away" in worker.log, seconds=30)
    with EmbeddedValkey(tmp_path / "valkey", tmp_path) as server, Redis.from_url(server.uri) as connection:
        jobs = JobQueue(connection, prefix)
        jobs.enqueue(RUN_RETENTION, "once")
        eventually(lambda: jobs.ended() == {("run_retention", "done"): 1}, seconds=30)
        assert worker.stop() == 0


def test_a_worker_outlives_a_killed_valkey(start: Start, tmp_path: Path, prefix: str) -> None:
    with EmbeddedValkey(tmp_path / "valkey", tmp_path) as server:
        worker = start("run", REDIS_URL=server.uri)
        eventually(lambda: "Listening on" in worker.log, seconds=30)
        os.kill(server.pid, signal.SIGKILL)
    with EmbeddedValkey(tmp_path / "valkey", tmp_path) as server, Redis.from_url(server.uri) as connection:
        jobs = JobQueue(connection, prefix)
        jobs.enqueue(RUN_RETENTION, "once")
        eventually(lambda: jobs.ended() == {("run_retention", "done"): 1}, seconds=60)
        assert worker.stop() == 0


@pytest.mark.parametrize("command", ["run", "cron"])
def test_they_stop_cleanly_while_valkey_is_away(start: Start, tmp_path: Path, command: str) -> None:
    process = start(command, REDIS_URL=f"unix://{tmp_path}/nobody.sock")
    eventually(lambda: "valkey_away" in process.log, seconds=30)
    assert process.stop() == 0


def test_wrong_settings_are_one_message_and_no_traceback(environment: dict[str, str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "worker", "run"],
        cwd=ROOT,
        env={**environment, "SECRET_KEY": "", "PORT": "0", "MONGODB_URI": ""},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "these settings need attention" in done.stderr
    assert "PORT" in done.stderr
    assert "Traceback" not in done.stderr
