"""Moving a database between schemas: what is planned, what is noted, and who may."""

from __future__ import annotations

import threading

import pytest

from backend.infra.mongo import MongoDatabase
from backend.infra.restoring import MARKS, NotWhole
from backend.migrations.moving import Migrator, NoSuchStep
from backend.migrations.record import COLLECTION, Occupied, SchemaRecord
from backend.migrations.schema import NewerSchema
from backend.migrations.terms import Step
from tests.set_clock import SetClock


class Broken(Exception):
    """What a step ends with here."""


def adding(name: str) -> Step:
    """A step that makes a document, and deletes it on the way back."""
    return Step(
        name,
        f"makes {name}",
        up=lambda db: db.made.replace_one({"_id": name}, {}, upsert=True),
        down=lambda db: db.made.delete_one({"_id": name}),
    )


STEPS = (adding("0001_a"), adding("0002_b"), adding("0003_c"))


@pytest.fixture
def migrator(database: MongoDatabase, record: SchemaRecord) -> Migrator:
    return Migrator(database, record, STEPS)


def made(database: MongoDatabase) -> list[str]:
    return sorted(found["_id"] for found in database.made.find())


def test_by_default_everything_is_done_in_order_and_noted(
    migrator: Migrator, record: SchemaRecord, database: MongoDatabase, clock: SetClock
) -> None:
    said: list[str] = []
    migrator.move(say=said.append)
    assert said == ["up   0001_a: makes 0001_a", "up   0002_b: makes 0002_b", "up   0003_c: makes 0003_c"]
    assert record.done() == made(database) == ["0001_a", "0002_b", "0003_c"]
    assert database[COLLECTION].find_one({"_id": "0002_b"}) == {"_id": "0002_b", "applied_at": clock.now()}
    assert migrator.move() == []


@pytest.mark.parametrize("to", ["0001_a", "0001", "1"])
def test_going_back_undoes_the_newest_first(migrator: Migrator, record: SchemaRecord, to: str) -> None:
    migrator.move()
    assert [str(move)[:11] for move in migrator.move(to)] == ["down 0003_c", "down 0002_b"]
    assert record.done() == ["0001_a"]


def test_what_was_left_out_is_made_up_for(migrator: Migrator, record: SchemaRecord) -> None:
    record.note(STEPS[2])
    assert [move.step.name for move in migrator.move()] == ["0001_a", "0002_b"]


def test_a_plan_changes_nothing(migrator: Migrator, database: MongoDatabase) -> None:
    assert len(migrator.plan("2")) == 2
    assert database.list_collection_names() == []


def test_a_step_that_fails_is_not_noted_and_the_next_is_not_begun(
    database: MongoDatabase, record: SchemaRecord
) -> None:
    def fail(_database: MongoDatabase) -> None:
        raise Broken

    steps = (STEPS[0], Step("0002_b", "fails", up=fail, down=fail), STEPS[2])
    with pytest.raises(Broken):
        Migrator(database, record, steps).move()
    assert record.done() == made(database) == ["0001_a"]
    Migrator(database, record, STEPS).move()  # nothing is locked
    assert record.done() == ["0001_a", "0002_b", "0003_c"]


def test_what_is_not_there_is_refused_with_what_is(migrator: Migrator) -> None:
    with pytest.raises(NoSuchStep, match=r"no schema '4'. There are: 0001_a, 0002_b, 0003_c"):
        migrator.move("4")


def test_what_a_newer_version_did_cannot_be_undone_by_this_one(
    database: MongoDatabase, record: SchemaRecord
) -> None:
    Migrator(database, record, STEPS).move()
    older = Migrator(database, record, STEPS[:2])
    for to in ("", "1"):
        with pytest.raises(NewerSchema, match=r"0003_c.*migrate --to 0002_b"):
            older.move(to)


def test_a_database_that_is_being_restored_is_left_alone(migrator: Migrator, database: MongoDatabase) -> None:
    database[MARKS].insert_one({"_id": "restore", "backup": "dindin-20261123T020000Z", "phase": "swapping"})
    with pytest.raises(NotWhole):
        migrator.move()
    assert database.list_collection_names() == [MARKS]


def test_of_two_at_a_time_one_is_told_to_wait(database: MongoDatabase, record: SchemaRecord) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait(_database: MongoDatabase) -> None:
        begun.set()
        assert go_on.wait(20)

    slow = Migrator(database, record, (Step("0001_a", "waits", up=wait, down=wait),))
    first = threading.Thread(target=slow.move)
    first.start()
    assert begun.wait(20)
    with pytest.raises(Occupied, match="is being migrated by"):
        Migrator(database, record, STEPS).move()
    go_on.set()
    first.join()
    assert [move.step.name for move in Migrator(database, record, STEPS).move()] == ["0002_b", "0003_c"]


def test_what_a_killed_process_held_is_free_after_a_minute(
    migrator: Migrator, database: MongoDatabase, record: SchemaRecord, clock: SetClock
) -> None:
    held = {"_id": "lock", "by": "somebody who was killed", "until": clock.now()}
    clock.advance(seconds=-1)
    database[COLLECTION].insert_one(held)
    with pytest.raises(Occupied, match="somebody who was killed"):
        migrator.move()
    clock.advance(seconds=1)
    migrator.move()
    assert record.done() == ["0001_a", "0002_b", "0003_c"]
    assert database[COLLECTION].find_one({"_id": "lock"}) is None
