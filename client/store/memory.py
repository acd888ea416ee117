"""What this device remembers between runs: small JSON values in one sqlite file."""

from __future__ import annotations

import json
import sqlite3
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any

from client.net.values import User


class Memory:
    """Remembers who was signed in and which session was open. Thread safe.

    Nothing in here is needed for correctness: the server knows better, this lets the app start without it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute(
            "CREATE TABLE IF NOT EXISTS remembered (name TEXT PRIMARY KEY, json TEXT NOT NULL)"
        )

    def user(self) -> User | None:
        """Who was signed in last, if nobody has logged out since."""
        known = self._get("user")
        return User(**known) if isinstance(known, dict) else None

    def remember_user(self, user: User) -> None:
        """Keep the profile for a start without the server."""
        self._set("user", asdict(user))

    def open_session(self, user_id: str) -> str | None:
        """The session this user had open last."""
        known = self._get("session")
        if not isinstance(known, dict) or known.get("user") != user_id:
            return None
        session_id: str | None = known.get("session")
        return session_id

    def remember_open_session(self, user_id: str, session_id: str) -> None:
        """Keep which session is open."""
        self._set("session", {"user": user_id, "session": session_id})

    def forget_open_session(self) -> None:
        """No session is open."""
        self._set("session", None)

    def forget(self) -> None:
        """Forget everything, as after a log-out."""
        with self._lock:
            self._database.execute("DELETE FROM remembered")

    def close(self) -> None:
        """Close the file; the memory cannot be used afterwards."""
        with self._lock:
            self._database.close()

    def _get(self, name: str) -> Any:
        with self._lock:
            row = self._database.execute("SELECT json FROM remembered WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def _set(self, name: str, value: Any) -> None:
        with self._lock:
            self._database.execute("REPLACE INTO remembered VALUES (?, ?)", (name, json.dumps(value)))
