"""What a restore must not take back: that somebody was erased, here or elsewhere, or asked for it, and the audit log.

The database that a restore lets go of knows these better than the backup, which is older.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

import structlog

from backend.infra.mongo import BsonDocument, MongoDatabase

_log = structlog.stdlib.get_logger(__name__)

_ERASURES = "erasures"

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


def grant_grace(target: MongoDatabase, scratch_prefix: str, grace: timedelta) -> None:
    """Let no erasure that the backup knows as asked for begin before `grace` has passed from now.

    It may have been cancelled since, of which nobody may know any more. To be called before what the target knows is
    carried, which stands as it is, and before anything takes its place: the cron may be at work.
    """
    earliest = {"$add": ["$$NOW", grace // timedelta(milliseconds=1)]}
    target[f"{scratch_prefix}{_ERASURES}"].update_many(
        {"status": "scheduled"}, [{"$set": {"due_at": {"$max": ["$due_at", earliest]}}}]
    )


def _take(target: MongoDatabase, name: str, scratch: str) -> None:
    """The target's, and of the backup's only those of whom the target knows nothing: it is a new server.

    One that the target has carried out, or that was cancelled there, must not come back. One that runs there begins
    anew: what it has erased so far comes back with the backup.
    """
    for known in target[scratch].find({}, {"user": 1, "receipt_id": 1}):
        if _is_settled(target, name, known):
            target[scratch].delete_one({"_id": known["_id"]})
    _add(target, name, scratch, {"$set": {"done": []}}, {"$unset": ["shut_at", "last_walk"]})


def _is_settled(target: MongoDatabase, name: str, erasure: BsonDocument) -> bool:
    """Whether the target knows better: by its own record, by its receipt, or by an account that was kept."""
    user, receipt = erasure["user"], erasure.get("receipt_id")
    return (
        target[name].find_one({"user": user}, {"_id": 1}) is not None
        or target["users"].find_one({"_id": user}, {"_id": 1}) is not None
        or target["erasure_receipts"].find_one({"_id": receipt, "status": "done"}, {"_id": 1}) is not None
    )


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
    _ERASURES: _take,
    "gone_identities": _add,
    "tombstones": _add,
}
