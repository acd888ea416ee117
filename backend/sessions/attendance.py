"""Who is there, and what follows from it: people come, are away, are gone after a while, and come back (S16)."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from datetime import timedelta

import structlog
from bson import ObjectId
from pymongo.errors import PyMongoError

from backend.config import Settings
from backend.errors import AppError
from backend.infra.clock import Clock, to_milliseconds
from backend.infra.valkey import VALKEY_AWAY
from backend.sessions.deadlines import Deadlines
from backend.sessions.presence import RENEW_SECONDS, Marks, Presence
from backend.sessions.service import SessionService
from backend.sessions.state import Participant, Session

_log = structlog.stdlib.get_logger(__name__)

_LATE_SECONDS = 2 * RENEW_SECONDS
_STEADY_SECONDS = 3 * RENEW_SECONDS


class Attendance:
    """Keeps a session's participants in step with who is really there. Any process may look; MongoDB decides."""

    def __init__(
        self,
        *,
        presence: Presence,
        service: SessionService,
        deadlines: Deadlines,
        clock: Clock,
        settings: Settings,
        steady_seconds: float = _STEADY_SECONDS,
    ) -> None:
        """Args:
        steady_seconds: marks are believed once this process has renewed its own for so long without a break.
        """
        self._grace = timedelta(seconds=settings.away_grace_seconds)
        self._steady_seconds = steady_seconds
        self._renewed_at = self._steady_since = time.monotonic()
        self._presence = presence
        self._service = service
        self._deadlines = deadlines
        self._clock = clock

    def arrived(self, session_id: ObjectId, user_id: ObjectId) -> None:
        """Somebody opened a socket: they are connected. Who of the others is not, is looked for in a while.

        Raises:
            RedisError: Valkey does not answer.
        """
        now = self._clock.now()
        self._presence.arrived(session_id, user_id, now)
        self._deadlines.put([(session_id, now + self._grace)])

    def welcome(self, session: Session, user_id: ObjectId) -> Session:
        """The session with somebody who has arrived: required again if they were gone.

        Args:
            session: read after `arrived`, as `_go` reads marks after writing: one of the two sees the other.
        """
        if session.participant(user_id).gone:
            return self._service.come_back(session.id, user_id)
        return session

    def seen(self, session: Session, user_id: ObjectId) -> None:
        """Somebody called over HTTP; for those without a socket that is a sign of life."""
        if not session.status.live or session.participant(user_id).left:
            return
        try:
            self._presence.seen(session.id, user_id, self._clock.now())
        except VALKEY_AWAY as error:
            _log.warning("presence_unknown", error=type(error).__name__)
        self.welcome(session, user_id)

    def departed(self, session_id: ObjectId, user_id: ObjectId) -> bool:
        """Somebody's last socket here closed; whether that makes them away. In a while they may be gone.

        Raises:
            RedisError: Valkey does not answer.
        """
        now = self._clock.now()
        if self._presence.departed(session_id, user_id, now):
            return False
        self._deadlines.put([(session_id, now + self._grace)])
        return True

    def renew(self, here: Iterable[tuple[ObjectId, ObjectId]]) -> None:
        """Renew the marks of (session, user) pairs with a socket in this process; called every RENEW_SECONDS.

        Raises:
            RedisError: Valkey does not answer.
        """
        self._presence.mark(here, self._clock.now())
        moment = time.monotonic()
        if moment - self._renewed_at > _LATE_SECONDS:
            self._steady_since = moment
        self._renewed_at = moment

    def look(self, sessions: Sequence[Session]) -> dict[ObjectId, frozenset[str]]:
        """Bring sessions in step: who was away for too long is gone, who is connected is back.

        Where somebody is away, a process may have died between a like and its match: the log is counted again.

        Returns:
            By session, the ids of those who are connected; nothing while marks cannot be believed.

        Raises:
            RedisError: Valkey does not answer.
        """
        live = [session for session in sessions if session.status.live]
        if time.monotonic() - self._steady_since < self._steady_seconds:
            # Valkey was away, or all processes were: marks are old, and say nothing about people.
            later = self._clock.now() + timedelta(seconds=self._steady_seconds)
            self._deadlines.put([(session.id, later) for session in live])
            return {}
        marks = self._presence.marks([session.id for session in live]) if live else []
        connected: dict[ObjectId, frozenset[str]] = {}
        for session, known in zip(live, marks, strict=True):
            moment = to_milliseconds(self._clock.now())
            connected[session.id] = frozenset(user_id for user_id, until in known.items() if until > moment)
            try:
                if self._look_at(session, known) and session.status.running:
                    self._service.settle(session.id)
            except (PyMongoError, AppError) as error:
                _log.warning("attendance_delayed", session_id=str(session.id), error=type(error).__name__)
        return connected

    def _look_at(self, session: Session, marks: Marks) -> bool:
        """Bring one session in step; whether somebody of it is away or gone."""
        now = self._clock.now()
        moment, too_long = to_milliseconds(now), to_milliseconds(now - self._grace)
        unknown = [p.user_id for p in session.players if str(p.user_id) not in marks]
        if unknown:
            self._presence.expect(session.id, unknown, now)
        away = {p: marks.get(str(p.user_id), moment) for p in session.players}
        away = {player: since for player, since in away.items() if since <= moment}
        for player in session.players:
            if player.gone and player not in away:
                self._service.come_back(session.id, player.user_id)
        if too_late := [p for p, since in away.items() if since <= too_long and not p.gone]:
            self._go(session, too_late)
        waited_for = [since for player, since in away.items() if since > too_long and not player.gone]
        if waited_for:
            waiting = timedelta(milliseconds=moment - min(waited_for))
            self._deadlines.put([(session.id, now + self._grace - waiting)])
        return bool(away)

    def _go(self, session: Session, players: Sequence[Participant]) -> None:
        _log.info("participants_gone", session_id=str(session.id), count=len(players))
        self._service.go(session.id, [player.user_id for player in players])
        connected = self._presence.connected(session.id, self._clock.now())
        for player in players:
            if str(player.user_id) in connected:  # in this very moment
                self._service.come_back(session.id, player.user_id)
