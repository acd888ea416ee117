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
PICTURE_FACTS = SEED_FOLDER / "pictures.json"
"""By picture, its `picture_version` and `blurhash`; written by deploy/pictures."""

SOURCE = "dindin"


def seed_recipes() -> list[RecipeRecord]:
    """The recipes of `seed/recipes/`, checked.

    Raises:
        mongoengine.errors.ValidationError: an item is not what the model says.
    """
    return [_checked(_recipe(item)) for item in _items("recipes")]


def seed_restaurants() -> list[RestaurantRecord]:
    """The restaurants of `seed/restaurants/`, checked; errors as `seed_recipes`."""
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
    """The items of all files in a folder of the seed, with what is the same or follows for each of them."""
    pictures: dict[str, dict[str, str]] = _read(PICTURE_FACTS)
    for path in sorted((SEED_FOLDER / kind).glob("*.json")):
        seed = _read(path)
        for item in seed[kind]:
            yield {
                **item,
                **pictures.get(item["slug"], {}),
                "picture": item["slug"],
                "cuisine_keys": [cuisine_key(name) for name in item["cuisines"]],
                "source": SOURCE,
                "seed_version": seed["version"],
            }


def _read(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def _recipe(item: dict[str, Any]) -> RecipeRecord:
    return RecipeRecord(
        **{
            **item,
            "dietary_tags": most_telling_first(item["dietary_tags"]),
            "total_minutes": item["prep_minutes"] + item["cook_minutes"],
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
