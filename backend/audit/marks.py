"""Signed marks about the chain, kept apart from it: in the folder or bucket of STORAGE_URL.

Whoever can write to the database but has no LEDGER_KEY cannot make one. A mark says where the chain stood (checkpoint),
up to where it was deleted because its time had come (pruned), or where it goes on after a backup was restored
(restored).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from backend.audit.chain import Link
from backend.infra.clock import to_milliseconds
from backend.infra.keys import Ledger
from backend.infra.storage import Storage

FOLDER = "audit/checkpoints"
_PURPOSE = "audit checkpoint"


class MarkKind(StrEnum):
    """What a mark says."""

    CHECKPOINT = "checkpoint"
    PRUNED = "pruned"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is known of the chain at one place.

    Attributes:
        link: the last entry that the mark covers; its `seq` is also how many entries there had been.
        count: how many of them were still there.
    """

    kind: MarkKind
    link: Link
    count: int
    at: datetime

    @property
    def name(self) -> str:
        """Its file. Names sort by time."""
        return f"{FOLDER}/{self.at:%Y%m%dT%H%M%S%f}-{self.kind}-{self.link.seq}.json"

    def content(self) -> bytes:
        """What is signed."""
        said = {
            "kind": self.kind.value,
            "seq": self.link.seq,
            "hash": self.link.hash.hex(),
            "count": self.count,
            "at": to_milliseconds(self.at),
        }
        return json.dumps(said, sort_keys=True).encode()


class BadMark(Exception):
    """A file that no mark of this installation's is: it was changed, or signed with another key."""


class Marks:
    """All marks of this installation."""

    def __init__(self, storage: Storage, ledger: Ledger) -> None:
        self._storage = storage
        self._ledger = ledger

    def add(self, mark: Mark) -> None:
        """Keep a mark for good."""
        content = mark.content()
        signed = {
            "mark": json.loads(content),
            "signature": self._ledger.digest(_PURPOSE, content).hex(),
        }
        self._storage.write(mark.name, json.dumps(signed, indent=1).encode())

    def names(self) -> list[str]:
        """The files of all marks, oldest first."""
        return [name for name in self._storage.names(FOLDER) if name.endswith(".json")]

    def read(self, name: str) -> Mark:
        """The mark in a file.

        Raises:
            BadMark: it is none of ours.
            FileNotFoundError: there is none any more.
        """
        raw = self._storage.read(name)
        try:
            signed = json.loads(raw)
            said = signed["mark"]
            mark = Mark(
                kind=MarkKind(said["kind"]),
                link=Link(int(said["seq"]), bytes.fromhex(said["hash"])),
                count=int(said["count"]),
                at=datetime.fromtimestamp(said["at"] / 1000, UTC),
            )
            signature = bytes.fromhex(signed["signature"])
        except (ValueError, KeyError, TypeError):
            raise BadMark(name) from None
        if not self._ledger.verifies(_PURPOSE, mark.content(), signature):
            raise BadMark(name)
        return mark

    def latest(self, kind: MarkKind) -> Mark | None:
        """The mark of a kind that was made last."""
        for name in reversed(self.names()):
            if f"-{kind}-" not in name:
                continue
            try:
                return self.read(name)
            except (BadMark, FileNotFoundError):
                continue
        return None

    def drop_before(self, seq: int) -> int:
        """Delete checkpoints of entries that are not there any more, and older marks of where it begins; how many."""
        stale = [
            name for name in self.names() if _seq_in(name) < seq and f"-{MarkKind.RESTORED}-" not in name
        ]
        for name in stale:
            self._storage.delete(name)
        return len(stale)

    def thin_before(self, moment: datetime) -> int:
        """Keep only the last checkpoint of each day before `moment`: it covers all that came before; how many went."""
        by_day: dict[str, list[str]] = {}
        for name in self.names():
            made = name.removeprefix(f"{FOLDER}/")
            if f"-{MarkKind.CHECKPOINT}-" in name and made < f"{moment:%Y%m%d}":
                by_day.setdefault(made[:8], []).append(name)
        superfluous = [name for names in by_day.values() for name in names[:-1]]
        for name in superfluous:
            self._storage.delete(name)
        return len(superfluous)


def _seq_in(name: str) -> int:
    number = name.removesuffix(".json").rpartition("-")[2]
    return int(number) if number.isdecimal() else 0
