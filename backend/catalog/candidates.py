"""What deck building needs to know of each card, and nothing more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from bson import ObjectId

from backend.catalog.geo import Place, from_geojson

Kind = Literal["recipe", "restaurant"]

RECIPE_FIELDS = ("dietary_tags", "allergens", "cuisine_keys", "prep_minutes", "difficulty")
RESTAURANT_FIELDS = (
    "dietary_options",
    "allergens",
    "cuisine_keys",
    "price",
    "rating",
    "location",
    "sponsored",
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A card that may go into a deck.

    Attributes:
        allergens: what it contains; None where that is not known.
        cuisines: as `cuisine_key` writes them, to be compared with what people like.
        prep_minutes: recipes only.
        difficulty: `easy`, `medium` or `hard`; recipes only.
        price: 1 to 4; restaurants only.
        rating: 0 to 5; None where there is none.
        location: (latitude, longitude) in degrees; restaurants only.
    """

    id: ObjectId
    kind: Kind
    dietary_tags: frozenset[str]
    allergens: frozenset[str] | None
    cuisines: tuple[str, ...]
    prep_minutes: int | None = None
    difficulty: str | None = None
    price: int | None = None
    rating: float | None = None
    location: Place | None = None
    sponsored: bool = False


def recipe_candidate(document: dict[str, Any]) -> Candidate:
    """From a recipe's document with RECIPE_FIELDS."""
    return Candidate(
        id=document["_id"],
        kind="recipe",
        dietary_tags=frozenset(document["dietary_tags"]),
        allergens=_known(document.get("allergens")),
        cuisines=tuple(document["cuisine_keys"]),
        prep_minutes=document["prep_minutes"],
        difficulty=document["difficulty"],
    )


def restaurant_candidate(document: dict[str, Any]) -> Candidate:
    """From a restaurant's document with RESTAURANT_FIELDS."""
    return Candidate(
        id=document["_id"],
        kind="restaurant",
        dietary_tags=frozenset(document["dietary_options"]),
        allergens=_known(document.get("allergens")),
        cuisines=tuple(document["cuisine_keys"]),
        price=document["price"],
        rating=document.get("rating"),
        location=from_geojson(document.get("location")),
        sponsored=document["sponsored"],
    )


def _known(allergens: list[str] | None) -> frozenset[str] | None:
    return None if allergens is None else frozenset(allergens)
