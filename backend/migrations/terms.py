"""What a step of the schema is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from pymongo.collection import Collection

from backend.infra.mongo import BsonDocument, MongoDatabase

Change: TypeAlias = Callable[[MongoDatabase], None]
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Step:
    """One change of what lies in the database.

    A step speaks of collections and fields by name and imports nothing of a feature: it must do next year what it does
    today, whatever becomes of the code around it. It may be killed anywhere, so both ways are harmless to repeat; and
    processes of the version before are still at work meanwhile, so it adds first, and takes away a version later.

    Attributes:
        name: `0002_fill_session_fields`; the number is its place.
        what: for the operator, one line.
        up: does it.
        down: undoes it, so that the version before it can work.
    """

    name: str
    what: str
    up: Change
    down: Change


def ranges(collection: Collection[BsonDocument]) -> Iterator[BsonDocument]:
    """Queries by `_id` that together find every document there is, about a thousand each.

    One update of a whole collection would outlast the time that a connection waits for an answer.
    """
    beyond: BsonDocument = {}
    while page := [found["_id"] for found in collection.find(beyond, {"_id": 1}).sort("_id").limit(_AT_ONCE)]:
        yield {"_id": {"$gte": page[0], "$lte": page[-1]}}
        beyond = {"_id": {"$gt": page[-1]}}
