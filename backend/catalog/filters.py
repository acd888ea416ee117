"""What people can ask the catalogue for, and how MongoDB is asked. Pure; values arrive here typed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from backend.catalog.geo import EARTH_RADIUS_MILES, METRES_PER_MILE, Place, to_geojson

Sorting = list[tuple[str, Any]]

_BY_RELEVANCE: Sorting = [("score", {"$meta": "textScore"}), ("_id", 1)]


class RecipeOrder(Enum):
    """How a list of recipes can be sorted."""

    RELEVANCE = "relevance"
    TITLE = "title"
    QUICKEST = "quickest"
    NEWEST = "newest"


_RECIPE_SORTING: dict[RecipeOrder, Sorting] = {
    RecipeOrder.RELEVANCE: _BY_RELEVANCE,
    RecipeOrder.TITLE: [("title", 1), ("_id", 1)],
    RecipeOrder.QUICKEST: [("total_minutes", 1), ("_id", 1)],
    RecipeOrder.NEWEST: [("_id", -1)],
}
_RESTAURANT_SORTING: Sorting = [("rating", -1), ("name", 1), ("_id", 1)]


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list."""

    skip: int
    limit: int


@dataclass(frozen=True, slots=True)
class RecipeFilter:
    """Conditions that must all hold; empty ones ask for nothing.

    Attributes:
        text: words to search for.
        cuisines: keys (cuisines.py), one of which must fit.
        dietary: tags that must all hold.
        difficulties: one of which must fit.
        max_minutes: limit for preparing and cooking together.
        order: default: by relevance where there is a text, else by title.
    """

    text: str | None = None
    cuisines: tuple[str, ...] = ()
    dietary: tuple[str, ...] = ()
    difficulties: tuple[str, ...] = ()
    max_minutes: int | None = None
    order: RecipeOrder | None = None

    @property
    def query(self) -> dict[str, Any]:
        """As MongoDB takes it."""
        query = _shared_query(self.text, self.cuisines)
        if self.dietary:
            query["dietary_tags"] = {"$all": list(self.dietary)}
        if self.difficulties:
            query["difficulty"] = {"$in": list(self.difficulties)}
        if self.max_minutes is not None:
            query["total_minutes"] = {"$lte": self.max_minutes}
        return query

    @property
    def sorting(self) -> Sorting:
        """As MongoDB takes it; total, so that no item is on two pages."""
        default = RecipeOrder.RELEVANCE if self.text else RecipeOrder.TITLE
        return _RECIPE_SORTING[self.order or default]


@dataclass(frozen=True, slots=True)
class Around:
    """A circle on the map; without `miles` it has no edge and only sorts."""

    place: Place
    miles: float | None = None

    @property
    def inside(self) -> dict[str, Any]:
        """Condition for being inside the circle, to count with."""
        if self.miles is None:
            return {}
        latitude, longitude = self.place
        circle = [[longitude, latitude], self.miles / EARTH_RADIUS_MILES]
        return {"location": {"$geoWithin": {"$centerSphere": circle}}}

    def nearest_first(self, query: dict[str, Any]) -> dict[str, Any]:
        """First stage of a pipeline: what fits `query`, nearest first."""
        stage: dict[str, Any] = {
            "near": to_geojson(self.place),
            "key": "location",
            "distanceField": "distance_metres",
            "spherical": True,
            "query": query,
        }
        if self.miles is not None:
            stage["maxDistance"] = self.miles * METRES_PER_MILE
        return {"$geoNear": stage}


@dataclass(frozen=True, slots=True)
class RestaurantFilter:
    """Conditions that must all hold; empty ones ask for nothing.

    Attributes:
        text: words to search for.
        cuisines: keys (cuisines.py), one of which must fit.
        dietary: tags that must all be served.
        prices: one of which must fit.
        min_rating: 0 to 5.
        around: where; the list is then sorted by distance, otherwise by relevance or rating.
    """

    text: str | None = None
    cuisines: tuple[str, ...] = ()
    dietary: tuple[str, ...] = ()
    prices: tuple[int, ...] = ()
    min_rating: float | None = None
    around: Around | None = None

    @property
    def query(self) -> dict[str, Any]:
        """As MongoDB takes it, without the place."""
        query = _shared_query(self.text, self.cuisines)
        if self.dietary:
            query["dietary_options"] = {"$all": list(self.dietary)}
        if self.prices:
            query["price"] = {"$in": list(self.prices)}
        if self.min_rating is not None:
            query["rating"] = {"$gte": self.min_rating}
        return query

    @property
    def sorting(self) -> Sorting:
        """As MongoDB takes it where no place is given."""
        return _BY_RELEVANCE if self.text else _RESTAURANT_SORTING


def _shared_query(text: str | None, cuisines: tuple[str, ...]) -> dict[str, Any]:
    query: dict[str, Any] = {"active": True}
    if text:
        query["$text"] = {"$search": text}
    if cuisines:
        query["cuisine_keys"] = {"$in": list(cuisines)}
    return query
