"""The append-only log of swipes in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import Enum

from bson import Binary, ObjectId
from pymongo.errors import BulkWriteError

from backend.infra.mongo import DURABLE, BsonDocument, MongoDatabase
from backend.sessions.models import SwipeRecord
from backend.sessions.tally import Direction, Swipe, Tally, tally

_DUPLICATE_KEY = 11000
_CARD_INDEX = [("c", 1), ("p", 1), ("t", 1), ("d", 1)]
_CARD_FIELDS = {"_id": 0, "c": 1, "p": 1, "t": 1, "d": 1}
_ID_BYTES = 12

Likers = dict[ObjectId, dict[ObjectId, frozenset[ObjectId]]]


class Repetition(Enum):
    """As what an op id is in the log already."""

    SAME = "same"
    COUNTED = "counted"  # the same, and stamped when its round was counted
    OTHER = "other"  # another card or direction


class SwipeLog:
    """The `swipes` collection."""

    def __init__(self, database: MongoDatabase) -> None:
        name = SwipeRecord._get_collection_name()  # mongoengine has no public name for it
        self._swipes = database.get_collection(name, write_concern=DURABLE)

    def append(self, batch: Sequence[Swipe]) -> dict[int, Repetition]:
        """Write a batch durably in one unordered insert.

        Returns:
            For places in `batch` whose op id was in the log before: as what. They were not written again.

        Raises:
            PyMongoError: some may have been written, some not; writing all again is safe.
        """
        try:
            self._swipes.insert_many([_to_record(swipe) for swipe in batch], ordered=False)
        except BulkWriteError as error:
            failed = error.details["writeErrors"]
            if any(e["code"] != _DUPLICATE_KEY for e in failed) or error.details.get("writeConcernErrors"):
                raise
            return {e["index"]: self.repetition(batch[e["index"]]) or Repetition.SAME for e in failed}
        return {}

    def repetition(self, swipe: Swipe) -> Repetition | None:
        """As what a swipe's op id is in the log; None where it is not."""
        key = {"s": swipe.session_id, "p": swipe.participant_id, "o": swipe.op_id}
        found = self._swipes.find_one(key, {"i": 1, "d": 1, "n": 1})
        if found is None:
            return None
        if (found["i"], found["d"]) != (swipe.item_id, swipe.direction.value):
            return Repetition.OTHER
        return Repetition.COUNTED if found.get("n") else Repetition.SAME

    def stamp(self, session_id: ObjectId) -> None:
        """Stamp what is in the log of a closed round: this, and nothing that comes later, is counted."""
        self._swipes.update_many({"s": session_id}, {"$set": {"n": True}})

    def likers(self, cards: Collection[tuple[ObjectId, ObjectId]]) -> Likers:
        """Who likes each (session, item) now, as session → item → participants. Answered from one index alone."""
        keys = [_card_key(session_id, item_id) for session_id, item_id in cards]
        last: dict[tuple[bytes, ObjectId], str] = {}
        for entry in self._swipes.find({"c": {"$in": keys}}, _CARD_FIELDS, batch_size=10_000).hint(
            _CARD_INDEX
        ):
            last[entry["c"], entry["p"]] = entry[
                "d"
            ]  # in index order: the latest of a participant comes last
        found: dict[ObjectId, dict[ObjectId, set[ObjectId]]] = {}
        for (key, participant_id), direction in last.items():
            if direction == Direction.LIKE:
                session_id, item_id = ObjectId(key[:_ID_BYTES]), ObjectId(key[_ID_BYTES:])
                found.setdefault(session_id, {}).setdefault(item_id, set()).add(participant_id)
        return {
            session_id: {item_id: frozenset(likers) for item_id, likers in items.items()}
            for session_id, items in found.items()
        }

    def tally(self, session_id: ObjectId, *, stamped: bool = False) -> Tally:
        """What all swipes of a session, or those that were stamped, amount to."""
        query: BsonDocument = {"s": session_id, **({"n": True} if stamped else {})}
        return tally(_from_record(record) for record in self._swipes.find(query))

    def of_participant(self, user_id: ObjectId, session_ids: Iterable[ObjectId]) -> Iterator[Swipe]:
        """Every swipe of one user in the given sessions, streamed session by session."""
        for session_id in session_ids:
            for record in self._swipes.find({"s": session_id, "p": user_id}).sort("t", 1):
                yield _from_record(record)

    def delete_of(self, session_ids: Sequence[ObjectId]) -> None:
        """Delete the swipes of whole sessions."""
        self._swipes.delete_many({"s": {"$in": list(session_ids)}})


def _card_key(session_id: ObjectId, item_id: ObjectId) -> bytes:
    return session_id.binary + item_id.binary


def _to_record(swipe: Swipe) -> BsonDocument:
    return {
        "_id": ObjectId(),
        "s": swipe.session_id,
        "p": swipe.participant_id,
        "o": swipe.op_id,
        "i": swipe.item_id,
        "d": swipe.direction.value,
        "r": swipe.round,
        "t": swipe.at,
        "c": Binary(_card_key(swipe.session_id, swipe.item_id)),
    }


def _from_record(record: BsonDocument) -> Swipe:
    return Swipe(
        session_id=record["s"],
        participant_id=record["p"],
        op_id=record["o"],
        item_id=record["i"],
        direction=Direction(record["d"]),
        round=record["r"],
        at=record["t"],
    )
