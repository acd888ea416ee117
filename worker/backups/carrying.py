"""What a restore must not take back: that somebody was erased or asked for it, and what the audit log says.

The database that a restore lets go of knows these better than the backup, which is older.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import structlog

from backend.infra.mongo import BsonDocument, MongoDatabase

_log = structlog.stdlib.get_logger(__name__)

Carry = Callable[[MongoDatabase, str, str], None]
"""Brings what `target[name]` knows into the collection `scratch`, which holds what the backup does."""


def carry_what_is_known_since(target: MongoDatabase, collections: Sequence[str], scratch_prefix: str) -> None:
    """Bring what the target knows, of those of `collections` that it has, into the scratch collections."""
    there = set(target.list_collection_names())
    for name in collections:
        if name in NEVER_BACK and name in there:
            NEVER_BACK[name](target, name, f"{scratch_prefix}{name}")


def _add(target: MongoDatabase, name: str, scratch: str, *steps: BsonDocument) -> None:
    onto = {"into": scratch, "whenMatched": "replace", "whenNotMatched": "insert"}
    target[name].aggregate([*steps, {"$merge": onto}])


def _take(target: MongoDatabase, name: str, scratch: str) -> None:
    """Only what the target knows: an erasure that was cancelled since must not come back.

    One that runs begins anew: what it has erased so far comes back with the backup.
    """
    target[scratch].delete_many({})
    _add(target, name, scratch, {"$set": {"done": []}})


def _go_on(target: MongoDatabase, name: str, scratch: str) -> None:
    """The target's part of a chain, if it goes on from the backup's.

    It does not where the target began a chain of its own, as a new server does before a backup is put into it. The
    backup's is then the one that counts.
    """
    last = target[scratch].find_one({}, {"seq": 1, "hash": 1}, sort=[("seq", -1)])
    if last is not None:
        same = target[name].find_one({"seq": last["seq"]}, {"seq": 1, "hash": 1})
        oldest = target[name].find_one({}, {"seq": 1}, sort=[("seq", 1)])
        if same != last and (oldest is None or oldest["seq"] <= last["seq"]):
            _log.warning("audit_entries_let_go", because="they do not go on from those of the backup")
            return
    _add(target, name, scratch)


NEVER_BACK: Mapping[str, Carry] = {
    "audit_entries": _go_on,
    "audit_subjects": _add,
    "erasure_receipts": _add,
    "erasures": _take,
    "tombstones": _add,
}
