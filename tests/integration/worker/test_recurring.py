"""Recurring jobs, enqueued by real crons and done by a real worker: once in each period."""

from __future__ import annotations

from redis import Redis

from backend.infra.jobs import JobQueue
from backend.infra.mongo import MongoDatabase
from tests.integration.worker.conftest import Process, Start, current_night, retentions_in
from tests.waiting import eventually


def has_looked(cron: Process) -> bool:
    """Whether it has looked after the retention of the current night, among all that it looks after."""
    return any("recurring_job_seen_to" in line and "run_retention" in line for line in cron.log.splitlines())


def test_many_crons_at_once_enqueue_one_retention_a_night(start: Start, valkey: Redis, prefix: str) -> None:
    crons = [start("cron") for _ in range(5)]
    for cron in crons:
        eventually(lambda cron=cron: has_looked(cron), seconds=60)
    assert retentions_in(valkey, prefix) == [current_night()]
    assert sum(cron.log.count('"job": "run_retention", "period"') for cron in crons) == 1
    for cron in crons:
        assert cron.stop() == 0


def test_a_night_that_is_done_is_not_repeated_though_valkey_was_emptied(
    start: Start, valkey: Redis, prefix: str, own_database: MongoDatabase
) -> None:
    cron = start("cron")
    eventually(lambda: retentions_in(valkey, prefix), seconds=30)
    cron.stop()
    worker = start("run", "--burst")
    eventually(lambda: JobQueue(valkey, prefix).ended().get(("run_retention", "done")) == 1, seconds=30)
    eventually(lambda: '"event": "stopped"' in worker.log, seconds=30)
    assert '"event": "retention_ran"' in worker.log
    run = own_database["job_runs"].find_one({"job": "run_retention"})
    assert (run["period"], run["done_at"] is not None) == (current_night(), True)
    assert run["result"]["sessions"] == 0

    forgotten = list(valkey.scan_iter(f"rq:*{prefix.strip(':')}*"))
    valkey.delete(*forgotten)
    again = start("cron")
    eventually(lambda: has_looked(again), seconds=30)
    assert retentions_in(valkey, prefix) == []
    assert again.stop() == 0
