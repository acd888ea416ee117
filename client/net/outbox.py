"""Operations the server has not answered yet, on disk before they are sent (docs/product.md S16, K4)."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from client.net.signals import Operation
from client.words import _

DURABLE = ("swipe", "undo", "chat")
"""What is still meant when the app starts again."""

KEEP_SECONDS = 7 * 24 * 3600.0
"""Far longer than any session lives; what is older can never be delivered."""

_TABLE = """
CREATE TABLE IF NOT EXISTS operations (
    op_id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL,
    session_id TEXT NOT NULL,
    name TEXT NOT NULL,
    content TEXT NOT NULL,
    made_at REAL NOT NULL,
    note TEXT NOT NULL DEFAULT '{}'
)
"""
_ADD_NOTE = "ALTER TABLE operations ADD COLUMN note TEXT NOT NULL DEFAULT '{}'"


class OutboxError(Exception):
    """The operation could not be kept on this device; the text is a sentence for people."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose operations: a user's, within one session; or, with no session, whose inbox, which takes no operations."""

    user_id: str
    session_id: str | None


class Outbox:
    """All sessions' operations in one sqlite file. Thread safe.

    `synchronous=FULL` makes `add` return only when the operation is on the disk.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.time) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=FULL")
        self._database.execute(_TABLE)
        self._complete_older_table()
        self._database.execute("DELETE FROM operations WHERE made_at < ?", (clock() - KEEP_SECONDS,))

    def add(self, owner: Owner, operation: Operation) -> None:
        """Keep an operation until it is answered; raises `OutboxError`."""
        row = (
            operation.id,
            owner.user_id,
            owner.session_id,
            operation.name,
            json.dumps(dict(operation.data)),
            self._clock(),
            json.dumps(dict(operation.note)),
        )
        try:
            with self._lock:
                self._database.execute("INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        except sqlite3.Error as failure:
            raise OutboxError(
                _(
                    "This device could not save what you did ({failure}). Check that it has free space."
                ).format(failure=failure)
            ) from failure

    def pending(self, owner: Owner) -> tuple[Operation, ...]:
        """The owner's unanswered operations in the order they were made."""
        query = "SELECT op_id, name, content, note FROM operations WHERE user_id = ? AND session_id = ? ORDER BY rowid"
        with self._lock:
            rows = self._database.execute(query, (owner.user_id, owner.session_id)).fetchall()
        return tuple(_operation(*row) for row in rows)

    def take(self, owner: Owner, op_id: str) -> Operation | None:
        """Remove an answered operation and return it; None when it is not here (answered before)."""
        query = (
            "DELETE FROM operations WHERE op_id = ? AND user_id = ? AND session_id = ?"
            " RETURNING op_id, name, content, note"
        )
        with self._lock:
            rows = self._database.execute(query, (op_id, owner.user_id, owner.session_id)).fetchall()
        return _operation(*rows[0]) if rows else None

    def drop_passing_wishes(self, owner: Owner) -> None:
        """Forget all but what is `DURABLE`: "ready", pressed before the app was restarted, says nothing about now."""
        query = "DELETE FROM operations WHERE user_id = ? AND session_id = ? AND name NOT IN (?, ?, ?)"
        with self._lock:
            self._database.execute(query, (owner.user_id, owner.session_id, *DURABLE))

    def close(self) -> None:
        """Close the file; the outbox cannot be used afterwards."""
        with self._lock:
            self._database.close()

    def _complete_older_table(self) -> None:
        """A file of an earlier version of the app has no column for notes."""
        columns = {row[1] for row in self._database.execute("PRAGMA table_info(operations)")}
        if "note" not in columns:
            self._database.execute(_ADD_NOTE)


def _operation(op_id: str, name: str, content: str, note: str) -> Operation:
    return Operation(op_id, name, json.loads(content), json.loads(note))
