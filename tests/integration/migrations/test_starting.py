"""What processes do with a database of a newer version, and the commands that move one."""

from __future__ import annotations

import subprocess

import pytest
import structlog
from pymongo import MongoClient

from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from backend.migrations.record import COLLECTION
from backend.migrations.schema import NewerSchema, SchemaGate
from backend.migrations.steps import STEPS
from tests.commands import run, run_from_nothing
from tests.environment import environment_of

NEWEST = STEPS[-1].name


@pytest.fixture
def newer(database: MongoDatabase) -> None:
    """A newer version was here."""
    done = [{"_id": step.name} for step in STEPS]
    database[COLLECTION].insert_many([*done, {"_id": "9999_from_the_future"}])


def command(own: Settings, *words: str) -> subprocess.CompletedProcess[str]:
    return run(*words, env=environment_of(own))


def said_what_to_do(refused: subprocess.CompletedProcess[str]) -> bool:
    assert "Traceback" not in refused.stderr
    return "9999_from_the_future" in refused.stderr and f"migrate --to {NEWEST}" in refused.stderr


@pytest.mark.usefixtures("newer")
def test_the_api_does_not_start(own: Settings) -> None:
    refused = run_from_nothing("gunicorn", "--check-config", "wsgi:app", env=environment_of(own))
    assert refused.returncode != 0
    assert said_what_to_do(refused)


@pytest.mark.usefixtures("newer")
@pytest.mark.parametrize("process", [("run", "--burst"), ("cron",), ("retention", "--dry-run")])
def test_worker_and_cron_do_not_start(own: Settings, process: tuple[str, ...]) -> None:
    refused = command(own, "worker", *process)
    assert refused.returncode == 1
    assert said_what_to_do(refused)


@pytest.mark.usefixtures("newer")
@pytest.mark.parametrize("asked", [("prepare",), ("migrate",), ("migrate", "--to", "1")])
def test_nor_do_commands_touch_it(own: Settings, asked: tuple[str, ...], database: MongoDatabase) -> None:
    refused = command(own, "backend", *asked)
    assert refused.returncode == 1
    assert said_what_to_do(refused)
    assert database.list_collection_names() == [COLLECTION]


def test_a_process_that_started_before_goes_on(database: MongoDatabase) -> None:
    gate = SchemaGate(database)
    gate.at_start()
    database[COLLECTION].insert_one({"_id": "9999_from_the_future"})
    gate.ping(database)
    with pytest.raises(NewerSchema):
        SchemaGate(database).ping(database)


@pytest.mark.usefixtures("newer")
def test_where_mongodb_was_away_it_is_looked_at_when_it_is_back(database: MongoDatabase) -> None:
    with MongoClient("mongodb://127.0.0.1:9/?directConnection=true") as away:
        gate = SchemaGate(away[database.name])
        with structlog.testing.capture_logs() as logs:
            gate.at_start()
    # Other tests' rooms may have something to say meanwhile.
    assert [line["event"] for line in logs if line["event"].startswith("schema")] == ["schema_not_checked"]
    with pytest.raises(NewerSchema):
        gate.ping(database)


def test_a_database_that_lags_behind_is_told_of(database: MongoDatabase) -> None:
    with structlog.testing.capture_logs() as logs:
        SchemaGate(database).at_start()
    (told,) = (line for line in logs if line["event"] == "schema_behind")
    assert told["pending"] == [step.name for step in STEPS]


def test_preparing_migrates_and_migrating_goes_there_and_back(own: Settings, database: MongoDatabase) -> None:
    database.sessions.insert_one({"code": "ABC234"})
    assert command(own, "backend", "prepare").returncode == 0
    assert database.sessions.find_one({"ending": False}) is not None
    idle = command(own, "backend", "migrate")
    assert (idle.returncode, idle.stdout) == (0, "There is nothing to do: the database has that schema.\n")
    planned = command(own, "backend", "migrate", "--to", "1", "--dry-run")
    assert "would do: down 0002_fill_session_fields: " in planned.stdout
    assert database.sessions.find_one({"ending": False}) is not None
    back = command(own, "backend", "migrate", "--to", "1")
    assert (back.returncode, back.stdout[:4]) == (0, "down")
    assert database.sessions.find_one({"ending": False}) is None
    wrong = command(own, "backend", "migrate", "--to", "0099_nothing")
    assert (wrong.returncode, "0001_baseline" in wrong.stderr) == (1, True)


@pytest.mark.parametrize("asked", ["prepare", "migrate"])
def test_that_the_cache_could_not_be_told_is_said(own: Settings, asked: str) -> None:
    done = run("backend", asked, env=environment_of(own, REDIS_URL="redis://127.0.0.1:1/0"), timeout=100)
    assert (done.returncode, "what is cached could not be forgotten" in done.stderr) == (1, True)
    assert "run the same command again" in done.stderr
