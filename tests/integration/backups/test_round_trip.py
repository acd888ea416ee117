"""What was backed up comes back: every type, every option, every index, at one moment."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import bson
import pyrage
import pytest

from backend.config import Settings
from backend.infra.mongo import MongoDatabase
from tests.integration.backups.documents import everything, fill
from tests.set_clock import SetClock
from worker.backups.errors import BackupError, SnapshotLost
from worker.backups.making import make_backup
from worker.backups.rehearsal import content_of, rehearse
from worker.backups.restoring import Restoring
from worker.backups.vault import Vault
from worker.backups.verifying import verify, verify_quickly


def restore(vault: Vault, target: MongoDatabase, name: str, *, drop: bool = False) -> int:
    return Restoring(vault, target, lambda: 0).restore(name, drop=drop)


def test_everything_comes_back(
    database: MongoDatabase, other: MongoDatabase, vault: Vault, clock: SetClock
) -> None:
    fill(database)
    made = make_backup(database, vault, clock)
    assert verify(vault, made.name) == verify_quickly(vault, made.name) == made
    restore(vault, other, made.name)
    assert everything(other) == everything(database)
    assert content_of(other, "people").content == content_of(database, "people").content
    assert {entry.name: entry.documents for entry in made.collections}["people"] == 250


def test_what_is_written_meanwhile_is_not_in_it(
    database: MongoDatabase, other: MongoDatabase, vault: Vault, clock: SetClock
) -> None:
    database.a_first.insert_many([{"n": n} for n in range(300)])
    database.b_second.insert_one({"of": "before"})

    def write_meanwhile(collection: str, _documents: int) -> None:
        if collection == "a_first":
            database.a_first.delete_many({})
            database.b_second.insert_one({"of": "later"})

    made = make_backup(database, vault, clock, write_meanwhile)
    restore(vault, other, made.name)
    assert other.a_first.count_documents({}) == 300
    assert [document["of"] for document in other.b_second.find()] == ["before"]


def test_a_collection_that_is_changed_meanwhile_makes_it_begin_again(
    database: MongoDatabase, vault: Vault, clock: SetClock
) -> None:
    database.a_first.insert_many([{"n": n} for n in range(300)])
    database.b_second.insert_one({"n": 1})
    attempts: list[str] = []

    def change_once(collection: str, _documents: int) -> None:
        if collection == "a_first" and not attempts:
            database.b_second.drop()
            database.b_second.insert_one({"n": 2})
        attempts.append(collection)

    made = make_backup(database, vault, clock, change_once)
    assert attempts.count("a_first") > 1
    assert vault.begun() == {made.name: True}
    verify(vault, made.name)


def test_a_collection_that_is_changed_all_the_time_is_told(
    database: MongoDatabase, vault: Vault, clock: SetClock
) -> None:
    database.a_first.insert_one({"n": 1})
    database.b_second.insert_one({"n": 1})

    def change(_collection: str, _documents: int) -> None:
        database.b_second.drop()
        database.b_second.insert_one({"n": 2})

    with pytest.raises(SnapshotLost, match="begin again"):
        make_backup(database, vault, clock, change)
    assert vault.begun() == {}


def test_the_layout_is_mongodumps(
    database: MongoDatabase, vault: Vault, clock: SetClock, folder: Path, identity: str
) -> None:
    fill(database)
    made = make_backup(database, vault, clock)
    written = folder / made.name / database.name

    def opened(name: str) -> bytes:
        key = pyrage.x25519.Identity.from_str(identity)
        return gzip.decompress(pyrage.decrypt((written / name).read_bytes(), [key]))

    assert (written / "odd%20name%2F50%25.bson.gz.age").exists()
    assert len(bson.decode_all(opened("people.bson.gz.age"))) == 250
    assert opened("empty.bson.gz.age") == b""
    described = json.loads(opened("people.metadata.json.gz.age"))
    assert described["collectionName"] == "people"
    assert described["type"] == "collection"
    assert len(described["uuid"]) == 32
    by_name = {index["name"]: index for index in described["indexes"]}
    assert by_name["_id_"] == {"v": {"$numberInt": "2"}, "key": {"_id": {"$numberInt": "1"}}, "name": "_id_"}
    assert by_name["gone_at_1"]["expireAfterSeconds"] == {"$numberInt": "3600"}
    checked = json.loads(opened("checked.metadata.json.gz.age"))
    assert checked["options"]["validator"]["n"] == {"$type": "int", "$gte": {"$numberInt": "0"}}


def test_nothing_in_it_can_be_read_without_the_key(
    database: MongoDatabase, vault: Vault, clock: SetClock, folder: Path
) -> None:
    database.people.insert_one({"email": "zoe.canary@example.com"})
    made = make_backup(database, vault, clock)
    files = [file for file in (folder / made.name).rglob("*") if file.is_file()]
    assert len(files) == 3
    assert not any(b"zoe.canary" in file.read_bytes() for file in files)
    sealed = folder / made.name / database.name / "people.bson.gz.age"
    assert sealed.read_bytes().startswith(b"age-encryption.org/v1\n")
    assert sealed.stat().st_mode & 0o077 == 0


def test_a_rehearsal_compares_and_leaves_nothing(
    settings: Settings, database: MongoDatabase, vault: Vault, clock: SetClock
) -> None:
    fill(database)
    made = make_backup(database, vault, clock)
    scratch = database.client[f"{database.name}-rehearsal"]
    scratch.leftover.insert_one({"of": "a rehearsal that was killed"})
    assert rehearse(settings.model_copy(update={"database_name": database.name}), vault) == made
    assert scratch.name not in database.client.list_database_names()


def test_views_are_named_and_left_out(
    database: MongoDatabase, other: MongoDatabase, vault: Vault, clock: SetClock
) -> None:
    database.people.insert_one({"n": 1})
    database.create_collection("seen", viewOn="people", pipeline=[])
    made = make_backup(database, vault, clock)
    assert made.left_out == ("seen",)
    restore(vault, other, made.name)
    assert other.list_collection_names() == ["people"]


@pytest.mark.parametrize(
    ("kind", "options"),
    [("timeseries", {"timeseries": {"timeField": "at"}}), ("capped", {"capped": True, "size": 4096})],
)
def test_what_cannot_be_read_at_one_moment_is_refused(
    database: MongoDatabase, vault: Vault, clock: SetClock, kind: str, options: dict[str, object]
) -> None:
    database.create_collection("weather", **options)
    with pytest.raises(BackupError, match=f"weather is a {kind} collection"):
        make_backup(database, vault, clock)
    assert vault.complete() == []
