"""The chain grows without a gap, whoever appends, and shows what was done to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId
from structlog.testing import capture_logs

from backend.audit.marks import MarkKind
from backend.infra.valkey import Valkey
from tests.integration.audit.conftest import Log, event

pytestmark = pytest.mark.compliance


def test_entries_are_numbered_and_linked(log: Log) -> None:
    log.write(5)
    assert [entry["seq"] for entry in log.entries()] == [1, 2, 3, 4, 5]
    assert len({entry["hash"] for entry in log.entries()}) == 5
    report = log.trail.verify()
    assert (report.findings, report.entries, report.first, report.last) == ([], 5, 1, 5)


def test_an_empty_log_is_whole(log: Log) -> None:
    assert list(log.trail.verify().lines()) == ["0 entries (0 to 0), 0 checkpoints: all as it was written."]


def test_what_is_written_twice_is_there_once(log: Log) -> None:
    once = event()
    for _ in range(2):
        log.trail.record(once)
    assert [entry["_id"] for entry in log.entries()] == [once.id]


def test_many_at_once_leave_no_gap_and_lose_nothing(log: Log) -> None:
    each, threads = 12, 6

    def append(number: int) -> None:
        for turn in range(each):
            log.trail.record(event(action=f"test.by_{number}_{turn}"))

    writers = [threading.Thread(target=append, args=(number,)) for number in range(threads)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [entry["seq"] for entry in log.entries()] == list(range(1, each * threads + 1))
    assert len(set(log.actions())) == each * threads
    assert log.is_whole()


def change(field: str, value: Any) -> Callable[[Log], object]:
    return lambda log: log.chain.entries.update_one({"seq": 4}, {"$set": {field: value}})


@pytest.mark.security
@pytest.mark.parametrize(
    "tamper",
    [
        change("action", "test.nothing"),
        change("outcome", "refused"),
        change("people", ["somebody else"]),
        change("circumstances.network", "198.51.100.0/24"),
        change("times", 2),
        change("added", True),
        change("hash", b"0" * 32),
        lambda log: log.chain.entries.update_one({"seq": 4}, {"$unset": {"request_id": 1}}),
        lambda log: log.chain.entries.update_one({"seq": 4}, [{"$set": {"at": {"$add": ["$at", 1]}}}]),
    ],
)
def test_a_changed_entry_is_named(log: Log, tamper: Callable[[Log], object]) -> None:
    log.write(6)
    tamper(log)
    findings = log.trail.verify().findings
    assert findings, "nothing was noticed"
    assert findings[0].startswith("Entry 4 was changed")


@pytest.mark.security
def test_two_entries_that_changed_places_are_found(log: Log) -> None:
    log.write(4)
    second, third = log.entries()[1:3]
    log.chain.entries.delete_many({"seq": {"$in": [2, 3]}})
    log.chain.entries.insert_many([{**second, "seq": 3}, {**third, "seq": 2}])
    assert "Entry 2 was changed" in log.trail.verify().findings[0]


@pytest.mark.security
@pytest.mark.parametrize(
    ("removed", "said"),
    [
        ([1], "Entry 1 is missing at the front."),
        ([1, 2], "Entries 1 to 2 are missing at the front."),
        ([3], "Entry 3 is missing before entry 4."),
        ([3, 4], "Entries 3 to 4 are missing before entry 5."),
    ],
)
def test_removed_entries_are_named(log: Log, removed: list[int], said: str) -> None:
    log.write(6)
    log.chain.entries.delete_many({"seq": {"$in": removed}})
    assert log.trail.verify().findings == [said]


@pytest.mark.security
def test_an_entry_that_somebody_without_the_key_adds_is_found(log: Log) -> None:
    log.write(2)
    forged = {**log.entries()[1], "_id": ObjectId(), "seq": 3, "action": "test.forged"}
    log.chain.entries.insert_one(forged)
    assert log.trail.verify().findings[0].startswith("Entry 3 was changed (it says: test.forged")


@pytest.mark.security
def test_what_is_cut_off_behind_a_checkpoint_is_named(log: Log) -> None:
    log.write(6)
    log.trail.checkpoint()
    log.chain.entries.delete_many({"seq": {"$gt": 4}})
    findings = log.trail.verify().findings
    assert findings[0].startswith("Entries 5 to 6 are missing at the end: audit/checkpoints/")


@pytest.mark.security
def test_a_dropped_collection_is_noticed_also_once_new_entries_are_there(log: Log) -> None:
    log.write(3)
    log.trail.checkpoint()
    log.chain.entries.delete_many({})
    assert log.trail.verify().findings[0].startswith("Entries 1 to 3 are missing at the end")
    log.write(5)
    assert log.trail.verify().findings[0].startswith("Entry 3 is not the one that was signed")


@pytest.mark.security
def test_a_chain_that_was_written_anew_with_the_right_key_differs_from_its_checkpoint(log: Log) -> None:
    log.write(3)
    log.trail.checkpoint()
    entries = log.entries()
    log.chain.entries.delete_many({})
    log.chain.append(
        [
            {name: value for name, value in entry.items() if name not in {"seq", "hash"}}
            | {"reason": "other"}
            for entry in entries
        ]
    )
    findings = log.trail.verify().findings
    assert len(findings) == 1
    assert findings[0].startswith("Entry 3 is not the one that was signed")


@pytest.mark.security
def test_a_changed_checkpoint_is_named(log: Log) -> None:
    log.write(3)
    mark = log.trail.checkpoint()
    assert mark is not None
    log.storage.write(mark.name, log.storage.read(mark.name).replace(b'"seq": 3', b'"seq": 2'))
    assert log.trail.verify().findings == [
        f"The file {mark.name} was changed, or was signed with another LEDGER_KEY."
    ]
    log.storage.write(mark.name, b"not even JSON")
    assert mark.name in log.trail.verify().findings[0]


@pytest.mark.security
def test_a_log_whose_checkpoints_are_all_gone_is_found(log: Log) -> None:
    log.write(3)
    assert log.is_whole()
    log.clock.advance(days=2)
    assert "not one checkpoint" in log.trail.verify().findings[0]


def test_a_checkpoint_is_made_only_where_something_is_new(log: Log) -> None:
    assert log.trail.checkpoint() is None
    log.write(2)
    first = log.trail.checkpoint()
    assert first is not None
    assert (first.link, first.count) == (log.chain.head(), 2)
    assert log.trail.checkpoint() is None
    log.write(1)
    log.clock.advance(minutes=10)
    assert log.trail.checkpoint() is not None
    assert log.trail.verify().checkpoints == 2


@pytest.mark.security
def test_nothing_is_signed_that_contradicts_what_was_signed_before(log: Log) -> None:
    log.write(4)
    log.trail.checkpoint()
    log.chain.entries.delete_many({"seq": {"$gt": 2}})
    log.write(5)
    log.clock.advance(minutes=10)
    assert log.trail.checkpoint() is None
    assert len(log.marks.names()) == 1


def test_the_oldest_go_when_their_time_has_come_and_the_rest_still_verifies(log: Log) -> None:
    log.write(5)
    log.trail.checkpoint()
    log.clock.advance(days=10)
    log.write(3)
    log.trail.checkpoint()
    cutoff = log.clock.now() - timedelta(days=5)
    assert list(log.trail.delete_before(cutoff, batch=2, dry_run=True)) == [5]
    assert len(log.entries()) == 8
    assert list(log.trail.delete_before(cutoff, batch=2, dry_run=False)) == [2, 2, 1]
    assert [entry["seq"] for entry in log.entries()] == [6, 7, 8]
    assert log.trail.oldest() == log.clock.now()
    report = log.trail.verify()
    assert (report.findings, report.entries, report.checkpoints) == ([], 3, 1)
    assert list(log.trail.delete_before(cutoff, batch=2, dry_run=False)) == []
    log.write(1)
    assert log.is_whole()


def test_the_last_entry_stays_so_that_the_chain_goes_on(log: Log) -> None:
    log.write(4)
    log.clock.advance(days=10)
    assert sum(log.trail.delete_before(log.clock.now(), batch=500, dry_run=False)) == 3
    log.write(1)
    log.trail.checkpoint()
    assert [entry["seq"] for entry in log.entries()] == [4, 5]
    assert log.is_whole()


def test_an_interrupted_deletion_is_finished_by_the_next(log: Log) -> None:
    log.write(6)
    log.clock.advance(days=10)
    log.write(1)
    cutoff = log.clock.now() - timedelta(days=5)
    next(iter(log.trail.delete_before(cutoff, batch=2, dry_run=False)))
    assert log.is_whole()
    assert sum(log.trail.delete_before(cutoff, batch=2, dry_run=False)) == 4
    assert [entry["seq"] for entry in log.entries()] == [7]
    assert log.is_whole()


def dated_back(log: Log) -> object:
    """As somebody would who has MongoDB, and neither LEDGER_KEY nor STORAGE_URL."""
    long_ago = log.clock.now() - timedelta(days=2000)
    return log.chain.entries.update_many(
        {"seq": {"$lte": 7}}, {"$set": {"at": long_ago, "action": "nothing.to_see"}}
    )


def begun_anew(log: Log) -> object:
    """The collection dropped: what comes then is a chain with the right hashes, though not the one that was signed."""
    log.chain.entries.delete_many({})
    log.write(8)
    log.clock.advance(days=10)
    return log.write(1)


@pytest.mark.security
@pytest.mark.parametrize(
    "tamper",
    [
        dated_back,
        begun_anew,
        change("action", "test.nothing"),
        change("hash", b"0" * 32),
        lambda log: log.chain.entries.delete_one({"seq": 1}),
        lambda log: log.chain.entries.delete_one({"seq": 3}),
        lambda log: log.chain.entries.delete_one({"seq": 6}),
    ],
)
def test_what_was_changed_is_neither_deleted_nor_signed(
    log: Log, valkey: Valkey, tamper: Callable[[Log], object]
) -> None:
    log.write(6)
    log.trail.checkpoint()
    log.clock.advance(days=10)
    log.write(2)
    tamper(log)
    left, marks = log.entries(), log.marks.names()
    cutoff = log.clock.now() - timedelta(days=5)
    with capture_logs() as lines:
        assert list(log.trail.delete_before(cutoff, batch=2, dry_run=False)) == []
    assert [(line["event"], line["log_level"]) for line in lines] == [("audit_chain_broken", "error")]
    assert log.queue(valkey).broken() == 1
    assert log.entries() == left
    assert log.marks.names() == marks
    assert not log.is_whole()


@pytest.mark.security
def test_what_is_changed_later_is_noticed_by_the_next_deletion_too(log: Log) -> None:
    for _ in range(3):
        log.write(3)
        log.clock.advance(days=10)
    assert sum(log.trail.delete_before(log.clock.now() - timedelta(days=25), batch=2, dry_run=False)) == 3
    log.chain.entries.update_one({"seq": 5}, {"$set": {"action": "test.nothing"}})
    assert list(log.trail.delete_before(log.clock.now() - timedelta(days=15), batch=2, dry_run=False)) == []
    assert [entry["seq"] for entry in log.entries()] == [4, 5, 6, 7, 8, 9]


@pytest.mark.security
def test_who_deletes_more_than_was_signed_is_found(log: Log) -> None:
    log.write(4)
    log.clock.advance(days=10)
    log.write(4)
    list(log.trail.delete_before(log.clock.now(), batch=500, dry_run=False))
    log.chain.entries.delete_many({"seq": {"$lte": 6}})
    assert log.trail.verify().findings == ["Entries 5 to 6 are missing at the front."]
    log.chain.entries.delete_many({})
    assert "missing" in log.trail.verify().findings[0]


def test_after_a_restore_that_was_noted_the_chain_goes_on(log: Log) -> None:
    log.write(3)
    backup = log.entries()
    log.write(3)
    log.trail.checkpoint()
    log.chain.entries.delete_many({})
    log.chain.entries.insert_many(backup)
    assert "missing at the end" in log.trail.verify().findings[0]
    log.clock.advance(minutes=1)
    mark = log.trail.note_restore()
    assert mark is not None
    assert (mark.kind, mark.link.seq) == (MarkKind.RESTORED, 3)
    log.write(4)
    log.clock.advance(minutes=1)
    assert log.trail.checkpoint() is not None
    assert log.is_whole()
    assert log.actions()[3] == "audit.restored"
    log.chain.entries.delete_many({"seq": {"$lte": 2}})
    assert not log.is_whole()


def test_a_restore_that_lost_no_entry_voids_nothing(log: Log) -> None:
    log.write(3)
    log.trail.checkpoint()
    log.clock.advance(minutes=1)
    assert log.trail.note_restore() is None
    assert log.actions()[-1] == "audit.restored"
    assert log.trail.verify().checkpoints == 1


def test_after_another_servers_chain_was_restored_only_that_counts(log: Log) -> None:
    log.write(5)
    theirs = log.entries()
    log.chain.entries.delete_many({})
    log.write(3)  # what this server began by itself, before the backup was put into it
    log.trail.checkpoint()
    log.chain.entries.delete_many({})
    log.chain.entries.insert_many(theirs)
    assert not log.is_whole()
    log.clock.advance(minutes=1)
    assert log.trail.note_restore() is not None
    assert log.is_whole()
    log.chain.entries.update_one({"seq": 2}, {"$set": {"action": "test.changed"}})
    assert not log.is_whole()


def test_of_checkpoints_of_last_week_one_a_day_is_left(log: Log) -> None:
    log.clock.moment = log.clock.moment.replace(hour=1)
    for _day in range(10):
        for _ in range(3):
            log.write(1)
            assert log.trail.checkpoint() is not None
            log.clock.advance(hours=1)
        log.clock.advance(hours=21)
    days = [name.split("/")[-1][:8] for name in log.marks.names()]
    assert [days.count(day) for day in sorted(set(days))] == [1, 1, *[3] * 8]
    assert log.is_whole()
