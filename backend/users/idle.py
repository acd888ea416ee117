"""Accounts that nobody comes back to: guests, and those whose address nobody ever confirmed (docs/product.md P4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

from bson import ObjectId
from pymongo import UpdateOne

from backend.infra.mongo import BsonDocument
from backend.roles import Role
from backend.users.documents import users_collection


class IdleAccounts:
    """Finds accounts that may go, and remembers for them when somebody was there last."""

    def note_seen(self, seen: Mapping[ObjectId, datetime]) -> None:
        """Remember when users were there last; log-ins that tell it are about to be deleted. Harmless to repeat."""
        changes = [
            UpdateOne({"_id": user_id}, {"$max": {"last_seen_at": moment}})
            for user_id, moment in seen.items()
        ]
        if changes:
            users_collection().bulk_write(changes, ordered=False)

    def before(self, cutoff: datetime, page: int) -> Iterator[list[ObjectId]]:
        """Accounts that were opened before `cutoff` and not seen since, as far as past log-ins tell, page by page.

        Who is logged in now is not known here. Nobody who has paid, has confirmed an address, logs in elsewhere or
        operates the server is among them, and nobody who is being erased.
        """
        found = iter(users_collection().find(_idle_since(cutoff), {"_id": 1}).sort("created_at", 1))
        while together := [user["_id"] for user in islice(found, page)]:
            yield together

    def oldest(self) -> datetime | None:
        """When the oldest account was opened that would go, were it not used."""
        oldest = users_collection().find_one(_UNCLAIMED, {"created_at": 1}, sort=[("created_at", 1)])
        return oldest["created_at"] if oldest else None


_UNCLAIMED: BsonDocument = {
    "email_confirmed_at": None,
    "identities.key": {"$exists": False},
    "role": {"$in": [Role.GUEST.value, Role.USER.value]},
    "tier": "free",
    "closed_at": None,
}


def _idle_since(cutoff: datetime) -> BsonDocument:
    return {
        **_UNCLAIMED,
        "created_at": {"$lt": cutoff},
        "$or": [{"last_seen_at": None}, {"last_seen_at": {"$lt": cutoff}}],
    }
