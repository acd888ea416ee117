"""The outbox on disk."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from client.net.outbox import KEEP_SECONDS, Outbox, OutboxError, Owner
from client.net.signals import Operation

ME, SOMEBODY_ELSE = Owner("ana", "s1"), Owner("ben", "s1")
SWIPE = Operation("01A", "swipe", {"item": "c1", "direction": "right"})
SECOND = Operation("01B", "swipe", {"item": "c2", "direction": "up"})


def test_notes_stay_with_their_operations(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path / "outbox.sqlite3")
    undo = Operation("01", "undo", {}, {"round": 2, "shown": "c1"})
    outbox.add(ME, undo)
    assert outbox.pending(ME) == (undo,)
    assert outbox.take(ME, "01") == undo
    outbox.close()


def test_a_file_of_an_earlier_version_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite3"
    before = sqlite3.connect(path)
    before.execute(
        "CREATE TABLE operations (op_id TEXT PRIMARY KEY, user_id TEXT NOT NULL, session_id TEXT NOT NULL,"
        " name TEXT NOT NULL, content TEXT NOT NULL, made_at REAL NOT NULL)"
    )
    row = ("01", ME.user_id, ME.session_id, "swipe", '{"item": "c1"}', time.time())
    before.execute("INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?)", row)
    before.commit()
    before.close()
    outbox = Outbox(path)
    assert outbox.pending(ME) == (Operation("01", "swipe", {"item": "c1"}),)
    outbox.add(ME, Operation("02", "swipe", {"item": "c2"}, {"round": 1}))
    assert outbox.pending(ME)[1].note == {"round": 1}
    outbox.close()


def test_keeps_the_order_and_gives_an_operation_back_once(outbox: Outbox) -> None:
    outbox.add(ME, SECOND)
    outbox.add(ME, SWIPE)
    assert outbox.pending(ME) == (SECOND, SWIPE)
    assert outbox.take(ME, SECOND.id) == SECOND
    assert outbox.take(ME, SECOND.id) is None
    assert outbox.pending(ME) == (SWIPE,)


def test_nobody_sees_or_takes_what_is_somebody_elses(outbox: Outbox) -> None:
    outbox.add(ME, SWIPE)
    assert outbox.pending(SOMEBODY_ELSE) == ()
    assert outbox.take(SOMEBODY_ELSE, SWIPE.id) is None
    assert outbox.pending(Owner("ana", "another session")) == ()
    assert outbox.pending(ME) == (SWIPE,)


def test_an_operation_is_on_disk_when_add_returns(tmp_path: Path, outbox: Outbox) -> None:
    outbox.add(ME, SWIPE)
    (mode,) = outbox._database.execute("PRAGMA synchronous").fetchone()
    assert mode == 2
    other = sqlite3.connect(tmp_path / "outbox.sqlite3")
    assert other.execute("SELECT op_id FROM operations").fetchall() == [("01A",)]
    other.close()


def test_only_swipes_outlive_a_restart(outbox: Outbox) -> None:
    outbox.add(ME, Operation("01C", "ready", {"ready": True}))
    outbox.add(ME, SWIPE)
    outbox.add(SOMEBODY_ELSE, Operation("01D", "start", {}))
    outbox.drop_passing_wishes(ME)
    assert outbox.pending(ME) == (SWIPE,)
    assert len(outbox.pending(SOMEBODY_ELSE)) == 1


def test_what_can_never_be_delivered_is_dropped(tmp_path: Path) -> None:
    now = [1_000_000.0]
    path = tmp_path / "old.sqlite3"
    first = Outbox(path, clock=lambda: now[0])
    first.add(ME, SWIPE)
    first.close()
    now[0] += KEEP_SECONDS - 1
    kept = Outbox(path, clock=lambda: now[0])
    assert kept.pending(ME) == (SWIPE,)
    kept.close()
    now[0] += 2
    dropped = Outbox(path, clock=lambda: now[0])
    assert dropped.pending(ME) == ()
    dropped.close()


def test_a_full_disk_is_said_in_a_sentence(outbox: Outbox) -> None:
    outbox._database.execute("PRAGMA max_page_count = 1")
    too_large = Operation("01A", "swipe", {"item": "x" * 100_000, "direction": "up"})
    with pytest.raises(OutboxError, match="free space"):
        outbox.add(ME, too_large)
