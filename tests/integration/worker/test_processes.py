"""The worker and the cron as real processes: they start, stop, and wait for Valkey."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from redis import Redis

from backend.infra.jobs import RUN_RETENTION, JobQueue
from deploy.local.embedded import EmbeddedValkey
from tests.commands import run_from_nothing
from tests.integration.worker.conftest import Start
from tests.waiting import eventually


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", ["run", "cron"])
def test_they_stop_cleanly_when_asked(start: Start, command: str, by: signal.Signals) -> None:
    process = start(command)
    ready = "recurring_job_seen_to" if command == "cron" else "Listening on"
    eventually(lambda: ready in process.log, seconds=30)
    assert process.stop(by) == 0
    assert "Traceback" not in process.log


def test_the_next_run_is_at_three_utc_whatever_the_machines_zone(start: Start, valkey: Redis) -> None:
    cron = start("cron")
    eventually(lambda: "recurring_job_seen_to" in cron.log, seconds=30)

    def planned() -> bytes | None:
        schedulers = [valkey.hgetall(key) for key in valkey.scan_iter("rq:cron_scheduler:*")]
        return next(
            (found[b"cron_jobs"] for found in schedulers if found.get(b"pid") == str(cron.pid).encode()), None
        )

    eventually(planned)
    assert b"T03:00:00" in planned()
    cron.stop()


def test_a_worker_waits_for_valkey_and_then_works(start: Start, tmp_path: Path, prefix: str) -> None:
    with EmbeddedValkey(tmp_path / "valkey", tmp_path) as server:
        url = server.uri
    worker = start("run", REDIS_URL=url)
    eventually(lambda: "valkey_away" in worker.log, seconds=30)
    with EmbeddedValkey(tmp_path / "valkey", tmp_path) as server, Redis.from_url(server.uri) as connection:
        jobs = JobQueue(connection, prefix)
        jobs.enqueue(RUN_RETENTION, "once", period="once")
        eventually(lambda: jobs.ended() == {("run_retention", "done"): 1}, seconds=30)
        assert worker.stop() == 0


def test_a_worker_outlives_a_killed_valkey(start: Start, tmp_path: Path, prefix: str) -> None:
    with EmbeddedValkey(tmp_path / "valkey", tmp_path) as server:
        worker = start("run", REDIS_URL=server.uri)
        eventually(lambda: "Listening on" in worker.log, seconds=30)
        os.kill(server.pid, signal.SIGKILL)
    with EmbeddedValkey(tmp_path / "valkey", tmp_path) as server, Redis.from_url(server.uri) as connection:
        jobs = JobQueue(connection, prefix)
        jobs.enqueue(RUN_RETENTION, "once", period="once")
        eventually(lambda: jobs.ended() == {("run_retention", "done"): 1}, seconds=60)
        assert worker.stop() == 0


@pytest.mark.parametrize("command", ["run", "cron"])
def test_they_stop_cleanly_while_valkey_is_away(start: Start, tmp_path: Path, command: str) -> None:
    process = start(command, REDIS_URL=f"unix://{tmp_path}/nobody.sock")
    eventually(lambda: "valkey_away" in process.log, seconds=30)
    assert process.stop() == 0


def test_wrong_settings_are_one_message_and_no_traceback(environment: dict[str, str]) -> None:
    wrong = {**environment, "SECRET_KEY": "", "PORT": "0", "MONGODB_URI": ""}
    done = run_from_nothing("worker", "run", env=wrong)
    assert done.returncode == 1
    assert "these settings need attention" in done.stderr
    assert "PORT" in done.stderr
    assert "Traceback" not in done.stderr
