"""From documents to cards and pages."""

import pytest
from bson import ObjectId

from backend.catalog.cards import (
    duration,
    image_url,
    recipe_card,
    recipe_page,
    restaurant_card,
    restaurant_page,
)
from backend.catalog.schemas import Card

RECIPE = {
    "_id": ObjectId("64b000000000000000000001"),
    "title": "Thai Basil Chicken",
    "cuisines": ["Thai", "Asian"],
    "dietary_tags": ["dairy-free"],
    "total_minutes": 25,
    "difficulty": "easy",
    "picture": "thai-basil-chicken",
    "picture_version": "0123abcd",
    "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
}
RESTAURANT = {
    "_id": ObjectId("64b000000000000000000002"),
    "name": "Nonna's Table",
    "cuisines": ["Italian"],
    "dietary_options": ["vegetarian"],
    "price": 2,
    "rating": 4.6,
    "location": {"type": "Point", "coordinates": [-84.3880, 33.7490]},
    "sponsored": True,
    "picture": "nonna-pinas-table",
    "picture_version": "89abcdef",
    "blurhash": "LEHV6nWB2yk8pyo0adR*.7kCMdnj",
}


def test_a_recipe_card_says_cuisine_time_and_difficulty():
    card = recipe_card(RECIPE)
    assert card["subtitle"] == "Thai · 25 min · easy"
    assert card["id"] == "64b000000000000000000001"
    assert card["minutes"] == 25
    assert card["image_url"] == "/pictures/thai-basil-chicken.webp?v=0123abcd"
    assert not card["sponsored"]
    assert "price" not in card


def test_a_restaurant_card_says_cuisine_and_price():
    card = restaurant_card(RESTAURANT)
    assert card["subtitle"] == "Italian · $$"
    assert card["title"] == "Nonna's Table"
    assert card["sponsored"]
    assert not card.keys() & {"distance_miles", "minutes"}


def test_a_restaurant_card_says_how_far_it_is_where_that_is_known():
    card = restaurant_card(RESTAURANT, near=(33.7692, -84.3880))
    assert card["distance_miles"] == 1.4
    assert card["subtitle"] == "Italian · $$ · 1.4 mi"


def test_a_restaurant_without_rating_has_none_on_its_card():
    unrated = {name: value for name, value in RESTAURANT.items() if name != "rating"}
    assert "rating" not in restaurant_card(unrated)


@pytest.mark.parametrize("card", [recipe_card(RECIPE), restaurant_card(RESTAURANT, near=(33.0, -84.0))])
def test_cards_are_what_the_api_promises(card):
    assert Card.model_validate(card, extra="forbid").model_dump(exclude_unset=True) == card


def test_an_item_without_picture_has_no_address_for_one():
    assert image_url({"picture": None}) is None


def test_a_subtitle_leaves_out_what_is_not_known():
    assert recipe_card({**RECIPE, "cuisines": []})["subtitle"] == "25 min · easy"


@pytest.mark.parametrize(
    ("minutes", "written"),
    [(0, "0 min"), (5, "5 min"), (60, "1 h"), (135, "2 h 15 min"), (200, "3 h 20 min")],
)
def test_durations_are_written_as_people_say_them(minutes, written):
    assert duration(minutes) == written


def test_pages_keep_what_is_inside_to_themselves():
    inside = {"slug": "x", "active": True, "seed_version": 1, "cuisine_keys": ["thai"]}
    for page in (recipe_page({**RECIPE, **inside}), restaurant_page({**RESTAURANT, **inside})):
        assert not page.keys() & {"_id", "picture", "picture_version", *inside}


def test_a_restaurant_page_says_null_where_nothing_is_known():
    page = restaurant_page(RESTAURANT)
    assert page["allergens"] is None
    assert page["phone"] is None
    assert page["distance_miles"] is None
    assert page["location"] == {"lat": 33.7490, "lon": -84.3880}
