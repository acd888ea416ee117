"""`restore --forget-valkey`: what Valkey held for this installation is gone, and nothing else."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from redis import Redis

from backend.config import Settings
from backend.infra import valkey
from backend.infra.jobs import RUN_BACKUP, RUN_RETENTION, JobQueue, queues_of
from backend.infra.mongo import MongoDatabase
from tests import commands
from tests.environment import environment_of
from tests.integration.backups.installation import held
from worker.backups.errors import BackupError
from worker.backups.forgetting import forget_valkey


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
def neighbour(own: Settings) -> Settings:
    """Another one on the same Valkey, whose prefix ends with ours."""
    return own.model_copy(update={"redis_prefix": f"x{own.redis_prefix}"})


@pytest.fixture
def client(own: Settings) -> Iterator[Redis]:
    with closing(valkey.connect(own)) as client:
        yield client


def use(client: Redis, prefix: str) -> None:
    """What a running installation leaves: keys, counts of requests, and jobs in every state."""
    client.set(f"{prefix}deadlines", 1)
    client.set(f"{prefix}s:{{1}}:head", 1)
    client.set(f"LIMITS:LIMITER/{prefix}limit/user:1/default/5/1/minute", 1)
    jobs = JobQueue(client, prefix)
    for night in ("1", "2", "3"):
        jobs.enqueue(RUN_RETENTION, night, period=night)
    jobs.enqueue(RUN_BACKUP, "1", period="1")
    jobs.count_end("run_backup", "done", 1.0)
    bulk = queues_of(client, prefix)["bulk"]
    failed, waits, *_ = bulk.get_jobs()
    bulk.failed_job_registry.add(failed, ttl=100)
    bulk.scheduled_job_registry.add(waits, ttl=100)
    client.zadd(bulk.started_job_registry.key, {f"{waits.id}:run": 10**10})


def test_ours_goes_and_our_neighbours_stays(own: Settings, neighbour: Settings, client: Redis) -> None:
    use(client, own.redis_prefix)
    client.set(f"{own.redis_prefix}audit:queue", "not written yet")
    before = held(client, own.redis_prefix)
    use(client, neighbour.redis_prefix)
    theirs = held(client, neighbour.redis_prefix)
    assert len(theirs) > 10
    assert forget_valkey(own) >= len(before) / 2
    assert held(client, own.redis_prefix).keys() - theirs.keys() == {
        f"{own.redis_prefix}audit:queue".encode()
    }
    assert held(client, neighbour.redis_prefix) == theirs
    assert b"rq:queue:" + own.redis_prefix.encode() + b"bulk" not in client.smembers("rq:queues")
    assert sum(JobQueue(client, neighbour.redis_prefix).waiting().values()) == 4


def test_without_a_prefix_it_refuses(own: Settings) -> None:
    with pytest.raises(BackupError, match="REDIS_PREFIX is empty"):
        forget_valkey(own.model_copy(update={"redis_prefix": ""}))


def test_a_restore_forgets_only_when_it_has_restored(
    own: Settings, folder: Path, client: Redis, database: MongoDatabase
) -> None:
    def run(*arguments: str) -> CompletedProcess[str]:
        return commands.run("worker", *arguments, env=environment_of(own, BACKUP_URL=str(folder)))

    database.people.insert_one({"n": 1})
    assert run("backup").returncode == 0
    client.set(f"{own.redis_prefix}deadlines", 1)
    refused = run("restore", "--forget-valkey")
    assert (refused.returncode, "is not empty" in refused.stderr) == (1, True)
    elsewhere = run("restore", "--forget-valkey", "--into", f"{database.name}_other")
    assert (elsewhere.returncode, "--forget-valkey" in elsewhere.stderr) == (1, True)
    assert client.exists(f"{own.redis_prefix}deadlines")
    done = run("restore", "--forget-valkey", "--drop")
    assert done.returncode == 0, done.stderr
    assert "Forgotten in Valkey:" in done.stdout
    assert not client.exists(f"{own.redis_prefix}deadlines")
