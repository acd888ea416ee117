"""Retention in processes of its own: by hand, and killed in the middle."""

from __future__ import annotations

from collections.abc import Iterator

import psutil
import pytest
import svcs
from bson import ObjectId

from backend.infra.jobs import RUN_RETENTION, JobQueue
from backend.infra.mongo import MongoDatabase
from tests.commands import Command, run, run_from_nothing
from tests.integration.compliance.half_way import hold_last_made_up_session, old_sessions
from tests.waiting import eventually

pytestmark = [pytest.mark.long, pytest.mark.compliance]

MANY = 600


@pytest.fixture
def database(services: svcs.Container) -> Iterator[MongoDatabase]:
    database = services.get(MongoDatabase)
    yield database
    for name in ("sessions", "swipes"):
        database[name].delete_many({"made_up": True})


def left(database: MongoDatabase) -> tuple[int, int]:
    """How many made-up sessions and swipes there are."""
    counts = [database[name].count_documents({"made_up": True}) for name in ("sessions", "swipes")]
    return counts[0], counts[1]


def test_by_hand_it_says_what_would_go_and_then_does_it(
    database: MongoDatabase, worker_environment: dict[str, str]
) -> None:
    old_sessions(database, 3, days_ago=91)
    old_sessions(database, 2, days_ago=89)

    def retention(*arguments: str) -> list[str]:
        """The row about sessions."""
        start = run_from_nothing if not arguments else run
        done = start("worker", "retention", *arguments, env=worker_environment)
        assert done.returncode == 0, done.stderr
        rows = [line.split("  ") for line in done.stdout.splitlines()]
        return next([cell.strip() for cell in row if cell.strip()] for row in rows if row[0] == "sessions")

    would_go = retention("--dry-run")
    assert (would_go[1], would_go[-1]) == ("3", "90 days after they ended.")
    assert left(database) == (5, 5)
    assert retention()[1] == "3"
    assert left(database) == (2, 2)
    assert retention("--dry-run")[1] == "0"


@pytest.mark.timeout(300)
def test_killed_in_the_middle_it_is_taken_up_again_and_ends_right(
    database: MongoDatabase, services: svcs.Container, worker_environment: dict[str, str]
) -> None:
    old_sessions(database, MANY, days_ago=91)
    old_sessions(database, 1, days_ago=89)
    period = f"killed {ObjectId()}"
    services.get(JobQueue).enqueue(RUN_RETENTION, period, period=period)
    with (
        hold_last_made_up_session(database) as hold,
        Command("worker", "run", env=worker_environment) as worker,
    ):
        eventually(lambda: left(database)[0] < MANY, seconds=60)
        max(psutil.Process(worker.pid).children(), key=lambda child: child.create_time()).kill()
        sessions, swipes = left(database)
        assert 1 < sessions < MANY
        assert swipes <= sessions
        hold.release()
        eventually(lambda: left(database) == (1, 1), seconds=60)
        ended = {"job": RUN_RETENTION.name, "period": period, "done_at": {"$ne": None}}
        eventually(lambda: database["job_runs"].find_one(ended), seconds=60)
        assert worker.stop() == 0
