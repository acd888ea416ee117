"""What is shown of one collection of the catalogue: pages, cards and lists, from the cache where they are there.

What decides whether somebody can eat a card does not come from here: decks are built from MongoDB (docs/caching.md).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from bson import ObjectId
from pymongo.collection import Collection as Documents

from backend.catalog.filters import Sorting, Window
from backend.infra.cache import Cache
from backend.infra.cache_terms import CacheKind, Shelf
from backend.infra.mongo import BsonDocument

# Nobody pages through more; deeper windows would let anybody fill Valkey with empty lists.
_DEEPEST = 1000


class Shown:
    """Recipes, or restaurants, as documents. All of them stand on one shelf, for they change together, and seldom."""

    def __init__(
        self, documents: Documents[BsonDocument], cache: Cache, kind: CacheKind, card_fields: Sequence[str]
    ) -> None:
        self._documents = documents
        self._cache = cache
        self._shelf = Shelf(kind)
        self._card_fields = dict.fromkeys(card_fields, 1)
        # Another version of DinDin may show other fields: it does not find our cards, nor we its.
        self._layout = f"{zlib.crc32(' '.join(card_fields).encode()):08x}"

    def page(self, item_id: ObjectId) -> BsonDocument | None:
        """The whole document; None where there is none."""
        return self._cache.one(
            self._shelf, f"page:{item_id}", lambda: self._documents.find_one({"_id": item_id})
        )

    def cards(self, ids: Collection[ObjectId]) -> dict[ObjectId, BsonDocument]:
        """Documents with the fields of cards, by id; those that do not exist are left out."""
        names = {f"card:{self._layout}:{item_id}": item_id for item_id in ids}

        def load(missing: Sequence[str]) -> Mapping[str, BsonDocument]:
            found = self._documents.find(
                {"_id": {"$in": [names[name] for name in missing]}}, self._card_fields
            )
            by_id = {document["_id"]: document for document in found}
            return {name: by_id[names[name]] for name in missing if names[name] in by_id}

        known = self._cache.many(self._shelf, names, load)
        return {names[name]: document for name, document in known.items()}

    def listed(self, query: dict[str, Any], sorting: Sorting, window: Window) -> tuple[list[ObjectId], int]:
        """The ids of one window of a list, and how many fit altogether.

        Of lists only ids are cached, and none of those that somebody searched with words of their own: a cache that
        anybody can fill must stay small.
        """

        def load() -> BsonDocument:
            found = self._documents.find(query, {"_id": 1}).sort(sorting)
            ids = [document["_id"] for document in found.skip(window.skip).limit(window.limit)]
            return {"ids": ids, "total": self._documents.count_documents(query)}

        if "$text" in query or window.skip > _DEEPEST:
            asked_for = load()
        else:
            digest = hashlib.sha256(repr((query, sorting, window)).encode()).hexdigest()
            asked_for = self._cache.one(self._shelf, f"list:{digest}", load) or load()
        return asked_for["ids"], asked_for["total"]

    def forget(self) -> None:
        """The collection has changed."""
        self._cache.forget(self._shelf)
