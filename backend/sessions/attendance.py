"""Who is there, and what follows from it: people come, are away, are gone after a while, and come back (S16)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog
from bson import ObjectId
from pymongo.errors import PyMongoError

from backend.errors import AppError
from backend.infra.clock import Clock, to_milliseconds
from backend.infra.valkey import VALKEY_AWAY
from backend.sessions.deadlines import Deadlines
from backend.sessions.presence import Marks, Presence
from backend.sessions.service import SessionService
from backend.sessions.state import Participant, Session

_log = structlog.stdlib.get_logger(__name__)

GRACE: Final = timedelta(seconds=30)


class Attendance:
    """Keeps a session's participants in step with who is really there. Any process may look; MongoDB decides."""

    def __init__(
        self, presence: Presence, service: SessionService, deadlines: Deadlines, clock: Clock
    ) -> None:
        self._presence = presence
        self._service = service
        self._deadlines = deadlines
        self._clock = clock

    def arrived(self, session_id: ObjectId, user_id: ObjectId) -> None:
        """Somebody opened a socket: connected, and required again if they were gone.

        Raises:
            RedisError, PyMongoError: a database does not answer.
        """
        self._presence.arrived(session_id, user_id, self._clock.now())
        # Read after marking, as `_go` reads marks after writing: one of the two sees the other.
        if self._service.load_for(session_id, user_id).participant(user_id).gone:
            self._service.come_back(session_id, user_id)

    def seen(self, session: Session, user_id: ObjectId) -> None:
        """Somebody called over HTTP; for those without a socket that is a sign of life."""
        if not session.status.live or session.participant(user_id).left:
            return
        try:
            self._presence.seen(session.id, user_id, self._clock.now())
        except VALKEY_AWAY as error:
            _log.warning("presence_unknown", error=type(error).__name__)
        if session.participant(user_id).gone:
            self._service.come_back(session.id, user_id)

    def departed(self, session_id: ObjectId, user_id: ObjectId) -> bool:
        """Somebody's last socket here closed; whether that makes them away. In a while they may be gone.

        Raises:
            RedisError: Valkey does not answer.
        """
        now = self._clock.now()
        if self._presence.departed(session_id, user_id, now):
            return False
        self._deadlines.put([(session_id, now + GRACE)])
        return True

    def look(self, sessions: Sequence[Session]) -> None:
        """Bring sessions in step: who has been away for the grace period is gone, who is connected is back."""
        sessions = [session for session in sessions if session.status.live]
        if not sessions:
            return
        marks = self._presence.marks([session.id for session in sessions])
        for session, known in zip(sessions, marks, strict=True):
            try:
                self._look_at(session, known, self._clock.now())
            except (PyMongoError, AppError) as error:
                _log.warning("attendance_delayed", session_id=str(session.id), error=type(error).__name__)

    def _look_at(self, session: Session, marks: Marks, now: datetime) -> None:
        players = [p for p in session.players if str(p.user_id) in marks]
        unknown = [p.user_id for p in session.players if str(p.user_id) not in marks]
        if unknown:
            self._presence.expect(session.id, unknown, now)
            self._deadlines.put([(session.id, now + GRACE)])
        moment, too_long = to_milliseconds(now), to_milliseconds(now - GRACE)
        for player in players:
            until = marks[str(player.user_id)]
            if until > moment and player.gone:
                self._service.come_back(session.id, player.user_id)
            elif until <= too_long and not player.gone:
                self._go(session, player)
        waiting = [
            until for p in players if too_long < (until := marks[str(p.user_id)]) <= moment and not p.gone
        ]
        if waiting:
            self._deadlines.put([(session.id, now + GRACE - timedelta(milliseconds=moment - min(waiting)))])

    def _go(self, session: Session, player: Participant) -> None:
        _log.info("participant_gone", session_id=str(session.id))
        self._service.go(session.id, player.user_id)
        if str(player.user_id) in self._presence.connected(session.id, self._clock.now()):
            self._service.come_back(session.id, player.user_id)  # connected in this very moment
