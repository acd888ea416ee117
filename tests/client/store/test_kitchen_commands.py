"""The kitchen's commands, through HTTP to the state: browsing, favourites; the search waits on the test's clock."""

from __future__ import annotations

import pytest

from client.net.kitchen_values import CatalogueQuery
from client.store import actions
from client.store.kitchen.commands import TYPING_SECONDS
from tests.client.net.kitchen_examples import (
    RECIPE_ID,
    RESTAURANT_ID,
    card_page,
    recipe,
    restaurant,
)
from tests.client.net.peer import PATIENCE, HttpPeer, problem
from tests.client.store.conftest import WholeClient
from tests.client.store.cook import Cook, Gate, Routes, with_list
from tests.waiting import eventually

EVERYTHING = "/recipes?page=1&limit=30"
SUITING = "GET /recipes/recommendations?limit=12"


@pytest.fixture
def cook(client: WholeClient) -> Cook:
    return Cook(client)


def test_browsing_begins_with_everything_and_knows_the_favourites(cook: Cook, routes: Routes) -> None:
    saved = card_page(1)["items"][0]["id"]
    routes[f"GET {EVERYTHING}"] = lambda *_: (200, card_page(1, 2))
    routes["GET /users/me/saved-ids"] = lambda *_: (200, {"recipes": [saved], "restaurants": [], "liked": []})
    cook.does.open_browse()
    kitchen = cook.sees(lambda kitchen: kitchen.results.status == "loaded" and kitchen.saved)
    assert [kitchen.has_saved(card.id) for card in kitchen.results.rows] == [True, False]


def test_coming_back_asks_nothing_again(cook: Cook, http_peer: HttpPeer, routes: Routes) -> None:
    routes[f"GET {EVERYTHING}"] = lambda *_: (200, card_page(1))
    routes["GET /users/me/saved-ids"] = lambda *_: (200, {"recipes": ["r"], "restaurants": [], "liked": []})
    cook.does.open_browse()
    cook.sees(lambda kitchen: kitchen.results.status == "loaded")
    routes["GET /users/me/saved-ids"] = lambda *_: (200, {"recipes": ["s"], "restaurants": [], "liked": []})
    cook.does.open_browse()
    cook.sees(lambda kitchen: kitchen.saved == {"s"})
    assert http_peer.times_asked(f"GET {EVERYTHING}") == 1


def test_what_suits_is_asked_once_and_again_after_a_session(
    cook: Cook, http_peer: HttpPeer, routes: Routes
) -> None:
    routes[SUITING] = lambda *_: (200, card_page(3))
    cook.does.open_browse()
    kitchen = cook.sees(lambda kitchen: kitchen.recommended.status == "loaded")
    assert [card.id for card in kitchen.recommended.rows] == [card_page(3)["items"][0]["id"]]
    cook.does.open_browse()
    cook.client.store.dispatch(actions.SessionLeft())
    routes[SUITING] = lambda *_: problem(503, "busy", "Not now.")
    cook.does.open_browse()
    kitchen = cook.sees(lambda kitchen: kitchen.recommended.status == "failed")
    assert len(kitchen.recommended.rows) == 1
    assert http_peer.times_asked(SUITING) == 2


def test_the_search_waits_for_the_end_of_typing(cook: Cook, http_peer: HttpPeer, routes: Routes) -> None:
    for words in ("s", "so", "soup"):
        routes[f"GET /recipes?q={words}&page=1&limit=30"] = lambda *_: (200, card_page(1))
    for words in ("s", "so", "soup"):
        cook.does.search(words)
        cook.clock.pass_time(TYPING_SECONDS - 0.01)
    assert cook.kitchen.query.words == ""
    cook.clock.pass_time(0.01)
    cook.sees(lambda kitchen: kitchen.query.words == "soup" and kitchen.results.rows)
    assert http_peer.times_asked("GET /recipes?q=so&page=1&limit=30") == 0


def test_a_filter_takes_along_what_was_just_typed(cook: Cook, http_peer: HttpPeer, routes: Routes) -> None:
    asked = "/recipes?q=soup&max_minutes=30&page=1&limit=30"
    routes[f"GET {asked}"] = lambda *_: (200, card_page(1))
    cook.does.search("soup")
    cook.does.browse(CatalogueQuery(max_minutes=30))
    cook.sees(lambda kitchen: kitchen.results.rows)
    cook.clock.pass_time(1)
    assert http_peer.times_asked(f"GET {asked}") == 1


def test_the_newest_query_wins_whenever_its_answer_comes(cook: Cook, routes: Routes) -> None:
    slow = Gate((200, card_page(1)))
    routes["GET /recipes?q=slow&page=1&limit=30"] = slow
    routes["GET /recipes?q=quick&page=1&limit=30"] = lambda *_: (200, card_page(2))
    cook.does.browse(CatalogueQuery(words="slow"))
    cook.does.browse(CatalogueQuery(words="quick"))
    quick = cook.sees(lambda kitchen: kitchen.results.rows).results
    slow.let_go()
    # Something that is asked after it shows that the slow answer has been here.
    with_list(cook, routes)
    eventually(lambda: cook.kitchen.results == quick, PATIENCE)


def test_a_page_is_fetched_once_and_none_after_the_last(
    cook: Cook, http_peer: HttpPeer, routes: Routes
) -> None:
    routes[f"GET {EVERYTHING}"] = lambda *_: (200, card_page(*range(1, 41), total=60, more=True))
    routes["GET /recipes?page=2&limit=30"] = lambda *_: (200, card_page(*range(41, 61), page=2, total=60))
    cook.does.open_browse()
    cook.sees(lambda kitchen: len(kitchen.results.rows) == 40)
    cook.does.load_more_results()
    cook.does.load_more_results()
    cook.sees(lambda kitchen: len(kitchen.results.rows) == 60)
    cook.does.load_more_results()
    assert cook.kitchen.results.status == "loaded"
    assert http_peer.times_asked("GET /recipes?page=2&limit=30") == 1


def test_a_page_that_did_not_come_can_be_asked_for_again(cook: Cook, routes: Routes) -> None:
    routes[f"GET {EVERYTHING}"] = lambda *_: problem(503, "busy", "Not now.")
    cook.does.open_browse()
    kitchen = cook.sees(lambda kitchen: kitchen.results.status == "failed")
    assert kitchen.results.error == "Not now."
    assert cook.client.state.notice is None
    routes[f"GET {EVERYTHING}"] = lambda *_: (200, card_page())
    cook.does.retry_browse()
    assert cook.sees(lambda kitchen: kitchen.results.status == "loaded").results.empty


def test_recipes_and_restaurants_are_fetched_by_their_ids(cook: Cook, routes: Routes) -> None:
    routes[f"GET /recipes/{RECIPE_ID}"] = lambda *_: (200, recipe(saved=True))
    routes[f"GET /restaurants/{RESTAURANT_ID}"] = lambda *_: problem(404, "restaurant_not_found", "Gone.")
    cook.does.show_recipe(RECIPE_ID)
    cook.does.show_restaurant(RESTAURANT_ID)
    kitchen = cook.sees(
        lambda kitchen: (
            kitchen.recipes[RECIPE_ID].thing and kitchen.restaurants[RESTAURANT_ID].status == "failed"
        )
    )
    assert kitchen.has_saved(RECIPE_ID)
    assert kitchen.restaurants[RESTAURANT_ID].error == "Gone."
    routes[f"GET /restaurants/{RESTAURANT_ID}"] = lambda *_: (200, restaurant())
    cook.does.show_restaurant(RESTAURANT_ID)
    cook.sees(lambda kitchen: kitchen.restaurants[RESTAURANT_ID].thing)


def test_addresses_are_handed_to_the_system(cook: Cook) -> None:
    cook.does.open_link("geo:33.75,-84.39")
    eventually(lambda: cook.opened == ["geo:33.75,-84.39"], PATIENCE)
    assert cook.client.state.notice is None
    cook.does.open_link("tel:+1")
    cook.is_told("Nothing on this device can open that.")


def test_saving_is_seen_before_the_server_answers(cook: Cook, routes: Routes) -> None:
    gate = Gate((204, None))
    routes[f"PUT /users/me/saved-recipes/{RECIPE_ID}"] = gate
    cook.does.set_saved("recipe", RECIPE_ID, True)
    assert cook.kitchen.has_saved(RECIPE_ID)
    gate.let_go()
    assert RECIPE_ID in cook.sees(lambda kitchen: not kitchen.saving).saved


def test_a_favourite_the_server_refuses_is_taken_back_and_told(cook: Cook, routes: Routes) -> None:
    routes[f"PUT /users/me/saved-recipes/{RECIPE_ID}"] = lambda *_: problem(
        409, "too_many_saved", "That are too many."
    )
    cook.does.set_saved("recipe", RECIPE_ID, True)
    cook.is_told("That are too many.")
    assert not cook.kitchen.has_saved(RECIPE_ID)
    assert cook.kitchen.saving == ()


def test_favourites_come_page_by_page(cook: Cook, routes: Routes) -> None:
    base = "GET /users/me/saved-restaurants"
    routes[f"{base}?page=1&limit=30"] = lambda *_: (200, card_page(1, 2, total=3, more=True))
    routes[f"{base}?page=2&limit=30"] = lambda *_: (200, card_page(3, page=2, total=3))
    cook.does.load_favourites("restaurant")
    cook.sees(lambda kitchen: len(kitchen.favourites_of("restaurant").rows) == 2)
    cook.does.load_more_favourites("restaurant")
    cook.sees(lambda kitchen: len(kitchen.favourites_of("restaurant").rows) == 3)
    # Whoever comes back is where they were.
    cook.does.load_favourites("restaurant")
    kitchen = cook.sees(lambda kitchen: kitchen.favourites["restaurant"].status == "loaded")
    assert len(kitchen.favourites["restaurant"].rows) == 3
    assert kitchen.favourites["restaurant"].next_page is None
    last = kitchen.favourites["restaurant"].rows[-1].id
    routes[f"DELETE /users/me/saved-restaurants/{last}"] = lambda *_: (204, None)
    cook.does.set_saved("restaurant", last, False)
    cook.sees(lambda kitchen: not kitchen.saving)
    cook.does.load_favourites("restaurant")
    cook.sees(lambda kitchen: len(kitchen.favourites["restaurant"].rows) == 2)
