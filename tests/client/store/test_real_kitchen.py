"""The kitchen with the real server and its own catalogue: search, save, cook for more, shop together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from client.join_code import group_token
from client.net.kitchen_api import OWN_LIST
from client.net.kitchen_values import CatalogueQuery, Recipe
from client.net.values import Location
from client.store.kitchen.state import Kitchen, places_on_list
from tests.client.store.test_real_groups import only_group
from tests.client.store.test_real_server import Person, person
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
__all__ = ["person"]  # the fixture, for pytest to find

ATLANTA = Location(33.749, -84.388)


def sees(someone: Person, reached: Callable[[Kitchen], object]) -> Kitchen:
    """Wait until somebody's kitchen is as wanted and nothing is on its way."""
    store = someone.client.store

    def settled() -> bool:
        kitchen = store.state.kitchen
        waiting = kitchen.saving or any(known.changes for known in kitchen.lists.values())
        return not waiting and bool(reached(kitchen))

    eventually(settled, seconds=30)
    assert store.state.notice is None or store.state.notice.kind == "info"
    return store.state.kitchen


def opened_recipe(someone: Person, query: CatalogueQuery) -> Recipe:
    """The first one that is found, in full."""
    someone.client.kitchen.browse(query)
    kitchen = sees(someone, lambda kitchen: kitchen.query == query and kitchen.results.rows)
    found = kitchen.results.rows[0].id
    someone.client.kitchen.show_recipe(found)
    kitchen = sees(someone, lambda kitchen: found in kitchen.recipes and kitchen.recipes[found].thing)
    recipe = kitchen.recipes[found].thing
    assert recipe is not None
    return recipe


def test_everything_is_found_page_by_page(person: Callable[[str], Person]) -> None:
    ada = person("Ada")
    ada.client.kitchen.open_browse()
    kitchen = sees(ada, lambda kitchen: kitchen.results.status == "loaded")
    total = kitchen.results.total
    assert total is not None
    assert len(kitchen.results.rows) < total
    while kitchen.results.next_page is not None:
        shown = len(kitchen.results.rows)
        ada.client.kitchen.load_more_results()
        kitchen = sees(ada, lambda kitchen, shown=shown: len(kitchen.results.rows) > shown)
    assert len({card.id for card in kitchen.results.rows}) == total

    quick = CatalogueQuery(diets=("vegan",), max_minutes=30)
    ada.client.kitchen.browse(quick)
    kitchen = sees(ada, lambda kitchen: kitchen.query == quick and kitchen.results.status == "loaded")
    assert kitchen.results.rows
    assert all((card.minutes or 99) <= 30 and "vegan" in card.dietary_tags for card in kitchen.results.rows)

    near = CatalogueQuery("restaurant", prices=(1, 2), near=ATLANTA)
    ada.client.kitchen.browse(near)
    kitchen = sees(ada, lambda kitchen: kitchen.query == near and kitchen.results.status == "loaded")
    miles = [card.distance_miles or 0.0 for card in kitchen.results.rows]
    assert miles == sorted(miles)
    assert {card.price for card in kitchen.results.rows} <= {1, 2}


def test_favourites_are_there_on_the_next_device(person: Callable[[str], Person]) -> None:
    bo = person("Bo")
    recipe = opened_recipe(bo, CatalogueQuery(words="soup"))
    bo.client.kitchen.set_saved("recipe", recipe.id, True)
    sees(bo, lambda kitchen: recipe.id in kitchen.saved)
    bo.restart()
    eventually(lambda: bo.client.store.state.auth.status == "signed_in")
    bo.client.kitchen.load_favourites("recipe")
    kitchen = sees(bo, lambda kitchen: kitchen.favourites_of("recipe").rows)
    assert [card.id for card in kitchen.favourites_of("recipe").rows] == [recipe.id]
    bo.client.kitchen.set_saved("recipe", recipe.id, False)
    assert sees(bo, lambda kitchen: not kitchen.saved).favourites_of("recipe").rows == ()


def test_a_group_shops_from_one_list(person: Callable[[str], Person]) -> None:
    cleo, dev = person("Cleo"), person("Dev")
    cleo.client.commands.create_group("Family")
    group = only_group(cleo)
    dev.client.commands.join_group(group_token(group.invite_link))
    only_group(dev)

    recipe = opened_recipe(cleo, CatalogueQuery(diets=("vegetarian",)))
    cleo.client.kitchen.load_list(OWN_LIST)
    cleo.client.kitchen.set_servings(recipe.id, 2 * recipe.servings)
    cleo.client.kitchen.add_ingredients(recipe, (0, 1))
    cleo.client.kitchen.add_typed(OWN_LIST, "2 kg potatoes")
    items = sees(cleo, lambda kitchen: len(kitchen.list_of(OWN_LIST).items) == 3).list_of(OWN_LIST).items
    assert places_on_list(recipe, items) == {0, 1}
    assert (items[2].name, items[2].amount, items[2].unit) == ("potatoes", 2.0, "kg")

    dev.client.kitchen.load_list(group.id)
    sees(dev, lambda kitchen: kitchen.list_of(group.id).unshared)
    cleo.client.kitchen.share_list(group.id)
    sees(cleo, lambda kitchen: kitchen.list_of(group.id).items == items)

    dev.client.kitchen.load_list(group.id)
    sees(dev, lambda kitchen: kitchen.list_of(group.id).items == items)
    dev.client.kitchen.tick(group.id, items[2].id, True)
    sees(dev, lambda kitchen: kitchen.list_of(group.id).in_order[-1].ticked)
    cleo.client.kitchen.load_list(OWN_LIST)
    sees(
        cleo, lambda kitchen: kitchen.list_of(OWN_LIST).items == (*items[:2], replace(items[2], ticked=True))
    )
    cleo.client.kitchen.clear_ticked(OWN_LIST)
    cleo.client.kitchen.remove_item(OWN_LIST, items[0].id)
    sees(cleo, lambda kitchen: kitchen.list_of(OWN_LIST).items == items[1:2])
