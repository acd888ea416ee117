"""Sessions as they are kept: lists, the export, feedback on outcomes, and what retention deletes (P1, P4, S15)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from bson import ObjectId

from backend.errors import Conflict
from backend.infra.clock import Clock, to_iso
from backend.sessions.conversation import Conversation
from backend.sessions.evenings import Evenings
from backend.sessions.state import Session
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog

_RECORDS_OF_A_SESSION = 100  # about; of four people who swiped a deck of twenty
_MOST_LIVE = 500  # of a page of groups; several at a time in one group are rare


class KeptSessions:
    """What is kept of sessions. What people make of it, their history (M4), is `backend.history`."""

    def __init__(
        self,
        *,
        store: SessionStore,
        swipes: SwipeLog,
        conversation: Conversation,
        evenings: Evenings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._swipes = swipes
        self._conversation = conversation
        self._evenings = evenings
        self._clock = clock

    def give_feedback(self, session_id: ObjectId, user_id: ObjectId, followed_through: bool) -> Session:
        """Say whether one cooked the card of the outcome, or went there (S15); the last word counts.

        Raises:
            NotFound: `session_not_found`.
            Conflict: `no_outcome`.
        """
        session = self._store.load(session_id)
        session.participant(user_id)
        if session.outcome is None:
            raise Conflict("This session has no outcome to tell about.", code="no_outcome")
        self._evenings.take_feedback(session, user_id, followed_through, self._clock.now())
        return session

    def waiting_for_feedback(self, sessions: list[Session], user_id: ObjectId) -> frozenset[ObjectId]:
        """Those of the sessions about whose outcome it is time to ask the user."""
        return self._evenings.waiting_for_feedback(sessions, user_id, self._clock.now())

    def of_user(self, user_id: ObjectId, skip: int, limit: int) -> tuple[list[Session], int]:
        """A page of the user's sessions, newest first, and how many there are."""
        return self._store.of_user(user_id, skip, limit)

    def of_group(self, group_id: ObjectId, skip: int, limit: int) -> tuple[list[Session], int]:
        """A page of what a group has decided, newest first, and how many that are (G3)."""
        return self._store.decided_of_group(group_id, skip, limit)

    def live_of_groups(self, group_ids: Collection[ObjectId]) -> dict[ObjectId, Session]:
        """By group, its newest session that people can still join; nothing for groups that have none."""
        newest: dict[ObjectId, Session] = {}
        for session in self._store.live_of_groups(group_ids, _MOST_LIVE):
            if session.group_id is not None:
                newest.setdefault(session.group_id, session)
        return newest

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Every session of the user as the user saw it, oldest first, JSON-ready (for the export)."""
        for session in self._store.all_of_user(user_id):
            me = session.participant(user_id)
            yield {
                "id": str(session.id),
                "created_at": to_iso(session.created_at),
                "status": session.status.value,
                "menu": session.menu,
                "hosted": session.host_id == user_id,
                "group_id": str(session.group_id) if session.group_id else None,
                "my_name": me.display_name,
                "joined_at": to_iso(me.joined_at),
                "left": me.left,
                "my_energy": me.energy.value if me.energy else None,
                "people": len(session.participants),
                "deck": [str(item) for item in session.deck],
                "outcome": [str(item) for item in session.outcome.items] if session.outcome else [],
            }

    def swipes_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Every swipe of the user, session by session, JSON-ready (for the export)."""
        sessions = (session.id for session in self._store.all_of_user(user_id))
        for swipe in self._swipes.of_participant(user_id, sessions):
            yield {
                "session_id": str(swipe.session_id),
                "item_id": str(swipe.item_id),
                "direction": swipe.direction.value,
                "round": swipe.round,
                "at": to_iso(datetime.fromtimestamp(swipe.at / 1e6, tz=self._clock.now().tzinfo)),
            }

    def delete_finished_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete sessions that were over before `cutoff`, with all that belongs to them (P4); yields how many.

        Sessions go last: interrupted in between, the next run still finds the sessions.

        Args:
            batch: records at a time; there are a fraction of so many sessions in it, for the swipes they bring along.
        """
        if dry_run:
            yield self._store.count_finished_before(cutoff)
            return
        while ids := self._store.finished_before(cutoff, max(1, batch // _RECORDS_OF_A_SESSION)):
            self._swipes.delete_of(ids)
            self._conversation.delete_of(ids)
            self._evenings.delete_of(ids)
            self._store.delete(ids)
            yield len(ids)

    def oldest(self) -> datetime | None:
        """When the session ended that is over for longest."""
        return self._store.oldest_end()

    def messages_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """What the user wrote in sessions, JSON-ready (for the export)."""
        sessions = (session.id for session in self._store.all_of_user(user_id))
        return self._conversation.messages_of(user_id, sessions)

    def feedback_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """The user's feedback on outcomes, JSON-ready (for the export)."""
        return self._evenings.feedback_of(user_id)
