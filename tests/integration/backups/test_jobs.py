"""The nightly backup and the monthly rehearsal, by real workers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import pytest

from backend.config import Settings
from backend.infra import valkey
from backend.infra.backup_figures import BackupFigures
from backend.infra.jobs import REHEARSE_RESTORE, RUN_BACKUP, JobKind, JobQueue
from backend.infra.mongo import MongoDatabase
from backend.jobs.recurring import RecurringJobs
from backend.jobs.runs import JobRuns
from tests.commands import Command, run
from tests.environment import environment_of
from tests.integration.backups.installation import let_the_second_pass
from tests.processes import kill
from tests.set_clock import SetClock
from tests.waiting import eventually
from worker.backups.sealing import new_identity
from worker.backups.vault import Vault
from worker.backups.verifying import verify

COMMAND = ("worker", "run", "--burst")


@pytest.fixture
def own(settings: Settings, database: MongoDatabase, folder: Path) -> Settings:
    """An installation of this test's own."""
    changed = {
        "database_name": database.name,
        "backup_url": str(folder),
        "redis_prefix": f"t{secrets.token_hex(4)}:",
    }
    return Settings(_env_file=None, **{**settings.model_dump(), **changed})


@pytest.fixture
def vault(own: Settings) -> Vault:
    return Vault.of(own)


@pytest.fixture
def jobs(own: Settings) -> Iterator[JobQueue]:
    with closing(valkey.connect(own)) as client:
        yield JobQueue(client, own.redis_prefix)


Work = Callable[..., str]


@pytest.fixture
def environment(own: Settings, folder: Path) -> dict[str, str]:
    return environment_of(own, BACKUP_URL=str(folder))


@pytest.fixture
def work(environment: dict[str, str], jobs: JobQueue) -> Work:
    """Have a real worker do one job; returns its log."""

    def work(kind: JobKind, period: str, **changed: str) -> str:
        jobs.replace(kind, period, period=period)
        done = run(*COMMAND, env={**environment, **changed})
        assert done.returncode == 0, done.stderr
        return done.stderr

    return work


def run_of(database: MongoDatabase, kind: JobKind) -> dict[str, Any]:
    """What is noted of the last run."""
    return database.job_runs.find_one({"job": kind.name}, sort=[("asked_at", -1)]) or {}


@pytest.fixture
def tonight() -> str:
    """The period of now, taken once: midnight may come within a test."""
    return f"{datetime.now(UTC):%Y-%m-%dT00:00Z}"


def last_success(own: Settings, kind: JobKind) -> float | None:
    """As /metrics tells it."""
    with closing(valkey.connect(own)) as client:
        return BackupFigures(client, own.redis_prefix).last(kind)


def test_a_night_and_the_rehearsal_after_it(
    work: Work, own: Settings, database: MongoDatabase, vault: Vault, tonight: str
) -> None:
    began = time.time()
    database.people.insert_many([{"n": n} for n in range(500)])
    old = vault.begin(datetime(2020, 1, 1, tzinfo=UTC))
    work(RUN_BACKUP, tonight)
    made = verify(vault, vault.latest())
    noted = run_of(database, RUN_BACKUP)
    assert noted["outcome"] == "done"
    assert last_success(own, RUN_BACKUP) >= began
    assert last_success(own, REHEARSE_RESTORE) is None
    assert noted["result"] == {"documents": made.documents, "bytes": made.sealed_bytes, "pruned": 1}
    assert old not in vault.begun()
    work(RUN_BACKUP, tonight)  # tried again although it was done
    assert vault.complete() == [made.name]

    assert '"backup_rehearsed"' in work(REHEARSE_RESTORE, "2026-11-01T05:00Z")
    rehearsed = run_of(database, REHEARSE_RESTORE)
    assert rehearsed["result"] == {"collections": len(made.collections), "documents": made.documents}
    assert last_success(own, REHEARSE_RESTORE) >= began
    assert f"{database.name}-rehearsal" not in database.client.list_database_names()


def test_a_rehearsal_that_fails_is_not_done(  # noqa: PLR0917  # fixtures
    work: Work, own: Settings, database: MongoDatabase, vault: Vault, folder: Path, tonight: str
) -> None:
    database.people.insert_one({"n": 1})
    work(RUN_BACKUP, tonight)
    file = folder / vault.latest() / database.name / "people.bson.gz.age"
    file.write_bytes(file.read_bytes()[:-1])
    assert "people.bson.gz.age: it was changed or cut off" in work(REHEARSE_RESTORE, "2026-11-01T05:00Z")
    assert run_of(database, REHEARSE_RESTORE).get("done_at") is None
    assert last_success(own, REHEARSE_RESTORE) is None
    assert f"{database.name}-rehearsal" not in database.client.list_database_names()


@pytest.mark.parametrize("kind", [RUN_BACKUP, REHEARSE_RESTORE], ids=lambda kind: kind.name)
def test_without_a_key_it_is_skipped_and_asked_for_again(  # noqa: PLR0917  # fixtures
    work: Work,
    own: Settings,
    jobs: JobQueue,
    database: MongoDatabase,
    folder: Path,
    kind: JobKind,
    tonight: str,
) -> None:
    log = work(kind, tonight, BACKUP_KEYS="")
    assert '"job_skipped"' in log
    assert "Traceback" not in log
    noted = run_of(database, kind)
    assert (noted["outcome"], noted.get("done_at")) == ("skipped", None)
    assert noted["because"].startswith("BACKUP_KEYS is not set")
    assert jobs.ended() == {(kind.name, "skipped"): 1}
    assert last_success(own, kind) is None
    assert not folder.exists()
    clock = SetClock()
    recurring = RecurringJobs(JobRuns(database, clock), jobs)
    assert not recurring.see_to(kind, tonight)
    clock.advance(days=1, seconds=1)
    assert recurring.see_to(kind, tonight)


def test_with_a_key_that_only_encrypts_the_rehearsal_is_skipped(
    work: Work, own: Settings, jobs: JobQueue, database: MongoDatabase, tonight: str
) -> None:
    recipient = new_identity()[1]
    database.people.insert_one({"n": 1})
    work(RUN_BACKUP, tonight, BACKUP_KEYS=recipient)
    work(REHEARSE_RESTORE, tonight, BACKUP_KEYS=recipient)
    assert jobs.ended() == {(RUN_BACKUP.name, "done"): 1, (REHEARSE_RESTORE.name, "skipped"): 1}
    assert last_success(own, REHEARSE_RESTORE) is None


def test_killed_half_way_and_done_again(  # noqa: PLR0917  # fixtures
    work: Work,
    jobs: JobQueue,
    environment: dict[str, str],
    database: MongoDatabase,
    vault: Vault,
    tonight: str,
) -> None:
    database.people.insert_many([{"n": n, "noise": secrets.token_bytes(20_000)} for n in range(1_500)])
    jobs.replace(RUN_BACKUP, tonight, period=tonight)
    with Command(*COMMAND, env=environment) as worker:
        eventually(vault.begun, every=0.01)
        for process in (*psutil.Process(worker.pid).children(), worker):
            kill(process.pid)
    assert list(vault.begun().values()) == [False]
    let_the_second_pass(vault)
    work(RUN_BACKUP, tonight)
    assert sorted(vault.begun().values()) == [False, True]
    assert verify(vault, vault.latest()).collections[-1].documents == 1_500
