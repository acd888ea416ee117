"""The collection of users, for this package only: documents do not leave it."""

from __future__ import annotations

from pymongo.collection import Collection

from backend.errors import NotFound
from backend.infra.mongo import BsonDocument
from backend.users.models import User


def users_collection() -> Collection[BsonDocument]:
    """Where users lie."""
    collection: Collection[BsonDocument] = User._get_collection()
    return collection


def existing(found: BsonDocument | None) -> BsonDocument:
    """What was found.

    Raises:
        NotFound: `user_not_found`: nothing was.
    """
    if found is None:
        raise NotFound("This account does not exist any more.", code="user_not_found")
    return found
