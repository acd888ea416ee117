"""Use cases of the catalogue: browse, open, deal cards, seed (docs/product.md C1-C5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import structlog
from bson import ObjectId
from pymongo.collection import Collection

from backend.catalog.candidates import (
    RECIPE_FIELDS,
    RESTAURANT_FIELDS,
    Candidate,
    recipe_candidate,
    restaurant_candidate,
)
from backend.catalog.cards import (
    RECIPE_CARD_FIELDS,
    RESTAURANT_CARD_FIELDS,
    recipe_card,
    recipe_page,
    restaurant_card,
    restaurant_page,
)
from backend.catalog.filters import Around, RecipeFilter, RestaurantFilter, Window
from backend.catalog.geo import Place
from backend.catalog.models import CatalogItem, RecipeRecord, RestaurantRecord
from backend.catalog.seeding import seed_recipes, seed_restaurants, upserts
from backend.catalog.shown import Shown
from backend.errors import NotFound
from backend.infra.cache import Cache
from backend.infra.cache_terms import CacheKind
from backend.infra.mongo import BsonDocument, MongoDatabase, durable

__all__ = ["Candidate", "CatalogService", "Found"]

_log = structlog.stdlib.get_logger(__name__)

# A search near a place has to look the words up first; nobody pages through more than this.
_MAX_TEXT_HITS = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """One window of a list, as cards, and how many fit altogether."""

    cards: list[dict[str, Any]]
    total: int


class CatalogService:
    """Recipes and restaurants. Safe to share between threads and greenlets."""

    def __init__(self, database: MongoDatabase, cache: Cache) -> None:
        self._recipes = durable(database, RecipeRecord)
        self._restaurants = durable(database, RestaurantRecord)
        self._shown_recipes = Shown(self._recipes, cache, CacheKind.RECIPES, RECIPE_CARD_FIELDS)
        self._shown_restaurants = Shown(
            self._restaurants, cache, CacheKind.RESTAURANTS, RESTAURANT_CARD_FIELDS
        )

    def find_recipes(self, wanted: RecipeFilter, window: Window) -> Found:
        """Active recipes that fit, as cards."""
        ids, total = self._shown_recipes.listed(wanted.query, wanted.sorting, window)
        known = self._shown_recipes.cards(ids)
        return Found([recipe_card(known[item_id]) for item_id in ids if item_id in known], total)

    def find_restaurants(self, wanted: RestaurantFilter, window: Window) -> Found:
        """Active restaurants that fit, as cards; with distances, nearest first, where a place is given."""
        if wanted.around is not None:
            return self._find_around(wanted, wanted.around, window)
        ids, total = self._shown_restaurants.listed(wanted.query, wanted.sorting, window)
        known = self._shown_restaurants.cards(ids)
        return Found([restaurant_card(known[item_id]) for item_id in ids if item_id in known], total)

    def recipe(self, recipe_id: ObjectId) -> dict[str, Any]:
        """Everything about one recipe, active or not.

        Raises:
            NotFound: `recipe_not_found`.
        """
        document = self._shown_recipes.page(recipe_id)
        if document is None:
            raise NotFound("There is no such recipe.", code="recipe_not_found")
        return recipe_page(document)

    def restaurant(self, restaurant_id: ObjectId, near: Place | None = None) -> dict[str, Any]:
        """Everything about one restaurant, active or not, and how far it is from `near`.

        Raises:
            NotFound: `restaurant_not_found`.
        """
        document = self._shown_restaurants.page(restaurant_id)
        if document is None:
            raise NotFound("There is no such restaurant.", code="restaurant_not_found")
        return restaurant_page(document, near)

    def deck_candidates(self, menu: str) -> list[Candidate]:
        """Everything active that a deck may be built from; always from MongoDB, for it says what somebody can eat.

        Args:
            menu: `recipes`, `restaurants` or `both`.

        Raises:
            ValueError: another menu.
        """
        if menu not in {"recipes", "restaurants", "both"}:
            raise ValueError(f"no menu {menu!r}: recipes, restaurants or both")
        candidates: list[Candidate] = []
        if menu != "restaurants":
            found = self._recipes.find({"active": True}, _projection(RECIPE_FIELDS))
            candidates += [recipe_candidate(document) for document in found]
        if menu != "recipes":
            found = self._restaurants.find({"active": True}, _projection(RESTAURANT_FIELDS))
            candidates += [restaurant_candidate(document) for document in found]
        return candidates

    def cards(self, ids: Sequence[ObjectId], near: Place | None = None) -> list[dict[str, Any]]:
        """The cards of recipes and restaurants in the order of `ids`; those that no longer exist are left out."""
        known = {i: recipe_card(document) for i, document in self._shown_recipes.cards(ids).items()}
        if others := [item_id for item_id in ids if item_id not in known]:
            found = self._shown_restaurants.cards(others)
            known |= {i: restaurant_card(document, near) for i, document in found.items()}
        return [known[item_id] for item_id in ids if item_id in known]

    def seed(self) -> None:
        """Bring the catalogue that ships with the project up to date. Harmless to repeat."""
        try:
            _write(self._recipes, seed_recipes())
            _write(self._restaurants, seed_restaurants())
        finally:
            self.changed()

    def changed(self) -> None:
        """To be called by whoever has changed the catalogue: what was shown of it holds no longer, in any process."""
        self._shown_recipes.forget()
        self._shown_restaurants.forget()

    def _find_around(self, wanted: RestaurantFilter, around: Around, window: Window) -> Found:
        query = wanted.query
        if wanted.text:
            # MongoDB does not take a text search and a place in one query.
            hits = self._restaurants.find(query, {"_id": 1}).sort(wanted.sorting).limit(_MAX_TEXT_HITS)
            query = {"_id": {"$in": [document["_id"] for document in hits]}}
        found = self._restaurants.aggregate(
            [
                around.nearest_first(query),
                {"$skip": window.skip},
                {"$limit": window.limit},
                {"$project": _projection(RESTAURANT_CARD_FIELDS)},
            ]
        )
        cards = [restaurant_card(document, around.place) for document in found]
        return Found(cards, self._restaurants.count_documents({**query, **around.inside}))


def _projection(fields: Iterable[str]) -> dict[str, int]:
    return dict.fromkeys(fields, 1)


def _write(collection: Collection[BsonDocument], records: Sequence[CatalogItem]) -> None:
    operations = [operation for record in records for operation in upserts(record)]
    result = collection.bulk_write(operations)
    _log.info(
        "catalog_seeded",
        collection=collection.name,
        added=result.upserted_count,
        renewed=result.modified_count,
    )
