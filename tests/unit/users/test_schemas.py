"""Preferences as they come in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from backend.catalog.diet import ALLERGENS, DIETARY_TAGS
from backend.users.schemas import PreferencesBody


def test_tags_come_out_once_and_in_one_order() -> None:
    body = PreferencesBody(dietary=["vegan", "halal", "vegan", "vegetarian"], allergies=["nuts", "eggs"])
    assert body.dietary == ["vegetarian", "vegan", "halal"]
    assert body.allergies == ["eggs", "nuts"]


def test_cuisines_are_compared_without_case_and_space() -> None:
    body = PreferencesBody(liked_cuisines=["Thai", " thai ", "Tex  Mex"])
    assert body.liked_cuisines == ["thai", "tex mex"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"dietary": ["carnivore"]},
        {"dietary": "vegan"},
        {"allergies": ["pollen"]},
        {"allergies": [{"$ne": None}]},
        {"liked_cuisines": ["x" * 41]},
        {"liked_cuisines": ["<script>"]},
        {"liked_cuisines": [f"cuisine {'i' * n}" for n in range(31)]},
        {"liked_cuisines": ["Thai"], "disliked_cuisines": ["thai"]},
        {"max_price": 0},
        {"max_price": 5},
        {"max_price": "2"},
        {"max_price": True},
        {"home_location": {"lat": 91, "lon": 0}},
        {"home_location": {"lat": 0, "lon": -180.5}},
        {"home_location": {"lat": float("nan"), "lon": 0}},
        {"home_location": {"lat": 1}},
        {"home_location": [33.7, -84.4]},
        {"tier": "pro"},
    ],
)
def test_what_does_not_fit_is_refused(wrong: dict) -> None:
    with pytest.raises(ValidationError):
        PreferencesBody.model_validate(wrong)


words = st.lists(st.sampled_from(["thai", "italian", "korean", "ethiopian"]), unique=True)


@given(
    st.builds(
        PreferencesBody,
        dietary=st.lists(st.sampled_from(DIETARY_TAGS), max_size=12),
        allergies=st.lists(st.sampled_from(ALLERGENS), max_size=15),
        liked_cuisines=words,
        max_price=st.none() | st.integers(1, 4),
        home_location=st.none()
        | st.fixed_dictionaries({"lat": st.floats(-90, 90), "lon": st.floats(-180, 180)}),
    )
)
def test_what_is_saved_is_what_comes_back(body: PreferencesBody) -> None:
    assert PreferencesBody.of(body.to_preferences()) == body
