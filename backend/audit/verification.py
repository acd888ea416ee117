"""Walking the chain: is every entry as it was written, and is none missing?"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backend.audit.chain import Chain, Link
from backend.audit.marks import BadMark, Mark, MarkKind, Marks
from backend.infra.clock import to_iso
from backend.infra.mongo import BsonDocument

# Checkpoints are made every quarter of an hour (`worker.cron`): a chain that has gone on for a day without one lost
# them.
_CHECKPOINT_OVERDUE = timedelta(days=1)


@dataclass(slots=True)
class Report:
    """What was found.

    Attributes:
        entries: how many were looked at.
        checkpoints: how many of them were compared with a checkpoint.
        first, last: the numbers of the first and the last entry; 0 where there is none.
        findings: what is wrong, a sentence each, in the order of the chain. None: all is well.
    """

    entries: int = 0
    checkpoints: int = 0
    first: int = 0
    last: int = 0
    findings: list[str] = field(default_factory=list)

    def lines(self) -> Iterator[str]:
        """For people."""
        yield from self.findings
        looked = f"{self.entries} entries ({self.first} to {self.last}), {self.checkpoints} checkpoints"
        verdict = f"{len(self.findings)} findings" if self.findings else "all as it was written"
        yield f"{looked}: {verdict}."


def verify(chain: Chain, marks: Marks, now: datetime) -> Report:
    """Check every entry against the one before, and the chain against its marks. Streams; reads nothing twice."""
    report = Report()
    known = _Known(_read(marks, report))
    walk = _Walk(chain, marks, known, report)
    for entry in chain.walk(after=known.beginning.seq):
        walk.step(entry)
    walk.end(now)
    return report


def verify_front(chain: Chain, marks: Marks, upto: int) -> tuple[Link, Report]:
    """Check as `verify` does, but only to the entry `upto`: that is to go, and nothing can be checked afterwards.

    Returns:
        Its place, as it was checked, and the report. Where nothing is left to check, because its going was signed
        already, the place up to which it was.
    """
    report = Report()
    known = _Known(_read(marks, report))
    walk = _Walk(chain, marks, known, report)
    for entry in chain.walk(after=known.beginning.seq, upto=upto):
        walk.step(entry)
    return walk.stop(upto), report


class _Known:
    """What valid marks say of the chain."""

    def __init__(self, marks: Iterable[Mark]) -> None:
        every = list(marks)
        restored = [mark for mark in every if mark.kind is MarkKind.RESTORED]
        good = [mark for mark in every if not any(_is_void(mark, after) for after in restored)]
        pruned = [mark.link for mark in good if mark.kind is MarkKind.PRUNED]
        self.beginning = max(pruned, key=lambda link: link.seq, default=Link(0, b""))
        self.signed = {mark.link.seq: mark for mark in good if mark.kind is not MarkKind.PRUNED}
        self.last_signed = max(self.signed, default=0)


class _Walk:
    def __init__(self, chain: Chain, marks: Marks, known: _Known, report: Report) -> None:
        self._chain = chain
        self._marks = marks
        self._known = known
        self._report = report
        self._seq = known.beginning.seq
        self._previous: bytes | None = known.beginning.hash if known.beginning.seq else chain.genesis.hash
        self._first_at: datetime | None = None

    def step(self, entry: BsonDocument) -> None:
        seq, stored = entry["seq"], bytes(entry.get("hash") or b"")
        if seq <= self._seq:
            self._find(f"There are two entries with the number {seq}.")
        elif seq != self._seq + 1:
            self._gap(seq)
        if self._previous is not None:
            expected = self._chain.hash_after(self._previous, entry)
            if not hmac.compare_digest(expected, stored):
                self._find(f"Entry {seq} was changed{_described(entry)}.")
        self._compare(seq, stored)
        self._seq, self._previous = seq, stored
        self._first_at = self._first_at or entry.get("at")
        self._report.first = self._report.first or seq
        self._report.last = seq
        self._report.entries += 1

    def end(self, now: datetime) -> None:
        """What only shows at the end."""
        known, last = self._known, self._seq
        if known.last_signed > last:
            self._find(
                f"{_entries(last + 1, known.last_signed)} missing at the end: {self._by(known.last_signed)}"
            )
        elif known.beginning.seq and not self._report.entries:
            self._find(f"All entries after {known.beginning.seq} are missing.")
        overdue = self._first_at is not None and now - self._first_at > _CHECKPOINT_OVERDUE
        if overdue and not known.signed:
            self._find("There is not one checkpoint: were their files removed, or does no worker run?")

    def stop(self, seq: int) -> Link:
        """Nothing behind the entry `seq` matters; where the walk has come to."""
        if self._seq < seq:
            self._find(f"{_entries(self._seq + 1, seq)} missing before entry {seq + 1}.")
        return Link(self._seq, self._previous or b"")

    def _gap(self, seq: int) -> None:
        pruned = _Known(_read(self._marks, Report())).beginning
        if pruned.seq >= seq - 1:  # they went while we were walking: their time had come
            self._previous = pruned.hash if pruned.seq == seq - 1 else None
            return
        where = "at the front" if not self._report.entries else f"before entry {seq}"
        self._find(f"{_entries(self._seq + 1, seq - 1)} missing {where}.")
        before = self._known.signed.get(seq - 1)
        self._previous = before.link.hash if before else None

    def _compare(self, seq: int, stored: bytes) -> None:
        mark = self._known.signed.get(seq)
        if mark is None:
            return
        self._report.checkpoints += 1
        if mark.link.hash != stored:
            self._find(f"Entry {seq} is not the one that was signed: {self._by(seq)}")

    def _by(self, seq: int) -> str:
        mark = self._known.signed[seq]
        return f"{mark.name}, made {to_iso(mark.at)}, says otherwise."

    def _find(self, what: str) -> None:
        self._report.findings.append(what)


def _read(marks: Marks, report: Report) -> Iterator[Mark]:
    for name in marks.names():
        try:
            yield marks.read(name)
        except BadMark:
            report.findings.append(f"The file {name} was changed, or was signed with another LEDGER_KEY.")
        except FileNotFoundError:  # deleted with the entries that it was about
            continue


def _is_void(mark: Mark, restored: Mark) -> bool:
    """Whether a mark is about entries that were lost when a backup was restored.

    The mark of the restore stands in for all checkpoints before it: its hash covers every entry that came with it.
    """
    if mark is restored or mark.at > restored.at:
        return False
    return mark.kind is not MarkKind.PRUNED or mark.link.seq > restored.link.seq


def _entries(first: int, last: int) -> str:
    return f"Entry {first} is" if first == last else f"Entries {first} to {last} are"


def _described(entry: BsonDocument) -> str:
    action, at = entry.get("action"), entry.get("at")
    moment = to_iso(at) if isinstance(at, datetime) else at
    return f" (it says: {action}, {moment})"
