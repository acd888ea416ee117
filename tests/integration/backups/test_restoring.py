"""A restore that cannot be done leaves everything as it was; one that was interrupted is finished by the next."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from backend.infra.mongo import MongoDatabase
from backend.infra.restoring import MARKS, SCRATCH, NotWhole, check_whole
from tests.set_clock import SetClock
from worker.backups.errors import BackupError
from worker.backups.making import make_backup
from worker.backups.restoring import Restoring
from worker.backups.vault import Vault


class ValkeyAway(Exception):
    """People cannot be erased again just now."""


def away() -> int:
    raise ValkeyAway


def nobody() -> int:
    return 0


def fill(database: MongoDatabase) -> None:
    database.people.create_index("email", unique=True)
    database.people.insert_many([{"_id": n, "email": f"p{n}@example.com"} for n in range(20)])
    database.groups.insert_one({"_id": 1})


@pytest.fixture
def made(database: MongoDatabase, vault: Vault, clock: SetClock) -> str:
    """A backup; the database went on since."""
    fill(database)
    name = make_backup(database, vault, clock).name
    database.people.update_many({}, {"$set": {"since": True}})
    database.groups.drop()
    database.newer.insert_one({})
    return name


def is_as_backed_up(database: MongoDatabase) -> bool:
    return (
        sorted(database.list_collection_names()) == ["groups", "people"]
        and database.people.count_documents({"since": {"$exists": False}}) == 20
        and "email_1" in database.people.index_information()
    )


def test_what_is_there_is_let_go_of_only_when_asked_for(
    made: str, database: MongoDatabase, vault: Vault
) -> None:
    restoring = Restoring(vault, database, nobody)
    with pytest.raises(BackupError, match=r"not empty .* say --drop"):
        restoring.restore(made, drop=False)
    assert database.people.count_documents({"since": True}) == 20
    restoring.restore(made, drop=True)
    assert is_as_backed_up(database)


def test_an_error_while_filling_changes_nothing(made: str, database: MongoDatabase, vault: Vault) -> None:
    def interrupt(_collection: str, _documents: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Restoring(vault, database, nobody, interrupt).restore(made, drop=True)
    assert sorted(database.list_collection_names()) == ["newer", "people"]
    assert database.people.count_documents({"since": True}) == 20


def test_what_a_killed_restore_left_is_no_part_of_the_database(
    made: str, database: MongoDatabase, vault: Vault, clock: SetClock
) -> None:
    database[f"{SCRATCH}people"].insert_one({"half": "restored"})
    database[MARKS].insert_one({"_id": "restore", "backup": made, "phase": "filling"})
    check_whole(database)
    clock.advance(minutes=1)
    later = make_backup(database, vault, clock)
    assert [entry.name for entry in later.collections] == ["newer", "people"]
    restoring = Restoring(vault, database, nobody)
    assert restoring.finish_interrupted() == ""
    restoring.restore(made, drop=True)
    assert is_as_backed_up(database)


def test_until_people_are_erased_again_the_database_is_not_whole(
    made: str, database: MongoDatabase, vault: Vault
) -> None:
    with pytest.raises(ValkeyAway):
        Restoring(vault, database, away).restore(made, drop=True)
    with pytest.raises(NotWhole, match=made):
        check_whole(database)
    assert Restoring(vault, database, nobody).finish_interrupted() == made
    check_whole(database)
    assert is_as_backed_up(database)


def test_a_swap_that_was_interrupted_goes_on(made: str, database: MongoDatabase, vault: Vault) -> None:
    with pytest.raises(ValkeyAway):
        Restoring(vault, database, away).restore(made, drop=True)
    # As it was between two renames.
    database.people.rename(f"{SCRATCH}people")
    database.people.insert_one({"since": True})
    database.newer.insert_one({})
    database[MARKS].update_one({}, {"$set": {"phase": "swapping", "gone": ["newer"]}})
    assert Restoring(vault, database, nobody).finish_interrupted() == made
    assert is_as_backed_up(database)


def test_what_happened_since_to_the_erased_stays(
    database: MongoDatabase, vault: Vault, clock: SetClock
) -> None:
    cancelled, scheduled, running = ObjectId(), ObjectId(), ObjectId()
    database.users.insert_many([{"_id": user} for user in (cancelled, scheduled, running)])
    database.erasures.create_index("user", unique=True)
    database.erasures.insert_many(
        [{"_id": 1, "user": cancelled, "done": []}, {"_id": 2, "user": running, "done": []}]
    )
    database.tombstones.insert_many([{"_id": "a"}, {"_id": "b"}])
    name = make_backup(database, vault, clock).name
    database.erasures.delete_one({"_id": 1})
    database.erasures.update_one({"_id": 2}, {"$set": {"done": ["users"]}})
    database.erasures.insert_one({"_id": 3, "user": scheduled, "done": []})
    database.tombstones.delete_one({"_id": "a"})
    database.tombstones.insert_one({"_id": "c"})
    Restoring(vault, database, nobody).restore(name, drop=True)
    assert list(database.erasures.find({}, {"user": 0}, sort=[("_id", 1)])) == [
        {"_id": 2, "done": []},
        {"_id": 3, "done": []},
    ]
    assert set(database.tombstones.distinct("_id")) == {"a", "b", "c"}


def test_tombstones_stay_where_the_backup_has_none(made: str, database: MongoDatabase, vault: Vault) -> None:
    database.tombstones.insert_one({"_id": "c"})
    Restoring(vault, database, nobody).restore(made, drop=True)
    assert database.tombstones.distinct("_id") == ["c"]


def test_what_a_new_server_does_not_know_comes_back_with_the_backup(
    database: MongoDatabase, other: MongoDatabase, vault: Vault, clock: SetClock
) -> None:
    asked, finished = ObjectId(), ObjectId()
    database.erasures.insert_many(
        [{"_id": 1, "user": asked, "done": []}, {"_id": 2, "user": finished, "receipt_id": "r", "done": []}]
    )
    name = make_backup(database, vault, clock).name
    other.create_collection("erasures")
    other.erasure_receipts.insert_one({"_id": "r", "status": "done"})
    Restoring(vault, other, nobody).restore(name, drop=True)
    assert other.erasures.distinct("user") == [asked]


@pytest.mark.parametrize("known_to_the_backup", [True, False])
def test_who_was_deleted_elsewhere_stays_so(
    database: MongoDatabase, vault: Vault, clock: SetClock, known_to_the_backup: bool
) -> None:
    day, later = datetime(2090, 1, 1, tzinfo=UTC), datetime(2090, 1, 2, tzinfo=UTC)
    database.people.insert_one({})
    if known_to_the_backup:
        database.gone_identities.insert_many(
            [{"_id": "a", "expires_at": day}, {"_id": "b", "expires_at": day}]
        )
    name = make_backup(database, vault, clock).name
    database.gone_identities.delete_many({})
    database.gone_identities.insert_many(
        [{"_id": "b", "expires_at": later}, {"_id": "c", "expires_at": later}]
    )
    Restoring(vault, database, nobody).restore(name, drop=True)
    kept = {one["_id"]: one["expires_at"] for one in database.gone_identities.find()}
    assert kept == {**({"a": day} if known_to_the_backup else {}), "b": later, "c": later}


def audit(database: MongoDatabase, chain: str, upto: int, since: int = 1) -> None:
    database.audit_entries.create_index("seq", unique=True)
    entries = [
        {"_id": f"{chain}{seq}", "seq": seq, "hash": f"{chain}{seq}".encode()}
        for seq in range(since, upto + 1)
    ]
    database.audit_entries.insert_many(entries)


def test_the_audit_log_goes_on(database: MongoDatabase, vault: Vault, clock: SetClock) -> None:
    audit(database, "ours", 3)
    name = make_backup(database, vault, clock).name
    audit(database, "ours", 6, since=4)
    Restoring(vault, database, nobody).restore(name, drop=True)
    assert database.audit_entries.distinct("_id") == [f"ours{seq}" for seq in range(1, 7)]


def test_a_new_servers_audit_log_gives_way(
    database: MongoDatabase, other: MongoDatabase, vault: Vault, clock: SetClock
) -> None:
    audit(database, "ours", 3)
    name = make_backup(database, vault, clock).name
    audit(other, "new", 5)
    Restoring(vault, other, nobody).restore(name, drop=True)
    assert other.audit_entries.distinct("_id") == ["ours1", "ours2", "ours3"]
