"""What earlier evenings leave behind: feedback on outcomes, and what deck building learns from it (S6, S15)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from backend.infra.clock import to_iso
from backend.infra.mongo import MongoDatabase, durable
from backend.sessions.models import FeedbackRecord
from backend.sessions.ranking import Past
from backend.sessions.state import Outcome, Session, Status
from backend.sessions.store import SessionStore
from backend.sessions.swipes import SwipeLog

_ASK_AFTER = timedelta(hours=2)
_ASK_WITHIN = timedelta(days=3)
_LATELY = timedelta(days=14)
_EVENINGS: Final = 20
_DOUBT = 1  # as if every card had been followed through once and once not


class Evenings:
    """Past sessions as experience."""

    def __init__(self, database: MongoDatabase, store: SessionStore, swipes: SwipeLog) -> None:
        self._feedback = durable(database, FeedbackRecord)
        self._store = store
        self._swipes = swipes

    def past_of(self, user_ids: Collection[ObjectId], cards: Collection[ObjectId], now: datetime) -> Past:
        """What deck building should know of the last evenings of these people, and of these cards."""
        sessions = self._store.decided_of(user_ids, _EVENINGS)
        eaten = {
            chosen(session.outcome)
            for session in sessions
            if session.outcome
            and session.outcome.kind == "match"
            and now - session.outcome.decided_at < _LATELY
        }
        return Past(
            eaten=frozenset(eaten),
            liked=self._swipes.liked_by(user_ids, [session.id for session in sessions]),
            follow_through=self._follow_through(cards),
        )

    def take_feedback(
        self, session: Session, user_id: ObjectId, followed_through: bool, now: datetime
    ) -> None:
        """Note whether somebody cooked the card of the outcome, or went there; the last word counts."""
        assert session.outcome is not None  # noqa: S101  # the service has looked
        key = {"session_id": session.id, "participant_id": user_id}
        noted = {"item_id": chosen(session.outcome), "followed_through": followed_through, "at": now}
        for _ in range(2):
            try:
                self._feedback.update_one(key, {"$set": noted}, upsert=True)
            except DuplicateKeyError:  # the same person twice in the same moment: now it exists
                continue
            return

    def waiting_for_feedback(
        self, sessions: Sequence[Session], user_id: ObjectId, now: datetime
    ) -> frozenset[ObjectId]:
        """Those of the sessions whose outcome is old enough, and young enough, to ask the user about."""
        due = [session.id for session in sessions if may_be_asked(session, user_id, now)]
        if not due:
            return frozenset()
        given = self._feedback.find(
            {"session_id": {"$in": due}, "participant_id": user_id}, {"session_id": 1}
        )
        return frozenset(due) - {record["session_id"] for record in given}

    def feedback_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """All feedback of one user, JSON-ready (for the export)."""
        for record in self._feedback.find({"participant_id": user_id}).sort("at", 1):
            yield {
                "session_id": str(record["session_id"]),
                "item_id": str(record["item_id"]),
                "followed_through": record["followed_through"],
                "at": to_iso(record["at"]),
            }

    def hand_over(self, user_id: ObjectId, pseudonym_in: Callable[[ObjectId], ObjectId]) -> int:
        """Let somebody's feedback be that of their pseudonym in each session; how many there were."""
        mine = list(self._feedback.find({"participant_id": user_id}, {"session_id": 1}))
        for given in mine:
            pseudonym = pseudonym_in(given["session_id"])
            self._feedback.update_one({"_id": given["_id"]}, {"$set": {"participant_id": pseudonym}})
        return len(mine)

    def delete_of(self, session_ids: Sequence[ObjectId]) -> None:
        """Delete the feedback on whole sessions."""
        self._feedback.delete_many({"session_id": {"$in": list(session_ids)}})

    def _follow_through(self, cards: Iterable[ObjectId]) -> dict[ObjectId, float]:
        counted = self._feedback.aggregate(
            [
                {"$match": {"item_id": {"$in": list(cards)}}},
                {
                    "$group": {
                        "_id": "$item_id",
                        "asked": {"$sum": 1},
                        "done": {"$sum": {"$toInt": "$followed_through"}},
                    }
                },
            ]
        )
        return {one["_id"]: (one["done"] + _DOUBT) / (one["asked"] + 2 * _DOUBT) for one in counted}


def may_be_asked(session: Session, user_id: ObjectId, now: datetime) -> bool:
    """Whether it is time to ask somebody about an outcome: two hours after it, for three days (docs/product.md S15)."""
    if session.outcome is None or session.status not in {Status.MATCHED, Status.CLOSEST}:
        return False
    if session.participant(user_id).left:
        return False
    return _ASK_AFTER <= now - session.outcome.decided_at <= _ASK_WITHIN


def chosen(outcome: Outcome) -> ObjectId:
    """The card that an outcome stands for: the match, what the coin said, else the closest of all."""
    return outcome.tossed or outcome.items[0]
