"""What people do with their history: look back, rate, write a note (docs/product.md M4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from bson import ObjectId

from backend.groups.service import GroupService
from backend.history.notes import Notes
from backend.history.store import Rating, RatingStore
from backend.infra.clock import Clock, to_iso
from backend.sessions.outcomes import Outcomes
from backend.sessions.state import Session
from backend.sessions.views import SessionViews


class HistoryService:
    """Everybody's own history. Ratings and notes are for their author alone; others' are never read."""

    def __init__(
        self,
        *,
        store: RatingStore,
        notes: Notes,
        outcomes: Outcomes,
        sessions: SessionViews,
        groups: GroupService,
        clock: Clock,
    ) -> None:
        self._store = store
        self._notes = notes
        self._outcomes = outcomes
        self._sessions = sessions
        self._groups = groups
        self._clock = clock

    def page(self, user_id: ObjectId, skip: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """A page of what the user's sessions decided, newest first, JSON-ready, and how many that were.

        As many reads for one entry as for a hundred.

        Raises:
            NotesLocked: `data_locked`.
        """
        sessions, total = self._outcomes.of_user(user_id, skip, limit)
        return self._entries(user_id, sessions), total

    def rate(
        self, user_id: ObjectId, session_id: ObjectId, rating: int | None, note: str | None
    ) -> dict[str, Any]:
        """Say what one thinks of an outcome, in the place of what one said before; returns its entry.

        Args:
            rating: 1 to 5; None takes it back.
            note: for oneself; None takes it back.

        Raises:
            NotFound: `session_not_found`, also for those who were not in it.
            Conflict: `no_outcome`.
            NotesLocked: `data_locked`.
        """
        session = self._outcomes.find(session_id, user_id)
        assert session.outcome is not None  # noqa: S101  # `find` has looked
        if rating is None and note is None:
            self._store.remove(user_id, session_id)
        else:
            sealed = None if note is None else self._notes.sealed(user_id, session_id, note)
            said = Rating(session_id, rating, sealed, self._clock.now(), session.outcome.decided_at)
            self._store.put(user_id, said)
        return self._entries(user_id, [session])[0]

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """All ratings and notes of the user, oldest first, JSON-ready (for the export).

        Raises:
            NotesLocked: `data_locked`.
        """
        for one in self._store.all_of(user_id):
            notes = self._opened(user_id, [one])
            yield {
                "session_id": str(one.session_id),
                "rating": one.rating,
                "note": notes.get(one.session_id),
                "at": to_iso(one.at),
            }

    def delete_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete what was said about outcomes from before `cutoff` (P4); yields how much, batch by batch."""
        return self._store.delete_before(cutoff, batch=batch, dry_run=dry_run)

    def oldest(self) -> datetime | None:
        """When that was decided which is rated and lies back longest."""
        return self._store.oldest()

    def forget(self, user_id: ObjectId) -> int:
        """Delete somebody's ratings and notes; how many they were."""
        return self._store.delete_of(user_id)

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has rated something."""
        return self._store.people()

    def _entries(self, user_id: ObjectId, sessions: Sequence[Session]) -> list[dict[str, Any]]:
        ratings = self._store.about(user_id, [session.id for session in sessions])
        notes = self._opened(user_id, ratings.values())
        groups = self._groups.names_for(
            user_id, {session.group_id for session in sessions if session.group_id}
        )
        return [
            {
                **decision,
                "group": _group(session.group_id, groups),
                "rating": ratings[session.id].rating if session.id in ratings else None,
                "note": notes.get(session.id),
            }
            for session, decision in zip(sessions, self._sessions.decisions(sessions), strict=True)
        ]

    def _opened(self, user_id: ObjectId, ratings: Iterable[Rating]) -> dict[ObjectId, str]:
        return self._notes.opened(
            user_id, {one.session_id: one.note for one in ratings if one.note is not None}
        )


def _group(group_id: ObjectId | None, names: dict[ObjectId, str]) -> dict[str, str] | None:
    """The group, for who is still in it."""
    if group_id is None or group_id not in names:
        return None
    return {"id": str(group_id), "name": names[group_id]}
