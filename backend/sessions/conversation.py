"""Chat within a session, and quick reactions (docs/product.md S14)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from backend.errors import Busy, TooManyRequests
from backend.infra.allowance import Allowance
from backend.infra.clock import Clock, to_iso
from backend.infra.mongo import BsonDocument, MongoDatabase, durable
from backend.sessions import rules
from backend.sessions.models import MessageRecord
from backend.sessions.state import Operation
from backend.sessions.store import SessionStore
from backend.sessions.transitions import Transitions

_PER_SECOND = 1.0
_AT_ONCE = 10
_RETRY_AFTER_SECONDS = 2.0
_MOST_ALLOWANCES = 10_000


class Conversation:
    """What people say in sessions. One per process."""

    def __init__(
        self, database: MongoDatabase, store: SessionStore, transitions: Transitions, clock: Clock
    ) -> None:
        self._messages = durable(database, MessageRecord)
        self._store = store
        self._transitions = transitions
        self._clock = clock
        self._allowances: dict[tuple[ObjectId, ObjectId], Allowance] = {}

    def say(self, session_id: ObjectId, user_id: ObjectId, op_id: str, text: str) -> ObjectId:
        """Keep a message and tell it to all; the same op id says it once. The message's id.

        Raises:
            NotFound: `session_not_found`.
            Forbidden: `not_participant`.
            Conflict: `session_over`.
            TooManyRequests: `too_many_messages`.
            Busy: Valkey is away, and nobody could be told.
        """
        if not self._transitions.can_announce:
            raise Busy(
                "Messages cannot be told to the others at the moment.", retry_after=_RETRY_AFTER_SECONDS
            )
        rules.require_talk(self._store.load(session_id), user_id)
        message_id = self._known(session_id, user_id, op_id)
        if message_id is None:
            self._require_allowance(session_id, user_id)
            message_id = self._keep(session_id, user_id, op_id, text)
        operation = Operation(user_id, f"chat:{op_id}")
        self._transitions.apply(
            session_id, lambda s, now: rules.say(s, user_id, message_id, text, now), operation
        )
        return message_id

    def react(
        self, session_id: ObjectId, user_id: ObjectId, emoji: str, operation: Operation | None = None
    ) -> None:
        """Show a quick reaction to all. Raises as `say`."""
        if not self._transitions.can_announce:
            return  # it only matters now
        self._require_allowance(session_id, user_id)
        self._transitions.apply(session_id, lambda s, now: rules.react(s, user_id, emoji, now), operation)

    def page(self, session_id: ObjectId, skip: int, limit: int) -> tuple[list[dict[str, Any]], int]:
        """A page of a session's messages, newest first, JSON-ready, and how many there are."""
        query = {"session_id": session_id}
        found = self._messages.find(query).sort([("at", -1), ("_id", -1)]).skip(skip).limit(limit)
        return [_view(record) for record in found], self._messages.count_documents(query)

    def messages_of(self, user_id: ObjectId, session_ids: Iterable[ObjectId]) -> Iterator[dict[str, Any]]:
        """What one user said in the given sessions, JSON-ready (for the export)."""
        for session_id in session_ids:
            own = {"session_id": session_id, "participant_id": user_id}
            for record in self._messages.find(own).sort("at", 1):
                yield {"session_id": str(session_id), "text": record["text"], "at": to_iso(record["at"])}

    def delete_by(self, user_id: ObjectId, session_ids: Iterable[ObjectId]) -> int:
        """Delete what one user said in the given sessions; how many messages there were."""
        return sum(
            self._messages.delete_many({"session_id": one, "participant_id": user_id}).deleted_count
            for one in session_ids
        )

    def delete_of(self, session_ids: Sequence[ObjectId]) -> None:
        """Delete what was said in whole sessions."""
        self._messages.delete_many({"session_id": {"$in": list(session_ids)}})

    def _known(self, session_id: ObjectId, user_id: ObjectId, op_id: str) -> ObjectId | None:
        key = {"session_id": session_id, "participant_id": user_id, "op_id": op_id}
        found = self._messages.find_one(key, {"_id": 1})
        return found["_id"] if found else None

    def _keep(self, session_id: ObjectId, user_id: ObjectId, op_id: str, text: str) -> ObjectId:
        message_id = ObjectId()
        record = {"session_id": session_id, "participant_id": user_id, "op_id": op_id}
        try:
            self._messages.insert_one({"_id": message_id, **record, "text": text, "at": self._clock.now()})
        except DuplicateKeyError:  # the same operation on two connections at once
            return self._known(session_id, user_id, op_id) or message_id
        return message_id

    def _require_allowance(self, session_id: ObjectId, user_id: ObjectId) -> None:
        if len(self._allowances) > _MOST_ALLOWANCES:
            self._allowances = {who: left for who, left in self._allowances.items() if not left.full}
        allowance = self._allowances.setdefault((session_id, user_id), Allowance(_PER_SECOND, _AT_ONCE))
        if not allowance.take():
            raise TooManyRequests(
                "That is a lot at once. Wait a moment.",
                code="too_many_messages",
                retry_after=_RETRY_AFTER_SECONDS,
            )


def _view(record: BsonDocument) -> dict[str, Any]:
    return {
        "id": str(record["_id"]),
        "participant_id": str(record["participant_id"]),
        "text": record["text"],
        "at": to_iso(record["at"]),
    }
