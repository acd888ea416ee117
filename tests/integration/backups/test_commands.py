"""`python -m worker backup` and its siblings: what they say, and what they end with."""

from __future__ import annotations

import argparse
import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from backend.infra.restoring import MARKS, SCRATCH, check_whole
from tests.commands import Command, run_from_nothing
from tests.commands import run as run_ready
from tests.environment import environment_of
from tests.processes import kill
from tests.waiting import eventually
from worker.backups import commands
from worker.backups.sealing import new_identity
from worker.backups.vault import Vault

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def own(settings: Settings, database: MongoDatabase, folder: Path) -> Settings:
    """Settings for the database of this test."""
    changed = {"database_name": database.name, "backup_url": str(folder)}
    return Settings(_env_file=None, **{**settings.model_dump(), **changed})


@pytest.fixture
def vault(own: Settings) -> Vault:
    return Vault.of(own)


@pytest.fixture
def run(own: Settings, capsys: pytest.CaptureFixture[str]) -> Run:
    """Carry out a command in this process: exit status, standard output, standard error."""

    def run(*arguments: str, **changed: str) -> tuple[int, str, str]:
        parser = argparse.ArgumentParser()
        commands.add_commands(parser.add_subparsers(dest="command"))
        settings = Settings(_env_file=None, **{**own.model_dump(), **changed})
        status = commands.run(parser.parse_args(arguments), settings)
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def process(own: Settings, folder: Path) -> Run:
    """Carry out a command in a process of its own."""

    def process(*arguments: str, **changed: str) -> tuple[int, str, str]:
        start = run_from_nothing if arguments == ("restore", "--drop") else run_ready
        done = start("worker", *arguments, env=environment_of(own, BACKUP_URL=str(folder), **changed))
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout, done.stderr

    return process


def test_made_listed_verified_and_rehearsed(run: Run, database: MongoDatabase, vault: Vault) -> None:
    database.people.insert_many([{"n": n} for n in range(1234)])
    status, said, _ = run("backup")
    name = vault.latest()
    assert (status, said.startswith(f"Made {name}: 1 collections, 1,234 documents")) == (0, True)
    vault.begin(vault.manifest(name).taken_at.replace(year=2020))
    assert run("backups")[1].splitlines()[0].endswith(": unfinished")
    assert run("verify")[:2] == (0, f"Good: {said.removeprefix('Made ')}")
    assert run("verify", name)[0] == 0
    status, said, _ = run("rehearse")
    assert (status, said.startswith("Restored, compared and dropped again")) == (0, True)


def test_pruned_and_before_that_only_said(run: Run, vault: Vault, database: MongoDatabase) -> None:
    database.people.insert_one({})
    run("backup")
    old = vault.begin(vault.manifest(vault.latest()).taken_at.replace(year=2020))
    assert run("prune", "--dry-run")[:2] == (0, f"Would delete {old}.\nKept: 1.\n")
    assert old in vault.begun()
    assert run("prune")[:2] == (0, f"Deleted {old}.\nKept: 1.\n")
    assert old not in vault.begun()


@pytest.mark.parametrize("command", ["verify", "restore", "rehearse"])
def test_without_a_backup_it_says_how_to_make_one(run: Run, command: str) -> None:
    status, _, problem = run(command)
    assert (status, "`make backup` makes one" in problem) == (1, True)


@pytest.mark.parametrize("command", ["backup", "verify", "restore", "prune"])
def test_without_a_key_it_says_how_to_make_one(run: Run, command: str) -> None:
    status, _, problem = run(command, backup_keys="")
    assert (status, "`python -m worker backup-key` makes one" in problem) == (1, True)


def test_a_wrong_key_is_told_and_no_key_is_shown(run: Run, own: Settings, database: MongoDatabase) -> None:
    database.people.insert_one({})
    run("backup")
    wrong = new_identity()[0]
    status, said, problem = run("verify", backup_keys=wrong)
    assert (status, "none of BACKUP_KEYS opens it" in problem) == (1, True)
    assert wrong not in said + problem
    assert own.backup_keys.get_secret_value() not in said + problem


def test_a_place_that_cannot_be_used_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a file").write_text("")
    status, _, problem = run("backup", backup_url=str(tmp_path / "a file"))
    assert (status, problem.startswith("The backups' place cannot be used")) == (1, True)


def test_a_database_that_is_away_is_told(run: Run) -> None:
    away = "mongodb://127.0.0.1:1/?serverSelectionTimeoutMS=200&directConnection=true"
    status, _, problem = run("backup", mongodb_uri=away, mongodb_server_selection_seconds=1)
    assert (status, problem.startswith("MongoDB: ")) == (1, True)


def test_restored_only_over_what_may_go(process: Run, database: MongoDatabase, vault: Vault) -> None:
    database.people.insert_one({"of": "the backup"})
    assert process("backup")[0] == 0
    database.people.update_one({}, {"$set": {"of": "later"}})
    status, _, problem = process("restore")
    assert (status, "is not empty" in problem) == (1, True)
    assert database.people.find_one({}, {"_id": 0}) == {"of": "later"}
    status, said, problem = process("restore", vault.latest(), "--drop")
    assert (status, f"Restored {vault.latest()} into {database.name}" in said) == (0, True), problem
    assert database.people.find_one({}, {"_id": 0}) == {"of": "the backup"}


def test_a_restore_that_could_not_tell_the_cache_says_so_and_is_finished_by_the_next(
    process: Run, database: MongoDatabase, vault: Vault
) -> None:
    database.people.insert_one({})
    assert process("backup")[0] == 0
    asked = ("restore", vault.latest(), "--drop")
    status, _, problem = process(*asked, REDIS_URL="redis://127.0.0.1:1/0")
    assert (status, "what is cached could not be forgotten" in problem) == (1, True), problem
    assert database[MARKS].find_one({}) is not None
    status, said, problem = process(*asked)
    assert (status, "Finished the restore" in said) == (0, True), problem


def test_restored_beside_it(process: Run, database: MongoDatabase) -> None:
    database.people.insert_one({"of": "the backup"})
    process("backup")
    other = f"{database.name}_other"
    assert process("restore", "--into", other)[0] == 0
    assert database.client[other].people.find_one({}, {"_id": 0}) == {"of": "the backup"}
    status, _, problem = process("restore", "--into", "no/name")
    assert (status, "--into" in problem) == (1, True)


def test_a_restore_killed_half_way_changes_nothing_and_can_be_done_again(
    process: Run, own: Settings, folder: Path, database: MongoDatabase
) -> None:
    database.people.insert_many([{"_id": n, "noise": secrets.token_bytes(20_000)} for n in range(1_500)])
    assert process("backup")[0] == 0
    database.people.delete_many({"_id": {"$gt": 10}})
    with Command("worker", "restore", "--drop", env=environment_of(own, BACKUP_URL=str(folder))) as killed:
        eventually(lambda: f"{SCRATCH}people" in database.list_collection_names(), every=0.01)
        kill(killed.pid)
    assert database.people.count_documents({}) == 11
    check_whole(database)
    status, _, problem = process("restore", "--drop")
    assert status == 0, problem
    assert database.people.count_documents({}) == 1_500
    assert not any(name.startswith(MARKS) for name in database.list_collection_names())


def test_a_key_is_made_without_any_settings() -> None:
    made = run_from_nothing("worker", "backup-key", env={"APP_ENV": "production"}).stdout
    comment, key = made.splitlines()
    assert comment.startswith("# ")
    assert key.startswith("AGE-SECRET-KEY-1")
