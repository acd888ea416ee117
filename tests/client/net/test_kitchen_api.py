"""Catalogue, favourites and shopping lists over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from client.net.account import Account
from client.net.caller import Caller
from client.net.errors import ApiError
from client.net.kitchen_api import OWN_LIST, KitchenApi
from client.net.kitchen_values import (
    CatalogueQuery,
    Ingredient,
    Nutrition,
    OpenHours,
    ShoppingItem,
    ShoppingList,
)
from client.net.transport import HttpTransport
from client.net.values import Location
from tests.client.net.examples import BEN
from tests.client.net.kitchen_examples import (
    GROUP_ID,
    RECIPE_ID,
    RESTAURANT_ID,
    card_page,
    item,
    recipe,
    restaurant,
    shopping_list,
)
from tests.client.net.peer import HttpPeer, problem
from tests.client.net.test_account_api import Asked, noting

OWN = "/users/me/shopping-list"
OF_GROUP = f"/groups/{GROUP_ID}/shopping-list"
ITEM_ID = item()["id"]


@pytest.fixture
def api(http_peer: HttpPeer, account: Account) -> Any:
    transport = HttpTransport(http_peer.url)
    yield KitchenApi(Caller(transport, account))
    transport.close()


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        (CatalogueQuery(), "/recipes?page=2&limit=30"),
        (CatalogueQuery(words="  mac & cheese "), "/recipes?q=mac+%26+cheese&page=2&limit=30"),
        (
            CatalogueQuery(
                cuisines=("Thai", "Greek"),
                diets=("vegan",),
                max_minutes=30,
                difficulties=("easy", "hard"),
                prices=(1,),
            ),
            "/recipes?cuisine=Thai%2CGreek&dietary=vegan&difficulty=easy%2Chard&max_minutes=30&page=2&limit=30",
        ),
        (
            CatalogueQuery("restaurant", prices=(1, 2), near=Location(33.75, -84.39), max_minutes=30),
            "/restaurants?price=1%2C2&near=33.75000%2C-84.39000&page=2&limit=30",
        ),
    ],
    ids=["everything", "words", "recipes", "restaurants"],
)
def test_only_what_matters_is_asked(
    api: KitchenApi, http_peer: HttpPeer, query: CatalogueQuery, asked: str
) -> None:
    http_peer.routes[f"GET {asked}"] = lambda *_: (200, card_page(1, 2, page=2, total=82, more=True))
    page = api.browse(query, 2)
    assert ([card.id for card in page.rows], page.number, page.total, page.has_more) == (
        [card["id"] for card in card_page(1, 2)["items"]], 2, 82, True,
    )  # fmt: skip


def test_a_recipe_is_read_whole(api: KitchenApi, http_peer: HttpPeer) -> None:
    http_peer.routes[f"GET /recipes/{RECIPE_ID}"] = lambda *_: (200, recipe(saved=True))
    soup = api.recipe(RECIPE_ID)
    assert soup.ingredients[2] == Ingredient("olive oil", 1.5, "tbsp")
    assert (soup.servings, soup.steps, soup.saved) == (2, ("Chop.", "Simmer."), True)
    assert soup.nutrition == Nutrition(180, 5.0, 20.0, 8.0)
    assert soup.blurhash == ""


def test_a_restaurant_is_read_whole_with_its_distance(api: KitchenApi, http_peer: HttpPeer) -> None:
    asked = f"GET /restaurants/{RESTAURANT_ID}?near=33.70000%2C-84.40000"
    http_peer.routes[asked] = lambda *_: (200, restaurant(distance_miles=3.5))
    place = api.restaurant(RESTAURANT_ID, Location(33.7, -84.4))
    assert (place.location, place.distance_miles, place.reviews) == (Location(33.75, -84.39), 3.5, 210)
    assert place.hours["monday"] == ()
    assert place.hours["tuesday"] == (OpenHours("11:30", "14:00"), OpenHours("17:00", "22:00"))


def test_a_restaurant_may_have_neither_phone_nor_rating(api: KitchenApi, http_peer: HttpPeer) -> None:
    bare = restaurant(phone=None, rating=None, review_count=None, reservation_url=None, hours={})
    http_peer.routes[f"GET /restaurants/{RESTAURANT_ID}"] = lambda *_: (200, bare)
    place = api.restaurant(RESTAURANT_ID)
    assert (place.phone, place.reservation_url, place.rating, place.hours) == ("", "", None, {})


def test_favourites(api: KitchenApi, http_peer: HttpPeer) -> None:
    asked: Asked = []
    http_peer.routes |= {
        "GET /users/me/saved-ids": lambda *_: (200, {"recipes": ["r"], "restaurants": ["s"], "liked": ["l"]}),
        "GET /users/me/saved-restaurants?page=1&limit=30": lambda *_: (200, card_page(3)),
        f"PUT /users/me/saved-recipes/{RECIPE_ID}": noting(asked, (204, None)),
        f"DELETE /users/me/saved-restaurants/{RESTAURANT_ID}": noting(asked, (204, None)),
    }
    assert api.saved_ids() == {"r", "s"}
    assert api.saved("restaurant", 1).total == 1
    api.save("recipe", RECIPE_ID)
    api.unsave("restaurant", RESTAURANT_ID)
    assert len(asked) == 2


def test_lists_are_ones_own_or_a_groups(api: KitchenApi, http_peer: HttpPeer) -> None:
    flour = item(2, name="flour", amount=1.5, unit="kg", recipe_ids=[RECIPE_ID])
    http_peer.routes |= {
        f"GET {OWN}": lambda *_: (200, shopping_list(flour, shared_with=GROUP_ID)),
        f"GET {OF_GROUP}": lambda *_: problem(404, "list_not_shared", "Nobody shares a list."),
    }
    known = ShoppingItem(flour["id"], "flour", 1.5, "kg", recipe_ids=(RECIPE_ID,))
    assert api.shopping_list(OWN_LIST) == ShoppingList(BEN, (known,), GROUP_ID)
    with pytest.raises(ApiError) as refused:
        api.shopping_list(GROUP_ID)
    assert refused.value.code == "list_not_shared"


@pytest.mark.parametrize(("list_id", "path"), [(OWN_LIST, OWN), (GROUP_ID, OF_GROUP)], ids=["own", "group's"])
def test_lists_are_changed(api: KitchenApi, http_peer: HttpPeer, list_id: str, path: str) -> None:
    asked: Asked = []
    lines = {"items": [item()]}
    whole = shopping_list(item(ticked=True))
    http_peer.routes |= {
        f"POST {path}/items": noting(asked, (201, lines)),
        f"POST {path}/recipes/{RECIPE_ID}": noting(asked, (201, lines)),
        f"PATCH {path}/items/{ITEM_ID}": noting(asked, (200, whole)),
        f"DELETE {path}/items/{ITEM_ID}": noting(asked, (200, shopping_list())),
        f"DELETE {path}/ticked": noting(asked, (200, shopping_list())),
    }
    assert api.add_item(list_id, "Thing 1")[0].id == ITEM_ID
    assert api.add_ingredients(list_id, RECIPE_ID, 4, (0, 2))[0].id == ITEM_ID
    assert api.tick_item(list_id, ITEM_ID, ticked=True).items[0].ticked
    assert api.remove_item(list_id, ITEM_ID).items == ()
    assert api.clear_ticked(list_id).items == ()
    assert [content for content, _ in asked] == [
        {"name": "Thing 1", "amount": None, "unit": ""},
        {"servings": 4, "ingredients": [0, 2]},
        {"ticked": True},
        {},
        {},
    ]


def test_a_list_is_shared(api: KitchenApi, http_peer: HttpPeer) -> None:
    asked: Asked = []
    http_peer.routes[f"PUT {OWN}/sharing"] = noting(asked, (200, shopping_list(shared_with=GROUP_ID)))
    assert api.share_list(GROUP_ID).shared_with == GROUP_ID
    assert asked[0][0] == {"group_id": GROUP_ID}


@pytest.mark.parametrize("wrong", [{"servings": "two"}, {"ingredients": [{"name": "salt"}]}])
def test_an_answer_in_another_form_is_an_error(
    api: KitchenApi, http_peer: HttpPeer, wrong: dict[str, Any]
) -> None:
    http_peer.routes[f"GET /recipes/{RECIPE_ID}"] = lambda *_: (200, recipe(**wrong))
    with pytest.raises(ApiError) as refused:
        api.recipe(RECIPE_ID)
    assert refused.value.code == "bad_answer"


@pytest.mark.parametrize(
    ("query", "filters"),
    [
        (CatalogueQuery(), 0),
        (CatalogueQuery(max_minutes=30, prices=(1,)), 1),
        (CatalogueQuery("restaurant", max_minutes=30, prices=(1,), near=Location(0, 0)), 2),
    ],
)
def test_filters_of_the_other_kind_do_not_count(query: CatalogueQuery, filters: int) -> None:
    assert query.filters == filters
    assert query.narrowed == bool(filters)
