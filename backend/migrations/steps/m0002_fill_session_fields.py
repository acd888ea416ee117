"""Sessions from before rounds, pauses, votes and groups get these fields, with what their absence meant.

So that queries and readers of the database need not know two kinds of session.
"""

from __future__ import annotations

from backend.infra.mongo import DURABLE, BsonDocument, MongoDatabase
from backend.migrations.terms import Step, ranges

_COLLECTION = "sessions"
_ABSENCE_MEANT: BsonDocument = {
    "pause": None,
    "reserve": [],
    "shortlist": [],
    "carried": [],
    "motions": [],
    "counts": [],
    "ending": False,
    "group_id": None,
}


def _fill(database: MongoDatabase) -> None:
    lacking = {"$or": [{field: {"$exists": False}} for field in _ABSENCE_MEANT]}
    filled = {field: {"$ifNull": [f"${field}", value]} for field, value in _ABSENCE_MEANT.items()}
    _change(database, lacking, filled)


def _empty(database: MongoDatabase) -> None:
    """Leave out what says no more than its absence; what says more stays, and means nothing to an older version."""
    filled = {"$or": [{field: value, "$expr": _says(field)} for field, value in _ABSENCE_MEANT.items()]}
    emptied = {
        field: {"$cond": [{"$eq": [f"${field}", value]}, "$$REMOVE", f"${field}"]}
        for field, value in _ABSENCE_MEANT.items()
    }
    _change(database, filled, emptied)


def _says(field: str) -> BsonDocument:
    """That the field is there: a query for None finds documents without it as well."""
    return {"$ne": [{"$type": f"${field}"}, "missing"]}


def _change(database: MongoDatabase, which: BsonDocument, to: BsonDocument) -> None:
    sessions = database.get_collection(_COLLECTION, write_concern=DURABLE)
    for some in ranges(sessions):
        sessions.update_many({"$and": [some, which]}, [{"$set": to}])


STEP = Step(
    "0002_fill_session_fields",
    "sessions from before rounds, pauses, votes and groups get these fields",
    up=_fill,
    down=_empty,
)
