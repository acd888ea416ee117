"""The catalogue that ships with the project, from its files to documents ready to be written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pymongo import UpdateOne

from backend.catalog.cuisines import cuisine_key
from backend.catalog.diet import most_telling_first
from backend.catalog.models import (
    CatalogItem,
    Ingredient,
    Nutrition,
    OpenHours,
    RecipeRecord,
    RestaurantRecord,
)

_Record = TypeVar("_Record", bound=CatalogItem)

SEED_FOLDER = Path(__file__).parent / "seed"


def seed_recipes() -> list[RecipeRecord]:
    """The recipes of `seed/recipes.json`, checked.

    Raises:
        mongoengine.errors.ValidationError: an item is not what the model says.
    """
    return [_checked(_recipe(item)) for item in _items("recipes")]


def seed_restaurants() -> list[RestaurantRecord]:
    """The restaurants of `seed/restaurants.json`, checked; errors as `seed_recipes`."""
    return [_checked(_restaurant(item)) for item in _items("restaurants")]


def upserts(record: CatalogItem) -> Iterator[UpdateOne]:
    """Writes that bring one seeded item up to its version, and change nothing when repeated.

    An item that is there keeps its id and whether it is active; everything else is replaced only by a newer
    version of the seed, so that operators' edits last until then.
    """
    document: dict[str, Any] = record.to_mongo().to_dict()
    slug, version = document["slug"], document["seed_version"]
    content = {name: value for name, value in document.items() if name not in {"_id", "slug", "active"}}
    yield UpdateOne({"slug": slug, "seed_version": {"$lt": version}}, {"$set": content})
    yield UpdateOne({"slug": slug}, {"$setOnInsert": {**content, "active": document["active"]}}, upsert=True)


def _items(kind: str) -> Iterator[dict[str, Any]]:
    seed = json.loads((SEED_FOLDER / f"{kind}.json").read_text(encoding="utf-8"))
    for item in seed[kind]:
        keys = [cuisine_key(name) for name in item["cuisines"]]
        yield {**item, "cuisine_keys": keys, "seed_version": seed["version"]}


def _recipe(item: dict[str, Any]) -> RecipeRecord:
    return RecipeRecord(
        **{
            **item,
            "dietary_tags": most_telling_first(item["dietary_tags"]),
            "ingredients": [Ingredient(**line) for line in item["ingredients"]],
            "nutrition": Nutrition(**item["nutrition"]),
        }
    )


def _restaurant(item: dict[str, Any]) -> RestaurantRecord:
    hours = {day: [OpenHours(**stretch) for stretch in stretches] for day, stretches in item["hours"].items()}
    return RestaurantRecord(
        **{**item, "dietary_options": most_telling_first(item["dietary_options"]), "hours": hours}
    )


def _checked(record: _Record) -> _Record:
    record.validate()
    return record
