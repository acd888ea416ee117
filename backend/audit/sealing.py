"""Marks are made here: checkpoints, where the chain begins after its oldest entries went, where it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from backend.audit.chain import Chain, Link
from backend.audit.marks import Mark, MarkKind, Marks
from backend.audit.queue import AuditQueue
from backend.audit.verification import verify_front
from backend.infra.clock import Clock
from backend.infra.valkey import VALKEY_AWAY

_log = structlog.stdlib.get_logger(__name__)

_EVERY_ONE_KEPT = timedelta(days=7)


class Sealing:
    """Signs where the chain stands. For jobs and commands: storage may be slow."""

    def __init__(self, chain: Chain, marks: Marks, queue: AuditQueue, clock: Clock) -> None:
        self._chain = chain
        self._marks = marks
        self._queue = queue
        self._clock = clock

    def checkpoint(self) -> Mark | None:
        """Sign where the chain stands now, if it went on since; None where it did not, or is not as it was signed.

        The log gets the same line: one more place that remembers.
        """
        head = self._chain.head()
        last = self._marks.latest(MarkKind.CHECKPOINT)
        if last is not None and not self._went_on(last):
            self._report_broken(signed_seq=last.link.seq, seq=head.seq)
            return None
        if head.seq == 0 or (last is not None and last.link == head):
            return None
        mark = self._mark(MarkKind.CHECKPOINT)
        self._marks.thin_before(mark.at - _EVERY_ONE_KEPT)
        _log.info("audit_checkpoint", seq=mark.link.seq, hash=mark.link.hash.hex(), count=mark.count)
        return mark

    def note_restore(self) -> Mark | None:
        """Say that a backup was restored: where entries were lost with it, what was signed of them holds no more.

        None where the chain still is as it was signed.
        """
        last = self._marks.latest(MarkKind.CHECKPOINT)
        if last is None or self._went_on(last):
            return None
        mark = self._mark(MarkKind.RESTORED)
        _log.warning("audit_restored", seq=mark.link.seq, hash=mark.link.hash.hex())
        return mark

    def prune(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete entries from before `cutoff` from the front of the chain, except its last entry.

        What is to go is checked first, hash by hash and against the checkpoints: who changed it, dates and all, could
        otherwise have it deleted, and what is left signed. Where something is wrong, nothing goes.
        Where the chain begins from then on is signed before anything goes: interrupted, the next run deletes the rest.
        Yields how many went, batch by batch.
        """
        first, last = self._chain.first_seq(), self._chain.last_seq_before(cutoff)
        if first is None or first > last:
            return
        checked, report = verify_front(self._chain, self._marks, last)
        if report.findings:
            self._report_broken(kept_from=first, kept_to=last, finding=report.findings[0])
            return
        if dry_run:
            yield last - first + 1
            return
        self._sign_beginning(checked)
        for upto in range(first + batch - 1, last + batch, batch):
            yield self._chain.delete_to(min(upto, last))
        dropped = self._marks.drop_before(last)
        _log.info("audit_pruned", up_to_seq=last, marks_dropped=dropped)

    def _sign_beginning(self, link: Link) -> None:
        known = self._marks.latest(MarkKind.PRUNED)
        if known is None or known.link != link:
            count = self._chain.head().seq - link.seq
            self._marks.add(Mark(MarkKind.PRUNED, link, count, self._clock.now()))

    def _went_on(self, last: Mark) -> bool:
        restored = self._marks.latest(MarkKind.RESTORED)
        if restored is not None and restored.at >= last.at:
            return True
        return self._chain.at(last.link.seq) == last.link or self._is_gone_by_age(last)

    def _is_gone_by_age(self, last: Mark) -> bool:
        pruned = self._marks.latest(MarkKind.PRUNED)
        return pruned is not None and pruned.link.seq >= last.link.seq

    def _mark(self, kind: MarkKind) -> Mark:
        head, first = self._chain.head(), self._chain.first_seq()
        count = 0 if first is None else head.seq - first + 1
        mark = Mark(kind, head, count, self._clock.now())
        self._marks.add(mark)
        return mark

    def _report_broken(self, **what: object) -> None:
        _log.error("audit_chain_broken", **what, what_to_do="audit-verify")
        with suppress(*VALKEY_AWAY):
            self._queue.count_broken()
