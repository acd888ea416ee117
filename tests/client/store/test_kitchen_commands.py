"""The kitchen's commands, through HTTP to the state; the search waits on a clock in the test's hand."""

from __future__ import annotations

from collections.abc import Callable
from queue import Queue
from typing import Any

import pytest

from client.net.kitchen_api import OWN_LIST, KitchenApi
from client.net.kitchen_values import CatalogueQuery
from client.net.values import User
from client.store import actions
from client.store.kitchen.commands import TYPING_SECONDS, KitchenCommands
from client.store.kitchen.state import Kitchen
from client.store.state import AppState
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
from tests.client.net.peer import PATIENCE, HttpPeer, problem
from tests.client.store.conftest import WholeClient, signed_in
from tests.waiting import eventually

Routes = dict[str, Any]
OWN = "/users/me/shopping-list"
EVERYTHING = "/recipes?page=1&limit=30"
SUITING = "GET /recipes/recommendations?limit=12"
ITEM_ID = item()["id"]


class HandClock:
    """Time passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self._waiting: list[tuple[float, Callable[[], None]]] = []

    def later(self, seconds: float, function: Callable[[], None]) -> Callable[[], None]:
        entry = (self.now + seconds, function)
        self._waiting.append(entry)
        return lambda: self._waiting.remove(entry) if entry in self._waiting else None

    def pass_time(self, seconds: float) -> None:
        self.now += seconds
        due = [entry for entry in self._waiting if entry[0] <= self.now + 1e-9]
        self._waiting = [entry for entry in self._waiting if entry not in due]
        for _, function in due:
            function()


class Gate:
    """A route whose answers the test lets go one by one."""

    def __init__(self, answer: Any) -> None:
        self._answer = answer
        self._open: Queue[None] = Queue()

    def __call__(self, *_: Any) -> Any:
        self._open.get(timeout=PATIENCE)
        return self._answer

    def let_go(self) -> None:
        self._open.put(None)


class Cook:
    """Somebody signed in, with the kitchen's commands at hand."""

    def __init__(self, client: WholeClient) -> None:
        self.clock = HandClock()
        self.client = signed_in(client)
        api = KitchenApi(client.api.caller)
        self.opened: list[str] = []
        self.does = KitchenCommands(
            store=client.store,
            api=api,
            runner=client.commands.runner,
            open_browser=self.open,
            wait=self.clock.later,
        )

    def open(self, address: str) -> bool:
        """What the system does with an address: it knows what to do with maps only."""
        self.opened.append(address)
        return address.startswith("geo:")

    @property
    def kitchen(self) -> Kitchen:
        return self.client.state.kitchen

    def sees(self, reached: Callable[[Kitchen], object]) -> Kitchen:
        return self.client.wait(lambda state: reached(state.kitchen)).kitchen

    def is_told(self, words: str) -> AppState:
        return self.client.wait(lambda state: state.notice is not None and state.notice.text == words)

    def lines(self, list_id: str = OWN_LIST) -> list[tuple[str, bool]]:
        return [(line.name, line.ticked) for line in self.kitchen.list_of(list_id).items]


@pytest.fixture
def cook(client: WholeClient) -> Cook:
    return Cook(client)


def with_list(cook: Cook, routes: Routes, *items: dict[str, Any]) -> None:
    routes[f"GET {OWN}"] = lambda *_: (200, shopping_list(*items))
    cook.does.load_list(OWN_LIST)
    cook.sees(lambda kitchen: kitchen.list_of(OWN_LIST).fetched.status == "loaded")


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


def test_ticking_is_seen_at_once_and_undone_with_a_notice(cook: Cook, routes: Routes) -> None:
    with_list(cook, routes, item(1), item(2))
    gate = Gate(problem(503, "busy", "Not now."))
    routes[f"PATCH {OWN}/items/{ITEM_ID}"] = gate
    cook.does.tick(OWN_LIST, ITEM_ID, True)
    assert cook.lines() == [("Thing 1", True), ("Thing 2", False)]
    gate.let_go()
    cook.is_told("Not now.")
    assert cook.lines() == [("Thing 1", False), ("Thing 2", False)]


def test_changes_reach_the_server_in_the_order_in_which_they_were_made(
    cook: Cook, routes: Routes, http_peer: HttpPeer
) -> None:
    with_list(cook, routes, item(1), item(2))
    gate = Gate((200, shopping_list(item(1, ticked=True), item(2))))
    routes[f"PATCH {OWN}/items/{ITEM_ID}"] = gate
    routes[f"DELETE {OWN}/ticked"] = lambda *_: (200, shopping_list(item(2)))
    cook.does.tick(OWN_LIST, ITEM_ID, True)
    cook.does.clear_ticked(OWN_LIST)
    assert cook.lines() == [("Thing 2", False)]
    http_peer.wait_for(f"PATCH {OWN}/items/{ITEM_ID}")
    assert http_peer.times_asked(f"DELETE {OWN}/ticked") == 0
    gate.let_go()
    cook.sees(lambda kitchen: not kitchen.list_of(OWN_LIST).changes)
    assert cook.lines() == [("Thing 2", False)]


def test_a_list_is_looked_after_without_reading_what_has_not_changed(
    cook: Cook, routes: Routes, http_peer: HttpPeer
) -> None:
    http_peer.headers["ETag"] = '"one"'
    with_list(cook, routes, item(1))
    answers = [
        (200, shopping_list(item(1), item(2))),
        (304, None),
        (200, shopping_list(item(2, ticked=True))),
    ]
    routes[f"GET {OWN}"] = lambda *_: answers.pop(0)
    cook.does.look_after_list(OWN_LIST)
    cook.sees(lambda kitchen: len(kitchen.list_of(OWN_LIST).items) == 2)
    cook.does.look_after_list(OWN_LIST)
    eventually(lambda: len(answers) == 1, PATIENCE)
    cook.does.load_list(OWN_LIST)
    cook.sees(lambda _: cook.lines() == [("Thing 2", True)])
    assert http_peer.tags[-4:] == [None, None, '"one"', None]


def test_what_one_has_just_changed_is_shown_while_the_list_is_looked_after(
    cook: Cook, routes: Routes
) -> None:
    with_list(cook, routes, item(1), item(2))
    gate = Gate((200, shopping_list(item(1, ticked=True), item(2))))
    routes[f"PATCH {OWN}/items/{ITEM_ID}"] = gate
    cook.does.tick(OWN_LIST, ITEM_ID, True)
    cook.does.look_after_list(OWN_LIST)
    assert cook.lines() == [("Thing 1", True), ("Thing 2", False)]
    routes[f"GET {OWN}"] = lambda *_: (200, shopping_list(item(1, ticked=True), item(3)))
    gate.let_go()
    cook.sees(lambda _: cook.lines() == [("Thing 1", True), ("Thing 3", False)])
    assert not cook.kitchen.list_of(OWN_LIST).changes


def test_a_list_that_cannot_be_looked_after_says_so_until_it_can(cook: Cook, routes: Routes) -> None:
    with_list(cook, routes, item(1))
    routes[f"GET {OWN}"] = lambda *_: problem(503, "busy", "Not now.")
    cook.does.look_after_list(OWN_LIST)
    kitchen = cook.sees(lambda kitchen: kitchen.list_of(OWN_LIST).fetched.status == "failed")
    assert len(kitchen.list_of(OWN_LIST).items) == 1
    routes[f"GET {OWN}"] = lambda *_: (200, shopping_list(item(1)))
    cook.does.look_after_list(OWN_LIST)
    cook.sees(lambda kitchen: kitchen.list_of(OWN_LIST).fetched.status == "loaded")


def test_somebody_else_was_quicker(cook: Cook, routes: Routes) -> None:
    with_list(cook, routes, item(1), item(2))
    routes[f"PATCH {OWN}/items/{ITEM_ID}"] = lambda *_: problem(404, "item_not_found", "It is gone.")
    routes[f"GET {OWN}"] = lambda *_: (200, shopping_list(item(2)))
    cook.does.tick(OWN_LIST, ITEM_ID, True)
    cook.is_told("It is gone.")
    cook.sees(lambda _: cook.lines() == [("Thing 2", False)])


def test_what_is_typed_is_put_on_the_list(cook: Cook, routes: Routes) -> None:
    with_list(cook, routes, item(1))
    asked = []

    def add(content: dict[str, Any], _token: str | None) -> Any:
        asked.append(content)
        return 201, {"items": [item(3, name="potatoes", amount=2, unit="kg")]}

    routes[f"POST {OWN}/items"] = add
    cook.does.add_typed(OWN_LIST, "  ")
    cook.does.add_typed(OWN_LIST, "2 kg potatoes")
    assert cook.lines()[-1] == ("potatoes", False)
    # It has no id yet under which the server knows it.
    cook.does.tick(OWN_LIST, cook.kitchen.list_of(OWN_LIST).items[-1].id, True)
    cook.does.remove_item(OWN_LIST, cook.kitchen.list_of(OWN_LIST).items[-1].id)
    cook.sees(lambda kitchen: not kitchen.list_of(OWN_LIST).changes)
    assert asked == [{"name": "potatoes", "amount": 2, "unit": "kg"}]
    assert [line.id for line in cook.kitchen.list_of(OWN_LIST).items] == [ITEM_ID, item(3)["id"]]
    routes[f"DELETE {OWN}/items/{ITEM_ID}"] = lambda *_: (200, shopping_list(item(3)))
    cook.does.remove_item(OWN_LIST, ITEM_ID)
    cook.sees(lambda kitchen: not kitchen.list_of(OWN_LIST).changes)
    assert cook.lines() == [("Thing 3", False)]


def test_ingredients_go_on_the_list_for_as_many_as_eat(cook: Cook, routes: Routes) -> None:
    with_list(cook, routes)
    routes[f"GET /recipes/{RECIPE_ID}"] = lambda *_: (200, recipe())
    cook.does.show_recipe(RECIPE_ID)
    soup = cook.sees(lambda kitchen: kitchen.recipes[RECIPE_ID].thing).recipes[RECIPE_ID].thing
    assert soup is not None
    asked = []

    def add(content: dict[str, Any], _token: str | None) -> Any:
        asked.append(content)
        return problem(409, "list_full", "The list is full.")

    routes[f"POST {OWN}/recipes/{RECIPE_ID}"] = add
    cook.does.set_servings(RECIPE_ID, 3)
    cook.does.add_ingredients(soup, ())
    cook.does.add_ingredients(soup, (0, 2))
    cook.is_told("The list is full.")
    assert cook.lines() == []
    assert asked == [{"servings": 3, "ingredients": [0, 2]}]


def test_a_group_without_a_list_gets_ones_own(cook: Cook, routes: Routes) -> None:
    routes[f"GET /groups/{GROUP_ID}/shopping-list"] = lambda *_: problem(404, "list_not_shared")
    routes[f"PUT {OWN}/sharing"] = lambda *_: (200, shopping_list(item(1), shared_with=GROUP_ID))
    cook.does.load_list(GROUP_ID)
    cook.sees(lambda kitchen: kitchen.list_of(GROUP_ID).unshared)
    cook.does.share_list(GROUP_ID)
    cook.is_told("The group sees your list now.")
    assert cook.lines(GROUP_ID) == cook.lines() == [("Thing 1", False)]


def hang_up(*_: object) -> Any:
    """What is heard from a server that cannot be reached."""
    raise ConnectionResetError


def test_offline_everything_that_was_there_stays(cook: Cook, routes: Routes) -> None:
    with_list(cook, routes, item(1))
    routes |= {f"GET {OWN}": hang_up, f"PATCH {OWN}/items/{ITEM_ID}": hang_up}
    cook.does.load_list(OWN_LIST)
    cook.sees(lambda kitchen: kitchen.list_of(OWN_LIST).fetched.status == "failed")
    cook.does.tick(OWN_LIST, ITEM_ID, True)
    cook.client.wait(lambda state: state.notice is not None)
    cook.sees(lambda kitchen: not kitchen.list_of(OWN_LIST).changes)
    assert cook.lines() == [("Thing 1", False)]
    assert "cannot be reached" in cook.kitchen.list_of(OWN_LIST).fetched.error


def test_answers_for_somebody_else_are_not_shown(cook: Cook, routes: Routes) -> None:
    gate = Gate((200, shopping_list(item(1))))
    routes[f"GET {OWN}"] = gate
    cook.does.load_list(OWN_LIST)
    cook.client.commands.log_out()
    cook.client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    gate.let_go()
    eventually(lambda: cook.kitchen == Kitchen(), PATIENCE)


def test_what_waited_to_be_sent_is_not_sent_in_the_name_of_who_comes_next(
    cook: Cook, routes: Routes, http_peer: HttpPeer
) -> None:
    with_list(cook, routes, item(1))
    gate = routes[f"PATCH {OWN}/items/{ITEM_ID}"] = Gate(problem(401, "unauthenticated", "Log in again."))
    routes[f"PUT /users/me/saved-restaurants/{RESTAURANT_ID}"] = lambda *_: (204, None)
    cook.does.tick(OWN_LIST, ITEM_ID, True)
    http_peer.wait_for(f"PATCH {OWN}/items/{ITEM_ID}")
    cook.does.add_typed(OWN_LIST, "milk")
    cook.does.set_saved("recipe", RECIPE_ID, True)
    cook.client.store.dispatch(actions.SignedOut())
    cook.client.store.dispatch(actions.SignedIn(User("another", "ana@example.com", "Ana", "free")))
    # Her own change has its turn after all that was left.
    cook.does.set_saved("restaurant", RESTAURANT_ID, True)
    gate.let_go()
    assert cook.sees(lambda kitchen: not kitchen.saving and kitchen.saved).saved == {RESTAURANT_ID}
    assert http_peer.times_asked(f"POST {OWN}/items") == 0
    assert http_peer.times_asked(f"PUT /users/me/saved-recipes/{RECIPE_ID}") == 0
    assert cook.client.state.auth.status == "signed_in"
