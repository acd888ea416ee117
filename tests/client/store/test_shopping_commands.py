"""Shopping lists, through HTTP to the state: seen at once, sent in order, undone where the server refuses."""

from __future__ import annotations

from typing import Any

import pytest

from client.net.kitchen_api import OWN_LIST
from client.net.values import User
from client.store import actions
from client.store.kitchen.state import Kitchen
from tests.client.net.kitchen_examples import (
    GROUP_ID,
    RECIPE_ID,
    RESTAURANT_ID,
    item,
    recipe,
    shopping_list,
)
from tests.client.net.peer import PATIENCE, HttpPeer, problem
from tests.client.store.conftest import WholeClient
from tests.client.store.cook import OWN, Cook, Gate, Routes, with_list
from tests.waiting import eventually

ITEM_ID = item()["id"]


@pytest.fixture
def cook(client: WholeClient) -> Cook:
    return Cook(client)


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
