"""Who had asked to be erased when a backup was made, and may have cancelled it since, is asked again by a restore."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import svcs
from bson import ObjectId

from backend.compliance.erasure.tombstones import FOLDER, Tombstones
from backend.infra.keys import ledger_of
from backend.infra.mongo import MongoDatabase
from backend.infra.storage import storage_of
from tests.conftest import Account
from tests.integration.backups.installation import Installation, copy_database, let_the_second_pass
from tests.raw_search import Words, find_in_mongo
from worker.backups.vault import Vault

pytestmark = pytest.mark.compliance

GRACE = timedelta(days=14)


@pytest.fixture
def bo(register: Callable[..., Account]) -> Account:
    """Somebody who has asked to be erased."""
    bo = register("Bo")
    assert bo.post("/compliance/erasure", {"password": bo.password}).status_code == 202
    return bo


@pytest.fixture
def backed_up(installation: Installation, services: svcs.Container, bo: Account) -> Installation:
    """When the backup was made the day had almost come; it has by now."""
    copy_database(services.get(MongoDatabase), installation.database)
    day = {"$set": {"due_at": datetime.now(UTC) - timedelta(days=1)}}
    installation.database.erasures.update_one({"user": ObjectId(bo.id)}, day)
    installation.worker("backup")
    return installation


def lose(installation: Installation) -> None:
    installation.database.client.drop_database(installation.database.name)


def erasure_of(account: Account, installation: Installation) -> dict[str, Any]:
    found = installation.database.erasures.find_one({"user": ObjectId(account.id)})
    assert found is not None
    return found


@pytest.mark.parametrize("more", [(), ("--forget-valkey",)], ids=["", "valkey forgotten"])
def test_into_an_empty_database_nobody_is_erased_without_being_asked_again(
    backed_up: Installation, bo: Account, more: tuple[str, ...]
) -> None:
    lose(backed_up)
    before = datetime.now(UTC)
    backed_up.worker("restore", *more)
    due_at = erasure_of(bo, backed_up)["due_at"]
    assert before + GRACE <= due_at + timedelta(milliseconds=1) <= datetime.now(UTC) + GRACE + GRACE / 1000
    backed_up.worker("run", "--burst")
    mails = backed_up.outbox()
    assert f"To: {bo.email}" in mails
    assert f"will be erased on {due_at:%Y-%m-%d}" in mails
    assert "/account/keep?token" in mails


def test_a_day_that_is_far_enough_away_stays(backed_up: Installation, bo: Account) -> None:
    later = datetime(2090, 1, 2, tzinfo=UTC)
    backed_up.database.erasures.update_one({"user": ObjectId(bo.id)}, {"$set": {"due_at": later}})
    let_the_second_pass(Vault.of(backed_up.settings))
    backed_up.worker("backup")
    lose(backed_up)
    backed_up.worker("restore")
    assert erasure_of(bo, backed_up)["due_at"] == later


def test_one_that_the_version_before_has_noted_is_read_from_its_backup(
    backed_up: Installation, bo: Account
) -> None:
    as_before = {"$unset": {"tell": ""}, "$set": {"quiet": False}}
    backed_up.database.erasures.update_one({"user": ObjectId(bo.id)}, as_before)
    let_the_second_pass(Vault.of(backed_up.settings))
    backed_up.worker("backup")
    lose(backed_up)
    backed_up.worker("restore")
    backed_up.worker("run", "--burst")
    assert f"To: {bo.email}" in backed_up.outbox()


def test_a_request_that_the_database_still_has_stands_as_it_is(backed_up: Installation, bo: Account) -> None:
    known = erasure_of(bo, backed_up)
    backed_up.worker("restore", "--drop")
    assert erasure_of(bo, backed_up) == known


def test_a_new_server_that_was_started_once_forgets_no_request(backed_up: Installation, bo: Account) -> None:
    lose(backed_up)
    backed_up.database.erasures.create_index("user", unique=True)
    backed_up.database.recipes.insert_one({})
    backed_up.worker("restore", "--drop")
    assert erasure_of(bo, backed_up)["status"] == "scheduled"


def test_without_valkey_nobody_could_be_asked_and_the_restore_waits(
    backed_up: Installation, bo: Account
) -> None:
    lose(backed_up)
    backed_up.changed["REDIS_URL"] = "redis://127.0.0.1:1/0"
    assert "people who asked to be erased must be written to" in backed_up.worker("restore", status=1)
    backed_up.changed.clear()
    backed_up.worker("restore")
    backed_up.worker("run", "--burst")
    assert f"To: {bo.email}" in backed_up.outbox()


def test_who_was_erased_since_is_erased_again_quietly_even_if_that_is_killed(
    backed_up: Installation, bo: Account
) -> None:
    lose(backed_up)
    own, database = backed_up.settings, backed_up.database
    inscription = Tombstones(database, storage_of(own), ledger_of(own)).inscription(ObjectId(bo.id))
    database.tombstones.insert_one({"_id": inscription, "begun_at": datetime.now(UTC)})
    in_the_way = Path(own.storage_url) / FOLDER / inscription
    in_the_way.mkdir(parents=True)
    backed_up.worker("restore", "--drop", status=1)
    begun = erasure_of(bo, backed_up)
    assert (begun["status"], begun["tell"]) == ("running", False)
    in_the_way.rmdir()
    backed_up.worker("restore")
    assert list(find_in_mongo(Words(texts=[bo.email], ids=[bo.id]), database)) == []
    assert database.erasure_receipts.find_one({"_id": begun["receipt_id"]}) is None
    backed_up.worker("run", "--burst")
    assert bo.email not in backed_up.outbox()
