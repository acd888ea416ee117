"""Erasures from before `tell` get it: the opposite of what was `quiet`.

`quiet` stays beside it: processes of the version before read it until they are replaced.
"""

from __future__ import annotations

from backend.infra.mongo import DURABLE, BsonDocument, MongoDatabase
from backend.migrations.terms import Step, ranges

_COLLECTION = "erasures"


def _fill(database: MongoDatabase) -> None:
    told: BsonDocument = {"$not": [{"$ifNull": ["$quiet", False]}]}
    _change(database, {"tell": {"$exists": False}}, [{"$set": {"tell": told}}])


def _empty(database: MongoDatabase) -> None:
    quiet: BsonDocument = {"$ifNull": ["$quiet", {"$not": ["$tell"]}]}
    _change(database, {"tell": {"$exists": True}}, [{"$set": {"quiet": quiet}}, {"$unset": "tell"}])


def _change(database: MongoDatabase, which: BsonDocument, to: list[BsonDocument]) -> None:
    erasures = database.get_collection(_COLLECTION, write_concern=DURABLE)
    for some in ranges(erasures):
        erasures.update_many({"$and": [some, which]}, to)


STEP = Step("0003_fill_tell", "erasures from before `tell` get it", up=_fill, down=_empty)
