"""Distances."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.catalog.geo import EARTH_RADIUS_MILES, from_geojson, miles_between, to_geojson

places = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def test_a_known_distance():
    atlanta, new_york = (33.7490, -84.3880), (40.7128, -74.0060)
    assert miles_between(atlanta, new_york) == pytest.approx(747, abs=2)


@given(places, places)
def test_distance_is_symmetric_and_bounded(a, b):
    distance = miles_between(a, b)
    assert 0 <= distance <= EARTH_RADIUS_MILES * 3.1416
    assert distance == pytest.approx(miles_between(b, a))


@given(places)
def test_nothing_is_away_from_itself(place):
    assert miles_between(place, place) == 0


def test_geojson_has_longitude_first():
    assert to_geojson((33.7, -84.4)) == {"type": "Point", "coordinates": [-84.4, 33.7]}
    assert from_geojson(to_geojson((33.7, -84.4))) == (33.7, -84.4)
    assert from_geojson(None) is None
