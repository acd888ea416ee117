"""What the query strings of the lists mean."""

import pytest
from pydantic import ValidationError

from backend.catalog.candidates import recipe_candidate, restaurant_candidate
from backend.catalog.filters import Around, RecipeFilter, RecipeOrder, RestaurantFilter
from backend.catalog.schemas import RecipesQuery, RestaurantsQuery


def wrong_fields(model, **query):
    with pytest.raises(ValidationError) as refused:
        model.model_validate(query)
    return {found["loc"][0] for found in refused.value.errors()}


def test_lists_are_split_at_commas_and_repetitions():
    query = RecipesQuery.model_validate(
        {"dietary": ["vegan, gluten-free", "halal"], "cuisine": ["Middle  EASTERN"]}
    )
    assert query.to_filter() == RecipeFilter(
        dietary=("vegan", "gluten-free", "halal"), cuisines=("middle eastern",)
    )


def test_nothing_asked_is_no_condition():
    assert RecipesQuery().to_filter() == RecipeFilter()
    assert RestaurantsQuery().to_filter() == RestaurantFilter()
    assert RecipeFilter().query == {"active": True}
    assert RestaurantFilter().query == {"active": True}


def test_an_empty_search_is_none():
    assert RecipesQuery(q="  ").to_filter().text is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("dietary", ["vegan,carnivore"]),
        ("difficulty", ["impossible"]),
        ("max_minutes", "0"),
        ("sort", "random"),
        ("q", "x" * 101),
        ("cuisine", [",".join("abcdefghijklmnopqrstuvwxyz")]),
        ("page", "0"),
        ("colour", "red"),
    ],
)
def test_a_bad_recipe_filter_is_named(field, value):
    assert wrong_fields(RecipesQuery, **{field: value}) == {field}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("price", ["5"]),
        ("price", ["cheap"]),
        ("min_rating", "nan"),
        ("min_rating", "5.1"),
        ("near", "here"),
        ("near", "1,2,3"),
        ("near", "91,0"),
        ("near", "nan,0"),
        ("near", "0,181"),
        ("within_miles", "3"),
        ("within_miles", "0"),
        ("difficulty", "easy"),
    ],
)
def test_a_bad_restaurant_filter_is_named(field, value):
    assert wrong_fields(RestaurantsQuery, **{field: value}) == {field}


def test_a_distance_from_a_bad_place_blames_the_place_alone():
    assert wrong_fields(RestaurantsQuery, near="north", within_miles="3") == {"near"}


def test_relevance_needs_words():
    assert wrong_fields(RecipesQuery, sort="relevance") == {"sort"}
    assert RecipesQuery(q="curry", sort=RecipeOrder.RELEVANCE).to_filter().order is RecipeOrder.RELEVANCE


def test_a_place_is_latitude_then_longitude():
    wanted = RestaurantsQuery.model_validate({"near": " 33.7, -84.4 ", "within_miles": "2.5"}).to_filter()
    assert wanted.around == Around((33.7, -84.4), 2.5)


def test_every_filter_becomes_a_condition():
    query = RecipeFilter(
        text="curry", cuisines=("thai",), dietary=("vegan",), difficulties=("easy",), max_minutes=30
    ).query
    assert query == {
        "active": True,
        "$text": {"$search": "curry"},
        "cuisine_keys": {"$in": ["thai"]},
        "dietary_tags": {"$all": ["vegan"]},
        "difficulty": {"$in": ["easy"]},
        "total_minutes": {"$lte": 30},
    }
    assert RestaurantFilter(dietary=("vegan",), prices=(1, 2), min_rating=4.5).query == {
        "active": True,
        "dietary_options": {"$all": ["vegan"]},
        "price": {"$in": [1, 2]},
        "rating": {"$gte": 4.5},
    }


def test_a_circle_without_edge_asks_for_nothing_but_an_order():
    endless = Around((33.7, -84.4))
    assert endless.inside == {}
    assert "maxDistance" not in endless.nearest_first({})["$geoNear"]


@pytest.mark.parametrize("order", list(RecipeOrder))
def test_every_order_is_total(order):
    assert RecipeFilter(text="x", order=order).sorting[-1][0] == "_id"


def test_unknown_allergens_stay_unknown_in_a_candidate():
    document = {"_id": 1, "dietary_options": [], "cuisine_keys": [], "price": 1, "sponsored": False}
    assert restaurant_candidate(document).allergens is None
    assert restaurant_candidate({**document, "allergens": None}).allergens is None
    assert restaurant_candidate({**document, "allergens": []}).allergens == frozenset()


def test_a_candidate_compares_cuisines_by_key():
    document = {
        "_id": 1,
        "dietary_tags": ["vegan"],
        "allergens": [],
        "cuisine_keys": ["thai"],
        "prep_minutes": 5,
        "difficulty": "easy",
    }
    assert recipe_candidate(document).cuisines == ("thai",)
