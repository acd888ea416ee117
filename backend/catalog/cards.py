"""From documents to what people see: cards, and the pages behind them. Pure."""

from __future__ import annotations

from typing import Any, Final

from backend.catalog.geo import Place, from_geojson, miles_between

_SHARED: Final = ("cuisines", "picture", "picture_version", "blurhash")
RECIPE_CARD_FIELDS: Final = (*_SHARED, "title", "dietary_tags", "total_minutes", "difficulty")
RESTAURANT_CARD_FIELDS: Final = (
    *_SHARED,
    "name",
    "dietary_options",
    "price",
    "rating",
    "location",
    "sponsored",
)

_NOT_SHOWN: Final = frozenset(
    {"_id", "slug", "active", "seed_version", "cuisine_keys", "picture", "picture_version"}
)
_MINUTES_PER_HOUR: Final = 60


def recipe_card(document: dict[str, Any]) -> dict[str, Any]:
    """The card of a recipe's document that has RECIPE_CARD_FIELDS."""
    minutes, difficulty = document["total_minutes"], document["difficulty"]
    return {
        "id": str(document["_id"]),
        "kind": "recipe",
        "title": document["title"],
        "subtitle": _subtitle(_first_cuisine(document), duration(minutes), difficulty),
        "image_url": image_url(document),
        "blurhash": document.get("blurhash"),
        "cuisines": document["cuisines"],
        "dietary_tags": document["dietary_tags"],
        "sponsored": False,
        "minutes": minutes,
        "difficulty": difficulty,
    }


def restaurant_card(document: dict[str, Any], near: Place | None = None) -> dict[str, Any]:
    """The card of a restaurant's document that has RESTAURANT_CARD_FIELDS; with the distance from `near`."""
    miles = distance_miles(document, near)
    card = {
        "id": str(document["_id"]),
        "kind": "restaurant",
        "title": document["name"],
        "subtitle": _subtitle(
            _first_cuisine(document), "$" * document["price"], None if miles is None else f"{miles:.1f} mi"
        ),
        "image_url": image_url(document),
        "blurhash": document.get("blurhash"),
        "cuisines": document["cuisines"],
        "dietary_tags": document["dietary_options"],
        "sponsored": document["sponsored"],
        "price": document["price"],
    }
    if document.get("rating") is not None:
        card["rating"] = document["rating"]
    if miles is not None:
        card["distance_miles"] = miles
    return card


def recipe_page(document: dict[str, Any]) -> dict[str, Any]:
    """Everything about a recipe, from its whole document."""
    return {**_page(document), "kind": "recipe"}


def restaurant_page(document: dict[str, Any], near: Place | None = None) -> dict[str, Any]:
    """Everything about a restaurant, from its whole document; with the distance where `near` is known."""
    latitude, longitude = from_geojson(document["location"]) or (None, None)
    return {
        "rating": None,
        "review_count": None,
        "phone": None,
        "reservation_url": None,
        "allergens": None,
        **_page(document),
        "kind": "restaurant",
        "location": {"lat": latitude, "lon": longitude},
        "distance_miles": distance_miles(document, near),
    }


def image_url(document: dict[str, Any]) -> str | None:
    """Path of the picture on this server, None where there is none. It changes whenever the picture does."""
    name, version = document.get("picture"), document.get("picture_version")
    return f"/pictures/{name}.webp?v={version}" if name and version else None


def distance_miles(document: dict[str, Any], near: Place | None) -> float | None:
    """Miles from `near` to a restaurant, to one decimal; None where either place is not known."""
    place = from_geojson(document.get("location"))
    return None if near is None or place is None else round(miles_between(near, place), 1)


def duration(minutes: int) -> str:
    """`25 min`, `2 h`, `2 h 15 min`."""
    hours, rest = divmod(minutes, _MINUTES_PER_HOUR)
    parts = ([f"{hours} h"] if hours else []) + ([f"{rest} min"] if rest or not hours else [])
    return " ".join(parts)


def _page(document: dict[str, Any]) -> dict[str, Any]:
    shown = {name: value for name, value in document.items() if name not in _NOT_SHOWN}
    return {**shown, "id": str(document["_id"]), "image_url": image_url(document)}


def _first_cuisine(document: dict[str, Any]) -> str | None:
    cuisines: list[str] = document["cuisines"]
    return cuisines[0] if cuisines else None


def _subtitle(*parts: str | None) -> str:
    return " · ".join(part for part in parts if part)
