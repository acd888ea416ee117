"""What users are shown of their own preferences, from the cache; of who keeps diet or allergies, nothing is cached.

Those are health data, or tell of a faith: they lie in MongoDB alone, not even sealed in Valkey (docs/decisions/0019).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bson import ObjectId

from backend.infra.cache import Cache
from backend.infra.cache_terms import CacheKind, Shelf
from backend.infra.mongo import BsonDocument
from backend.users.documents import existing, users_collection

PREFERENCE_FIELDS = {"preferences": 1, "diet_consent": 1, "closed_at": 1}
"""Of a user: the preferences, and what is to be known for opening them."""

_ENTRY = "own"
# What is not named here is not cached.
_HARMLESS = frozenset({"liked_cuisines", "disliked_cuisines", "max_price", "home_location"})


class ShownPreferences:
    """One shelf for each user."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    def of(self, user_id: ObjectId) -> BsonDocument:
        """The user, with at least those of PREFERENCE_FIELDS that there is something to open with.

        Raises:
            NotFound: `user_not_found`.
        """
        kept = self._cache.one(_shelf_of(user_id), _ENTRY, lambda: _read(user_id), may_be_kept=_without_diet)
        return existing(kept)

    @contextmanager
    def changing(self, user_id: ObjectId) -> Iterator[None]:
        """Change them inside: afterwards nobody is shown the old ones, also where it is not known what became of it."""
        try:
            yield
        finally:
            self._cache.forget(_shelf_of(user_id), _ENTRY)


def _shelf_of(user_id: ObjectId) -> Shelf:
    return Shelf(CacheKind.PREFERENCES, str(user_id))


def _read(user_id: ObjectId) -> BsonDocument:
    user = existing(users_collection().find_one({"_id": user_id}, PREFERENCE_FIELDS))
    alone = {"_id": user_id, "preferences": user.get("preferences") or {}}
    return alone if _without_diet(alone) else user


def _without_diet(user: BsonDocument) -> bool:
    return _HARMLESS.issuperset(user.get("preferences") or {})
