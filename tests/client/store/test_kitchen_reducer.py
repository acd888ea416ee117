"""How the kitchen's part of the state changes."""

from __future__ import annotations

from dataclasses import replace

from client.net.kitchen_values import (
    CatalogueQuery,
    Ingredient,
    Recipe,
    ShoppingItem,
    ShoppingList,
)
from client.net.paging import Page
from client.net.values import Card, User
from client.store import actions
from client.store.kitchen import actions as kitchen_actions
from client.store.kitchen.reducer import MOST_ITEMS
from client.store.kitchen.state import (
    ItemsAdded,
    ItemsRemoved,
    ItemTicked,
    Kitchen,
    SaveChange,
    places_on_list,
)
from client.store.reducer import reduce
from client.store.state import AppState

SOUP = Recipe(
    "r1",
    "Soup",
    "",
    2,
    (Ingredient("Tomatoes", 500, "g"), Ingredient("onion", 1)),
    (),
    30,
    "easy",
    saved=True,
)
EGGS, MILK = ShoppingItem("i1", "eggs"), ShoppingItem("i2", "milk")
OWN = ""


def after(*happened: actions.Action, kitchen: Kitchen | None = None) -> Kitchen:
    state = AppState(kitchen=kitchen or Kitchen())
    for action in happened:
        state = reduce(state, action)
    return state.kitchen


def cards(*ids: str) -> tuple[Card, ...]:
    return tuple(Card(item_id, "recipe", item_id) for item_id in ids)


def page(*ids: str, number: int = 1, more: bool = False) -> Page[Card]:
    return Page(cards(*ids), number, total=99, has_more=more)


def listed(*items: ShoppingItem) -> Kitchen:
    return after(kitchen_actions.ListLoaded(OWN, ShoppingList("me", items)))


def names(kitchen: Kitchen) -> list[str]:
    return [item.name for item in kitchen.list_of(OWN).items]


def test_a_newer_query_overtakes_an_older_answer() -> None:
    soup, cake = CatalogueQuery(words="soup"), CatalogueQuery(words="cake")
    kitchen = after(
        kitchen_actions.QueryChosen(soup),
        kitchen_actions.QueryChosen(cake),
        kitchen_actions.ResultsLoaded(soup, page("soup")),
        kitchen_actions.ResultsFailed(soup, "Too slow."),
    )
    assert (kitchen.results.rows, kitchen.results.status) == ((), "loading")
    found = after(kitchen_actions.ResultsLoaded(cake, page("cake")), kitchen=kitchen)
    assert [card.id for card in found.results.rows] == ["cake"]


def test_pages_follow_each_other_and_show_nothing_twice() -> None:
    query = CatalogueQuery()
    first = after(
        kitchen_actions.QueryChosen(query), kitchen_actions.ResultsLoaded(query, page("a", "b", more=True))
    )
    both = after(
        kitchen_actions.ResultsRequested(),
        kitchen_actions.ResultsLoaded(query, page("b", "c", number=2)),
        kitchen=first,
    )
    assert [card.id for card in both.results.rows] == ["a", "b", "c"]
    assert both.results.next_page is None
    # The same answer once more changes nothing.
    assert after(kitchen_actions.ResultsLoaded(query, page("b", "c", number=2)), kitchen=both) == both


def test_a_recipe_tells_whether_it_is_saved_and_is_kept_for_a_while() -> None:
    kitchen = after(kitchen_actions.ItemRequested("recipe", "r1"), kitchen_actions.RecipeLoaded(SOUP))
    assert kitchen.recipes["r1"].thing == SOUP
    assert kitchen.has_saved("r1")
    for number in range(MOST_ITEMS):
        kitchen = after(kitchen_actions.RecipeLoaded(replace(SOUP, id=f"n{number}")), kitchen=kitchen)
    assert "r1" not in kitchen.recipes
    assert len(kitchen.recipes) == MOST_ITEMS


def test_what_did_not_come_keeps_what_was_there() -> None:
    kitchen = after(
        kitchen_actions.RecipeLoaded(SOUP),
        kitchen_actions.ItemRequested("recipe", "r1"),
        kitchen_actions.ItemFailed("recipe", "r1", "Offline."),
        kitchen_actions.ItemFailed("restaurant", "p1", "Offline."),
    )
    assert (kitchen.recipes["r1"].thing, kitchen.recipes["r1"].error) == (SOUP, "Offline.")
    assert kitchen.restaurants["p1"].status == "failed"


def test_servings_stay_between_one_and_a_hundred() -> None:
    kitchen = after(kitchen_actions.RecipeLoaded(SOUP))
    assert kitchen.servings_of(SOUP) == 2
    assert after(kitchen_actions.ServingsChosen("r1", 0), kitchen=kitchen).servings_of(SOUP) == 1
    assert after(kitchen_actions.ServingsChosen("r1", 101), kitchen=kitchen).servings_of(SOUP) == 100


def test_saving_is_seen_at_once_and_undone_where_it_is_refused() -> None:
    saving, unsaving = SaveChange(1, "r9", True), SaveChange(2, "r9", False)
    kitchen = after(kitchen_actions.SaveChanged(saving))
    assert kitchen.has_saved("r9")
    assert not after(kitchen_actions.SaveSettled(saving, False), kitchen=kitchen).has_saved("r9")
    assert after(kitchen_actions.SaveSettled(saving, True), kitchen=kitchen).has_saved("r9")
    # The newest wish is what is seen, whatever becomes of the one before.
    both = after(
        kitchen_actions.SaveChanged(unsaving), kitchen_actions.SaveSettled(saving, True), kitchen=kitchen
    )
    assert not both.has_saved("r9")
    assert after(kitchen_actions.SaveSettled(unsaving, False), kitchen=both).has_saved("r9")


def test_a_favourite_that_could_not_be_removed_is_back_in_its_place() -> None:
    kitchen = after(
        kitchen_actions.FavouritesRequested("recipe", anew=True),
        kitchen_actions.FavouritesLoaded("recipe", page("a", "b", "c")),
    )
    removing = SaveChange(1, "b", False)
    without = after(kitchen_actions.SaveChanged(removing), kitchen=kitchen)
    assert [card.id for card in without.favourites_of("recipe").rows] == ["a", "c"]
    refused = after(kitchen_actions.SaveSettled(removing, False), kitchen=without)
    assert [card.id for card in refused.favourites_of("recipe").rows] == ["a", "b", "c"]


def test_favourites_read_anew_begin_with_the_first_page() -> None:
    kitchen = after(
        kitchen_actions.FavouritesLoaded("recipe", page("a", more=True)),
        kitchen_actions.FavouritesRequested("recipe", anew=True),
        kitchen_actions.FavouritesLoaded("recipe", page("z")),
    )
    assert [card.id for card in kitchen.favourites_of("recipe").rows] == ["z"]
    failed = after(kitchen_actions.FavouritesFailed("recipe", "Offline."), kitchen=kitchen)
    assert failed.favourites_of("recipe").error == "Offline."
    assert failed.favourites_of("recipe").rows


def test_a_tick_is_seen_at_once_sorts_downwards_and_is_undone() -> None:
    change = ItemTicked(1, "i1", True)
    kitchen = after(kitchen_actions.ListChanged(OWN, change), kitchen=listed(EGGS, MILK))
    known = kitchen.list_of(OWN)
    assert [item.name for item in known.in_order] == ["milk", "eggs"]
    assert [item.name for item in known.items] == ["eggs", "milk"]
    refused = after(kitchen_actions.ListRefused(OWN, 1), kitchen=kitchen)
    assert not refused.list_of(OWN).items[0].ticked


def test_a_refused_change_leaves_the_others() -> None:
    kitchen = after(
        kitchen_actions.ListChanged(OWN, ItemTicked(1, "i1", True)),
        kitchen_actions.ListChanged(OWN, ItemsRemoved(2, frozenset({"i2"}))),
        kitchen_actions.ListRefused(OWN, 1),
        kitchen=listed(EGGS, MILK),
    )
    assert names(kitchen) == ["eggs"]
    assert not kitchen.list_of(OWN).items[0].ticked


def test_an_answer_does_not_lose_what_was_done_since() -> None:
    kitchen = after(
        kitchen_actions.ListChanged(OWN, ItemTicked(1, "i1", True)),
        kitchen_actions.ListChanged(OWN, ItemsRemoved(2, frozenset({"i2"}))),
        kitchen_actions.ListAnswered(OWN, 1, ShoppingList("me", (replace(EGGS, ticked=True), MILK))),
        kitchen=listed(EGGS, MILK),
    )
    assert names(kitchen) == ["eggs"]
    assert kitchen.list_of(OWN).items[0].ticked


def test_an_added_line_becomes_what_the_server_made_of_it() -> None:
    kitchen = after(
        kitchen_actions.ListChanged(OWN, ItemsAdded(1, (ShoppingItem("new-1", "Eggs", 2.0),))),
        kitchen=listed(EGGS, MILK),
    )
    assert names(kitchen) == ["eggs", "milk", "Eggs"]
    merged = after(
        kitchen_actions.ListAnswered(OWN, 1, (replace(EGGS, amount=8.0), ShoppingItem("i3", "salt"))),
        kitchen=kitchen,
    )
    assert names(merged) == ["eggs", "milk", "salt"]
    assert merged.list_of(OWN).items[0].amount == 8


def test_lines_of_a_list_that_is_not_known_wait_for_it() -> None:
    kitchen = after(
        kitchen_actions.ListChanged(OWN, ItemsAdded(1, (EGGS,))),
        kitchen_actions.ListAnswered(OWN, 1, (EGGS,)),
    )
    assert names(kitchen) == []


def test_a_group_may_have_no_list() -> None:
    kitchen = after(kitchen_actions.ListRequested("g1"), kitchen_actions.ListLoaded("g1", None))
    assert kitchen.list_of("g1").unshared
    shared = after(kitchen_actions.ListLoaded("g1", ShoppingList("me", (EGGS,), "g1")), kitchen=kitchen)
    assert not shared.list_of("g1").unshared


def test_which_ingredients_are_on_the_list() -> None:
    lines = (
        ShoppingItem("i1", "tomatoes", recipe_ids=("r1",)),
        ShoppingItem("i2", "onion", recipe_ids=("other",)),
    )
    assert places_on_list(SOUP, lines) == {0}
    assert places_on_list(SOUP, (replace(lines[0], ticked=True),)) == frozenset()


def test_nothing_is_left_for_the_next_user() -> None:
    state = replace(AppState(), kitchen=listed(EGGS))
    state = reduce(state, actions.SignedIn(User("u1", None, "Ana", "free")))
    assert reduce(state, actions.SignedOut()).kitchen == Kitchen()
