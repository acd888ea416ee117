"""Distances on the globe. Pure; points are (latitude, longitude) in degrees, distances miles."""

from __future__ import annotations

import math
from typing import Any, Final, TypeAlias

Place: TypeAlias = tuple[float, float]
"""(latitude, longitude) in degrees: the order people write, not GeoJSON's."""

METRES_PER_MILE: Final = 1609.344
EARTH_RADIUS_MILES: Final = 6_378_100 / METRES_PER_MILE
"""The radius MongoDB computes with, so that its distances and ours agree."""


def miles_between(a: Place, b: Place) -> float:
    """Great-circle distance."""
    lat1, lon1, lat2, lon2 = map(math.radians, (*a, *b))
    half = (
        math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_MILES * math.asin(min(1.0, math.sqrt(half)))


def to_geojson(place: Place) -> dict[str, Any]:
    """A GeoJSON point, which has longitude first."""
    latitude, longitude = place
    return {"type": "Point", "coordinates": [longitude, latitude]}


def from_geojson(point: dict[str, Any] | None) -> Place | None:
    """The place of a GeoJSON point; None stays None."""
    if point is None:
        return None
    longitude, latitude = point["coordinates"]
    return latitude, longitude
