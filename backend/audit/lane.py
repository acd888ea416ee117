"""How a process that serves requests gets its events into the chain without holding up a request.

A request appends to the queue in Valkey, which outlives the process. Whichever process has its turn moves what waits
there into the chain. The process also keeps its own security events in mind until they must be in the chain: Valkey
may lose its last second. While Valkey is away, security events are written to MongoDB before the request is answered,
all that wait in one write; others follow within a second.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from bson import ObjectId
from bson.errors import InvalidId
from pymongo.errors import PyMongoError

from backend.audit.events import AuditEvent
from backend.audit.queue import AuditQueue
from backend.audit.writing import BATCH
from backend.infra.metrics import AUDIT_DIRECT_WRITES, AUDIT_LOST
from backend.infra.valkey import VALKEY_AWAY

_log = structlog.stdlib.get_logger(__name__)

_CONFIRMED_AFTER_SECONDS = 5.0
_GATHER_SECONDS = 0.1
_LOOK_UP_SECONDS = 1.0
_MOST_KEPT = 20_000
# Beyond this somebody must look why nothing is moved on; what is only recorded for completeness gives way.
_MOST_QUEUED = 100_000

Write = Callable[[Sequence[AuditEvent]], None]


@dataclass(frozen=True, slots=True)
class _Kept:
    event: AuditEvent
    due: float


class AuditLane:
    """One per API process. Its thread runs from the start until `close`."""

    def __init__(
        self,
        queue: AuditQueue,
        write: Write,
        left_over: Callable[[], Sequence[AuditEvent]] = tuple,
        confirmed_after: float = _CONFIRMED_AFTER_SECONDS,
    ) -> None:
        """Args:
        left_over: asked now and then for events that nobody brought.
        confirmed_after: seconds after which an event that went into the queue is looked for in the chain.
        """
        self._queue = queue
        self._write = write
        self._left_over = left_over
        self._confirmed_after = confirmed_after
        self._kept: dict[ObjectId, _Kept] = {}
        self._writing = threading.Lock()
        self._wake = threading.Event()
        self._closing = threading.Event()
        self._queued = 0
        self._waits_for: set[str] = set()
        self._thread = threading.Thread(target=self._run, name="audit-lane", daemon=True)
        self._thread.start()

    def put(self, event: AuditEvent) -> None:
        """Take in one event. A security event is in Valkey or in MongoDB afterwards, unless both are away."""
        if not event.security and (len(self._kept) >= _MOST_KEPT or self._queued >= _MOST_QUEUED):
            AUDIT_LOST.inc()
            return
        if event.security:
            self._keep(event, time.monotonic() + self._confirmed_after)
        try:
            self._queue.put(event.text())
        except VALKEY_AWAY:
            self._keep(event, 0.0)
            if event.security:
                self._write_directly()
        self._wake.set()

    def close(self, timeout: float = 5.0) -> None:
        """Write what is kept, stop."""
        self._closing.set()
        self._wake.set()
        self._thread.join(timeout)

    def _keep(self, event: AuditEvent, due: float) -> None:
        if len(self._kept) >= _MOST_KEPT and event.id not in self._kept:
            AUDIT_LOST.inc()
            _log.error("audit_entry_lost", action=event.action, outcome=event.outcome.value)
            return
        self._kept[event.id] = _Kept(event, due)

    def _write_directly(self) -> None:
        AUDIT_DIRECT_WRITES.inc()
        try:
            self._write_due()
        except PyMongoError as away:
            _log.error("audit_entry_waits", error=type(away).__name__, kept=len(self._kept))

    def _write_due(self) -> None:
        """Write what is due: one at a time writes for all who wait for it."""
        with self._writing:
            now = time.monotonic()
            due = [kept.event for kept in list(self._kept.values()) if kept.due <= now]
            for start in range(0, len(due), BATCH):
                batch = due[start : start + BATCH]
                self._write(batch)
                self._let_go(batch)

    def _let_go(self, events: Sequence[AuditEvent]) -> None:
        for event in events:
            self._kept.pop(event.id, None)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wake.wait(_LOOK_UP_SECONDS)
            self._wake.clear()
            self._closing.wait(_GATHER_SECONDS)  # the busier it is, the more go together
            self._turn()
        for event in [kept.event for kept in list(self._kept.values())]:
            self._keep(event, 0.0)
        self._guarded(self._write_due)

    def _turn(self) -> None:
        for event in self._left_over():
            self._keep(event, 0.0)
        self._guarded(self._write_due)
        self._guarded(self._drain)

    def _drain(self) -> None:
        self._let_go(drain(self._queue, self._write))
        self._queued = self._queue.length()

    def _guarded(self, act: Callable[[], None]) -> None:
        try:
            act()
            self._waits_for.discard(act.__name__)
        except (*VALKEY_AWAY, PyMongoError) as away:
            if act.__name__ not in self._waits_for:  # said once, not every second
                _log.warning("audit_lane_waits", error=type(away).__name__, kept=len(self._kept))
            self._waits_for.add(act.__name__)
        except Exception:  # noqa: BLE001  # without this thread nothing would reach the chain: go on
            _log.exception("audit_lane_failed")


def drain(queue: AuditQueue, write: Write) -> list[AuditEvent]:
    """Move what waits in the queue into the chain, if it is this process's turn; what was moved.

    An event leaves the queue when it is in the chain for good: whoever dies between the two leaves it to be found there
    by the next.

    Raises:
        RedisError, PyMongoError: the rest still waits.
    """
    moved: list[AuditEvent] = []
    with queue.turn() as mine:
        while mine and (waiting := queue.first(BATCH)):
            events = [event for _, text in waiting if (event := _parsed(text)) is not None]
            write(events)
            queue.remove([place for place, _ in waiting])
            moved += events
    return moved


def _parsed(text: bytes) -> AuditEvent | None:
    try:
        return AuditEvent.parse(text)
    except (ValueError, KeyError, TypeError, InvalidId):
        _log.error("audit_event_malformed", bytes=len(text))
        return None
