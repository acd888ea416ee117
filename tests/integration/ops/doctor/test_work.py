"""What is said of keys, backups, workers and crons."""

from __future__ import annotations

import secrets
from datetime import timedelta
from pathlib import Path

import pytest
import svcs
from bson import ObjectId
from pydantic import SecretStr
from rq import Worker

from backend.infra.backup_figures import BackupFigures
from backend.infra.jobs import RUN_BACKUP, queues_of
from backend.infra.mongo import MongoDatabase
from backend.infra.process_figures import ProcessFigures
from backend.infra.valkey import Valkey
from backend.jobs.runs import JobRuns
from backend.key_format import new_key
from backend.ops.doctor import work
from backend.users.data_keys import UserKeys
from tests.integration.ops.doctor.conftest import Examine
from tests.set_clock import SetClock

NONE = SecretStr("")


@pytest.fixture
def own() -> dict[str, str]:
    """An installation of this test's own in the same Valkey."""
    return {"redis_prefix": f"t{secrets.token_hex(4)}:"}


def test_keys_that_are_set(examine: Examine) -> None:
    assert examine(work.keys) == ["ok keys: DATA_KEYS, LEDGER_KEY and BACKUP_KEYS are set"]


@pytest.mark.parametrize(("env", "level"), [("development", "warn"), ("production", "fail")])
def test_keys_that_are_not(examine: Examine, env: str, level: str) -> None:
    lines = examine(work.keys, app_env=env, data_keys=NONE, ledger_key=NONE, backup_keys=NONE)
    assert [line.split(" is ")[0] for line in lines] == [
        f"{level} keys: {name}" for name in ("DATA_KEYS", "LEDGER_KEY", "BACKUP_KEYS")
    ]
    assert "SECRET_KEY stands in" in lines[0]


def test_a_key_that_somebody_took_away(examine: Examine, services: svcs.Container) -> None:
    keys, somebody = services.get(UserKeys), ObjectId()
    keys.for_sealing(somebody)
    try:
        # Other tests leave what they sealed, with keys that nobody has.
        assert not [line for line in examine(work.data_keys) if "'k1'" in line]
        lines = examine(work.data_keys, data_keys=SecretStr(new_key("k2")))
        (line,) = (line for line in lines if "'k1'" in line)
        assert line.startswith("fail data keys: what ")
        assert "'k1', which is not there -> Put it back into DATA_KEYS" in line
    finally:
        keys.destroy(somebody)


def test_a_file_of_flags(examine: Examine, tmp_path: Path) -> None:
    file = tmp_path / "flags.toml"
    assert examine(work.flags) == ["ok flags: no FLAGS_FILE"]
    file.write_text("guests = false")
    assert examine(work.flags, flags_file=file) == ["ok flags: guests off"]
    file.write_text("gusets = false")
    (line,) = examine(work.flags, flags_file=file)
    assert line.startswith("fail flags: FLAGS_FILE: no such flag: gusets")


def test_the_age_of_the_last_backup(examine: Examine, services: svcs.Container, own: dict[str, str]) -> None:
    clock = SetClock()
    elsewhere = own | {"database_name": f"test_{secrets.token_hex(4)}"}
    (line,) = examine(work.backups, clock=clock, **elsewhere)
    assert line.startswith("warn backups: not known of any")
    database = services.get(MongoDatabase).client[elsewhere["database_name"]]
    try:
        runs = JobRuns(database, clock)
        runs.end(runs.begin(RUN_BACKUP.name, "some night"), {})
        clock.advance(hours=52)
        (line,) = examine(work.backups, clock=clock, **elsewhere)
        assert line.startswith("fail backups: the last nightly one is 52 h old -> ")
    finally:
        database.client.drop_database(database.name)
    figures = BackupFigures(services.get(Valkey), own["redis_prefix"])
    for hours, level in ((1, "ok"), (28, "warn")):
        figures.note(RUN_BACKUP, clock.now() - timedelta(hours=hours))
        (line,) = examine(work.backups, clock=clock, **elsewhere)
        assert line.startswith(f"{level} backups: the last nightly one is {hours} h old")


def test_workers(examine: Examine, services: svcs.Container, own: dict[str, str]) -> None:
    (line,) = examine(work.workers, **own)
    assert line == "fail worker: none is there, 0 jobs waiting -> Start one: `python -m worker run`."
    queues = queues_of(services.get(Valkey), own["redis_prefix"])
    worker = Worker(list(queues.values()), connection=services.get(Valkey))
    worker.register_birth()
    try:
        assert examine(work.workers, **own) == ["ok worker: 1 worker, 0 jobs waiting"]
        job = queues["bulk"].enqueue("worker.jobs.nothing")
        queues["bulk"].failed_job_registry.add(job, ttl=60)
        alive, dead = examine(work.workers, **own)
        assert alive == "ok worker: 1 worker, 1 job waiting"
        assert dead.startswith("warn jobs: 1 job failed for good")
    finally:
        worker.register_death()
        for queue in queues.values():
            queue.failed_job_registry.cleanup()
            services.get(Valkey).delete(queue.failed_job_registry.key)
            queue.delete(delete_jobs=True)


def test_crons(examine: Examine, services: svcs.Container, own: dict[str, str]) -> None:
    clock = SetClock()
    assert examine(work.cron, clock=clock, **own) == [
        "fail cron: none was ever there -> Start one: `python -m worker cron`."
    ]
    figures = ProcessFigures(services.get(Valkey), own["redis_prefix"])
    figures.note_alive("cron", clock.now().timestamp())
    assert examine(work.cron, clock=clock, **own) == ["ok cron: at work"]
    clock.advance(minutes=10)
    (line,) = examine(work.cron, clock=clock, **own)
    assert line.startswith("fail cron: the last was there 10 min ago")
