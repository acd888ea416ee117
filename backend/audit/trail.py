"""The audit log as the rest of the program sees it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import structlog
from bson import ObjectId
from pymongo.errors import PyMongoError

from backend.audit.chain import Chain
from backend.audit.events import AuditEvent, Channel, Outcome
from backend.audit.folding import Folding
from backend.audit.lane import AuditLane, drain
from backend.audit.marks import Mark, Marks
from backend.audit.queue import AuditQueue
from backend.audit.reading import AuditReading, Criteria, Cursor, Record
from backend.audit.sealing import Sealing
from backend.audit.subjects import Subjects
from backend.audit.verification import Report, verify
from backend.audit.writing import EntryWriter
from backend.infra.clock import Clock
from backend.infra.metrics import AUDIT_LOST
from backend.infra.valkey import VALKEY_AWAY

_log = structlog.stdlib.get_logger(__name__)

_TOO_OFTEN = "too_many_requests"
_FROM_OUTSIDE = {Channel.HTTP, Channel.SOCKET}


class AuditTrail:
    """Records what happened, and tells it to those who may know."""

    def __init__(
        self, *, chain: Chain, subjects: Subjects, queue: AuditQueue, marks: Marks, clock: Clock
    ) -> None:
        self._chain = chain
        self._subjects = subjects
        self._queue = queue
        self._marks = marks
        self._clock = clock
        self._writer = EntryWriter(chain, subjects)
        self._sealing = Sealing(chain, marks, queue, clock)
        self._reading = AuditReading(chain, subjects)
        self._folding = Folding()
        self._lane: AuditLane | None = None

    def start_lane(self) -> None:
        """This process serves requests, which must not wait for the chain."""
        self._lane = AuditLane(self._queue, self._writer.write, self._folded)

    def close(self) -> None:
        """Write what this process still has."""
        lane, self._lane = self._lane, None
        if lane is not None:
            lane.close()
        self._write_now(self._folding.all())

    def record(self, event: AuditEvent) -> None:
        """Record an event. It never fails on account of a database that is away.

        A process with a lane puts it into a queue, a job or a command writes it to the chain at once.
        """
        event = event.at_least_at(self._clock.now())
        if _can_flood(event) and not self._folding.passes(_kind(event), event):
            return
        if self._lane is not None:
            self._lane.put(event)
        else:
            self._write_now([event])

    def settle(self) -> None:
        """Move into the chain what waits in the queue, unless another process is at it."""
        try:
            drain(self._queue, self._writer.write)
        except VALKEY_AWAY as away:
            _log.warning("audit_queue_away", error=type(away).__name__)

    def search(
        self, criteria: Criteria, after: Cursor | None, limit: int
    ) -> tuple[list[Record], Cursor | None]:
        """A page of entries, newest first, and where the next one begins."""
        return self._reading.search(criteria, after, limit)

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Every entry about the user, oldest first, JSON-ready (for the export)."""
        return self._reading.history_of(user_id)

    def forget(self, user_id: ObjectId) -> int:
        """From now on nobody can tell which entries were about the user; the chain stays as it is (P2).

        The last entry that is about them says so.

        Returns:
            How many pseudonyms were forgotten: one, or none when called again.
        """
        self.settle()
        if self._subjects.known(user_id) is not None:
            self._write_now([AuditEvent("compliance.erased", about=user_id).at_least_at(self._clock.now())])
        return self._subjects.forget(user_id)

    def people(self) -> Iterator[ObjectId]:
        """Everybody whose pseudonym is known."""
        return self._subjects.people()

    def checkpoint(self) -> Mark | None:
        """Sign where the chain stands, if it went on since the last time. For a job."""
        self.settle()
        return self._sealing.checkpoint()

    def note_restore(self) -> Mark | None:
        """Record that the database was restored from a backup. Call it at the end of a restore.

        Returns:
            Where the chain goes on, if entries were lost: what was signed of them is void from now on.
        """
        mark = self._sealing.note_restore()
        self.record(AuditEvent("audit.restored"))
        return mark

    def delete_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete entries older than `cutoff`, batch by batch; yields how many went (P4)."""
        yield from self._sealing.prune(cutoff, batch=batch, dry_run=dry_run)

    def oldest(self) -> datetime | None:
        """When the oldest entry was made; None where there is none."""
        return self._chain.oldest()

    def waiting(self) -> int:
        """How many events wait in the queue.

        Raises:
            RedisError: Valkey is away.
        """
        return self._queue.length()

    def verify(self) -> Report:
        """Check the whole chain against itself and its marks."""
        return verify(self._chain, self._marks, self._clock.now())

    def _folded(self) -> Sequence[AuditEvent]:
        return self._folding.over(self._clock.now())

    def _write_now(self, events: Sequence[AuditEvent]) -> None:
        if not events:
            return
        try:
            self._writer.write(events)
        except PyMongoError as away:
            _log.warning("audit_chain_away", error=type(away).__name__)
            self._queue_instead(events)

    def _queue_instead(self, events: Sequence[AuditEvent]) -> None:
        try:
            for event in events:
                self._queue.put(event.text())
        except VALKEY_AWAY as away:
            AUDIT_LOST.inc(len(events))
            _log.error("audit_entries_lost", events=len(events), error=type(away).__name__)


def _can_flood(event: AuditEvent) -> bool:
    """Whether anybody can bring about as many of these as they like. Guesses at passwords are bounded, and kept."""
    if event.origin.channel not in _FROM_OUTSIDE:
        return False
    unknown = event.who is None and not event.tried
    return event.reason == _TOO_OFTEN or (unknown and event.outcome is not Outcome.DONE)


def _kind(event: AuditEvent) -> tuple[object, ...]:
    """Nothing in it may be made up by who asks: ids in the path are, and whom they stand for."""
    return event.action, event.reason, event.route, event.who, event.origin.network
