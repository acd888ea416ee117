"""Identities elsewhere that were deleted there: no late token or message may bring their accounts back."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from pymongo.collection import Collection

from backend.auth.models import GoneIdentity
from backend.infra.clock import Clock
from backend.infra.mongo import BsonDocument
from backend.users.accounts import Identity

# Longer than any token lives, and than any sender of messages tries again.
_REMEMBERED_FOR = timedelta(days=30)


class GoneIdentities:
    """The `gone_identities` collection. It keeps a digest: who was deleted is not written down."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def add(self, issuer: str, subject: str) -> None:
        """The identity was deleted. Harmless to repeat."""
        _collection().update_one(
            {"_id": _digest(issuer, subject)},
            {"$set": {"expires_at": self._clock.now() + _REMEMBERED_FOR}},
            upsert=True,
        )

    def includes(self, issuer: str, subject: str) -> bool:
        """Whether the identity was deleted a short while ago."""
        return _collection().find_one({"_id": _digest(issuer, subject)}, {"_id": 1}) is not None


def _digest(issuer: str, subject: str) -> str:
    key = Identity(issuer, subject, email="", email_verified=False, display_name="").key
    return sha256(key.encode()).hexdigest()


def _collection() -> Collection[BsonDocument]:
    collection: Collection[BsonDocument] = GoneIdentity._get_collection()
    return collection
