"""Documents of every kind that BSON knows, and collections of every kind that DinDin may have."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, datetime

from bson import Binary, Code, DBRef, Decimal128, Int64, MaxKey, MinKey, ObjectId, Regex, Timestamp
from pymongo import ASCENDING, DESCENDING, GEOSPHERE, IndexModel

from backend.infra.mongo import MongoDatabase

EVERY_TYPE = {
    "_id": ObjectId("65f000000000000000000001"),
    "double": 1.0,
    "not a number": float("inf"),
    "string": "Zoë, 鍋 🍲",
    "object": {"b": 1, "a": {"empty": {}}},
    "array": [1, "two", [], None],
    "binary": Binary(b"\x00\xff", 0),
    "uuid": uuid.UUID("12345678-1234-5678-1234-567812345678"),
    "own binary": Binary(b"own", 128),
    "true": True,
    "date": datetime(2026, 1, 2, 3, 4, 5, 678000, tzinfo=UTC),
    "before 1970": datetime(1901, 1, 1, tzinfo=UTC),
    "null": None,
    "regex": Regex("^a.*b$", re.IGNORECASE),
    "code": Code("function () { return 1 }"),
    "code with scope": Code("return x", {"x": 1}),
    "int": 7,
    "long": Int64(7),
    "timestamp": Timestamp(1_700_000_000, 3),
    "decimal": Decimal128("1.10"),
    "smallest": MinKey(),
    "largest": MaxKey(),
    "reference": DBRef("users", ObjectId("65f000000000000000000002")),
}


def fill(database: MongoDatabase) -> None:
    """Collections with documents, options and indexes."""
    database.every_type.insert_many([EVERY_TYPE, {"_id": "a string"}, {"_id": Int64(3)}, {"_id": {"x": 1}}])
    database.create_collection("empty")
    database.create_collection("folded", collation={"locale": "de", "strength": 2})
    database.create_collection("checked", validator={"n": {"$type": "int", "$gte": 0}})
    database.checked.insert_one({"n": 1})
    database["odd name/50%"].insert_one({"x": 1})
    people = database.people
    people.create_indexes(
        [
            IndexModel(
                [("email", ASCENDING)], unique=True, partialFilterExpression={"email": {"$type": "string"}}
            ),
            IndexModel([("gone_at", ASCENDING)], expireAfterSeconds=3600),
            IndexModel([("home", GEOSPHERE)]),
            IndexModel([("name", "text"), ("about", "text")], weights={"name": 5}),
            IndexModel([("a", ASCENDING), ("b", DESCENDING)], sparse=True, name="named"),
            IndexModel([("x.$**", ASCENDING)], background=False),
            IndexModel([("nick", ASCENDING)], collation={"locale": "fr", "strength": 1}, hidden=True),
        ]
    )
    people.insert_many([{"email": f"p{n}@example.com", "name": f"P {n}", "n": n} for n in range(250)])


def everything(database: MongoDatabase) -> dict[str, object]:
    """What is in a database, for comparing: documents in their order as bytes, options, indexes."""
    found = {}
    for info in database.list_collections():
        collection = database[info["name"]]
        found[info["name"]] = (
            b"".join(collection.find_raw_batches()),
            info["options"],
            sorted(collection.list_indexes(), key=lambda index: index["name"]),
        )
    return found
