"""Carrying out a rule: load, apply, compare-and-set, announce. Who wins the compare-and-set has changed the session."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import structlog
from bson import ObjectId

from backend.catalog.service import CatalogService
from backend.errors import Busy
from backend.infra.clock import Clock, to_milliseconds
from backend.infra.event_bus import Announcement, EventBus
from backend.infra.metrics import MATCHES, OUTCOMES
from backend.infra.valkey import VALKEY_AWAY
from backend.sessions.deadlines import Deadlines
from backend.sessions.state import Change, Event, Operation, Session, Status
from backend.sessions.store import Saved, SessionStore

_log = structlog.stdlib.get_logger(__name__)

Rule = Callable[[Session, datetime], Change]

_ATTEMPTS = 25


class Transitions:
    """Changes sessions. Every process may; MongoDB decides who was first."""

    def __init__(
        self, store: SessionStore, bus: EventBus, deadlines: Deadlines, catalog: CatalogService, clock: Clock
    ) -> None:
        self._store = store
        self._bus = bus
        self._deadlines = deadlines
        self._catalog = catalog
        self._clock = clock

    def apply(self, session_id: ObjectId, rule: Rule, operation: Operation | None = None) -> Session:
        """Apply `rule` to the session as it is now, again and again until nobody came in between.

        Args:
            operation: that asks for it; one that was carried out before does nothing.

        Returns:
            The session afterwards; unchanged where the rule had nothing to do.

        Raises:
            AppError: what the rule refuses; the session is as it was.
            Busy: too many others change the same session at once.
        """
        for _ in range(_ATTEMPTS):
            session = self._store.load(session_id)
            if operation is not None and session.has_carried_out(operation):
                return session
            now = self._clock.now()
            change = rule(session, now)
            if change.session == session and not change.events:
                if operation is None or self._store.remember_operation(session, operation):
                    return session
                continue
            after = replace(change.session, version=session.version + 1)
            told = self._announcement(after.version, change.events, now)
            saved = self._store.replace(session, after, told, operation)
            if saved is not None:
                self._tell(session, saved)
                return saved.session
        raise Busy("Many people are changing this session at once. Try again.", retry_after=1)

    @property
    def can_announce(self) -> bool:
        """Whether Valkey has answered lately. Without it changes wait, with the session, until they can be told."""
        return not self._bus.resting

    def announce(self, saved: Saved) -> None:
        """Tell everybody what is still untold. Without Valkey it stays pending, and the sweeper tells it later."""
        session = saved.session
        try:
            self._bus.announce(session.id, saved.pending)
        except VALKEY_AWAY as error:
            _log.warning("announcement_delayed", session_id=str(session.id), error=type(error).__name__)
            return
        self._store.announced(session.id, session.version)

    def schedule(self, session: Session) -> None:
        """Have the session looked at when time changes it next. Without Valkey the sweeper sees to it later."""
        if session.due_at is None:
            return
        try:
            self._deadlines.put([(session.id, session.due_at)])
        except VALKEY_AWAY as error:
            _log.warning("deadline_delayed", session_id=str(session.id), error=type(error).__name__)

    def announce_left_over(self, limit: int = 100) -> int:
        """Announce what a process that died, or a Valkey that was away, left untold."""
        left_over = self._store.unannounced(limit)
        for saved in left_over:
            self.announce(saved)
        return len(left_over)

    def _tell(self, before: Session, saved: Saved) -> None:
        self.announce(saved)
        self.schedule(saved.session)
        if before.status.live and not saved.session.status.live:
            OUTCOMES.labels(kind=saved.session.status.value).inc()
            if saved.session.status is Status.MATCHED:
                MATCHES.inc()
            _log.info("session_over", session_id=str(before.id), kind=saved.session.status.value)

    def _announcement(self, version: int, events: tuple[Event, ...], now: datetime) -> Announcement:
        at = to_milliseconds(now)
        frames = []
        for event in events:
            frame = {"at": at, "type": event.type, "data": self._with_cards(event.data)}
            frames.append(json.dumps(frame, separators=(",", ":"))[1:])
        return Announcement(version, tuple(frames))

    def _with_cards(self, told: Any) -> Any:
        """Put whole cards where an outcome names ids: clients show them at once."""
        outcome = told.get("outcome")
        if not outcome:
            return dict(told)
        return {
            **told,
            "outcome": {**outcome, "items": self._catalog.cards([ObjectId(i) for i in outcome["items"]])},
        }
