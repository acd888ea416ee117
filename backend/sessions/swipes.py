"""The append-only log of swipes in MongoDB."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bson import Binary, ObjectId
from pymongo.errors import BulkWriteError

from backend.infra.mongo import BsonDocument, MongoDatabase, durable
from backend.sessions.models import SwipeRecord
from backend.sessions.state import Session
from backend.sessions.tally import Direction, Swipe, Tally, Undo, last_words, tally

_DUPLICATE_KEY = 11000
_CARD_INDEX = [("c", 1), ("p", 1), ("t", 1), ("d", 1)]
_CARD_FIELDS = {"_id": 0, "c": 1, "p": 1, "t": 1, "d": 1}
_ID_BYTES = 12
_STREAMED_AT_ONCE = 1_000
_AT_ONCE = 5_000  # of the swipes that one update may change

RoundCard = tuple[ObjectId, ObjectId, int]
"""A card in a round: session, item, number of the round."""
LastWords = dict[tuple[ObjectId, int], dict[ObjectId, dict[ObjectId, Direction]]]
"""By session and round, then item, then participant."""


@dataclass(frozen=True, slots=True)
class LogEntry:
    """A swipe or undo as it is in the log. `counts` are the counts of its round that have stamped it."""

    swipe: Swipe
    counts: frozenset[str]

    def is_of(self, swipe: Swipe) -> bool:
        """Whether this is that swipe, sent before, and no other one under the same op id.

        Of which card an undo is was found out when it was written; a repetition cannot know.
        """
        same_card = swipe.direction is Undo.UNDO or self.swipe.item_id == swipe.item_id
        return same_card and self.swipe.direction is swipe.direction


class SwipeLog:
    """The `swipes` collection."""

    def __init__(self, database: MongoDatabase) -> None:
        self._swipes = durable(database, SwipeRecord)

    def append(self, batch: Sequence[Swipe]) -> frozenset[int]:
        """Write a batch durably in one unordered insert.

        Returns:
            The places in `batch` whose op id was in the log before. They were not written again.

        Raises:
            PyMongoError: some may have been written, some not; writing all again is safe.
        """
        try:
            self._swipes.insert_many([_to_record(swipe) for swipe in batch], ordered=False)
        except BulkWriteError as error:
            failed = error.details["writeErrors"]
            if any(e["code"] != _DUPLICATE_KEY for e in failed) or error.details.get("writeConcernErrors"):
                raise
            return frozenset(e["index"] for e in failed)
        return frozenset()

    def entry(self, swipe: Swipe) -> LogEntry | None:
        """What the log has under a swipe's op id."""
        found = self._swipes.find_one({"s": swipe.session_id, "p": swipe.participant_id, "o": swipe.op_id})
        return LogEntry(_from_record(found), frozenset(found.get("n", ()))) if found else None

    def trail(self, session_id: ObjectId, participant_id: ObjectId, round_number: int) -> list[Swipe]:
        """What a participant did in a round, in order."""
        found = self._swipes.find({"s": session_id, "p": participant_id, "r": round_number})
        return [_from_record(record) for record in found.sort("t", 1)]

    def stamp(self, session_id: ObjectId, round_number: int, count: str) -> None:
        """Stamp what is in the log of a closed round: this, and nothing that comes later, counts in this count."""
        self._swipes.update_many({"s": session_id, "r": round_number}, {"$addToSet": {"n": count}})

    def last_words(self, cards: Collection[RoundCard]) -> LastWords:
        """What each participant last said of the cards in their round. Answered from one index alone."""
        keys = [_card_key(card) for card in cards]
        said: dict[tuple[bytes, ObjectId], list[tuple[ObjectId, Direction | Undo]]] = {}
        found = self._swipes.find({"c": {"$in": keys}}, _CARD_FIELDS, batch_size=10_000).hint(_CARD_INDEX)
        for entry in found:  # in index order, so that each participant's entries are in order of time
            item = ObjectId(entry["c"][_ID_BYTES : 2 * _ID_BYTES])
            said.setdefault((entry["c"], entry["p"]), []).append((item, _entry_kind(entry["d"])))
        words: LastWords = {}
        for (key, participant_id), entries in said.items():
            in_round = words.setdefault((ObjectId(key[:_ID_BYTES]), key[-1]), {})
            # Also where all is taken back: what was said in earlier rounds is uncovered then.
            of_card = in_round.setdefault(entries[0][0], {})
            for direction in last_words(entries).values():
                of_card[participant_id] = direction
        return words

    def tally(self, session: Session, count: str | None = None) -> Tally:
        """What all swipes of the session's round, or those that a count has stamped, amount to."""
        query: BsonDocument = {"s": session.id, "r": session.round, **({"n": count} if count else {})}
        return tally((_from_record(record) for record in self._swipes.find(query)), session.carried)

    def liked_by(
        self, user_ids: Collection[ObjectId], session_ids: Collection[ObjectId]
    ) -> frozenset[ObjectId]:
        """Cards that any of the users swiped right in these sessions."""
        query = {
            "s": {"$in": list(session_ids)},
            "p": {"$in": list(user_ids)},
            "d": Direction.LIKE.value,
        }
        return frozenset(self._swipes.distinct("i", query))

    def of_participant(self, user_id: ObjectId, session_ids: Iterable[ObjectId]) -> Iterator[Swipe]:
        """Every swipe of one user in the given sessions, streamed session by session."""
        for session_id in session_ids:
            own = self._swipes.find({"s": session_id, "p": user_id})
            for record in own.sort("t", 1).batch_size(_STREAMED_AT_ONCE):
                yield _from_record(record)

    def hand_over(self, session_id: ObjectId, user_id: ObjectId, pseudonym: ObjectId) -> int:
        """Let somebody's swipes of a session be those of a pseudonym; how many there were.

        Their op ids, which the client chose, go as well: nothing sends them again.
        """
        handed_over = 0
        mine = {"s": session_id, "p": user_id}
        while ids := [found["_id"] for found in self._swipes.find(mine, {"_id": 1}).limit(_AT_ONCE)]:
            anonymous = {"$set": {"p": pseudonym, "o": {"$toString": "$_id"}}}
            handed_over += self._swipes.update_many({"_id": {"$in": ids}}, [anonymous]).modified_count
        return handed_over

    def delete_of(self, session_ids: Sequence[ObjectId]) -> None:
        """Delete the swipes of whole sessions."""
        self._swipes.delete_many({"s": {"$in": list(session_ids)}})


def _card_key(card: RoundCard) -> bytes:
    session_id, item_id, round_number = card
    return session_id.binary + item_id.binary + bytes([round_number])


def _entry_kind(value: str) -> Direction | Undo:
    return Undo.UNDO if value == Undo.UNDO else Direction(value)


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
        "c": Binary(_card_key((swipe.session_id, swipe.item_id, swipe.round))),
    }


def _from_record(record: BsonDocument) -> Swipe:
    return Swipe(
        session_id=record["s"],
        participant_id=record["p"],
        op_id=record["o"],
        item_id=record["i"],
        direction=_entry_kind(record["d"]),
        round=record["r"],
        at=record["t"],
    )
