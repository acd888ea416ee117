"""How the kitchen changes: pure, and harmless when something is told twice or too late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

from client.net.kitchen_values import CatalogueKind, Recipe, Restaurant
from client.net.paging import Page
from client.net.values import Card
from client.store import actions
from client.store.kitchen import actions as kitchen_actions
from client.store.kitchen.list_reducer import with_list_action
from client.store.kitchen.state import MOST_SERVINGS, Kitchen
from client.store.listing import Fetched, Listing, fetched
from client.store.state import AppState

Key = TypeVar("Key")
Value = TypeVar("Value")

MOST_ITEMS = 30
"""So many recipes, and as many restaurants, are kept; the one seen longest ago goes first."""


def with_kitchen_action(state: AppState, action: actions.Action) -> AppState:
    """The state after something happened in the kitchen; any other action changes nothing."""
    kitchen = _with_results(state.kitchen, action)
    kitchen = _with_recommended(kitchen, action)
    kitchen = _with_item(kitchen, action)
    kitchen = _with_saved(kitchen, action)
    kitchen = _with_favourites(kitchen, action)
    kitchen = with_list_action(kitchen, action)
    return state if kitchen is state.kitchen else replace(state, kitchen=kitchen)


def _with_results(kitchen: Kitchen, action: actions.Action) -> Kitchen:
    match action:
        case kitchen_actions.QueryChosen(query):
            return replace(kitchen, query=query, results=Listing[Card]().loading())
        case kitchen_actions.ResultsRequested():
            return replace(kitchen, results=kitchen.results.loading())
        case kitchen_actions.ResultsLoaded(query, page) if query == kitchen.query:
            return replace(kitchen, results=_with_page(kitchen.results, page))
        case kitchen_actions.ResultsFailed(query, error) if query == kitchen.query:
            return replace(kitchen, results=kitchen.results.failed(error))
        case _:
            return kitchen


def _with_recommended(kitchen: Kitchen, action: actions.Action) -> Kitchen:
    match action:
        case kitchen_actions.RecommendedRequested():
            return replace(kitchen, recommended=kitchen.recommended.loading())
        case kitchen_actions.RecommendedLoaded(page):
            return replace(kitchen, recommended=_with_page(kitchen.recommended, page))
        case kitchen_actions.RecommendedFailed(error):
            return replace(kitchen, recommended=kitchen.recommended.failed(error))
        case actions.SessionLeft() | actions.PreferencesLoaded():
            # What was decided, and what one can eat, changes what is recommended: it is asked for anew.
            return replace(kitchen, recommended=replace(kitchen.recommended, status="idle"))
        case _:
            return kitchen


def _with_item(kitchen: Kitchen, action: actions.Action) -> Kitchen:
    match action:
        case kitchen_actions.ItemRequested(kind, item_id):
            return _with_status(kitchen, kind, item_id, None)
        case kitchen_actions.ItemFailed(kind, item_id, error):
            return _with_status(kitchen, kind, item_id, error)
        case kitchen_actions.RecipeLoaded(recipe):
            recipes = _kept(kitchen.recipes, recipe.id, fetched(recipe))
            return replace(kitchen, recipes=recipes, saved=_marked(kitchen, recipe.id, recipe.saved))
        case kitchen_actions.RestaurantLoaded(place):
            restaurants = _kept(kitchen.restaurants, place.id, fetched(place))
            return replace(kitchen, restaurants=restaurants, saved=_marked(kitchen, place.id, place.saved))
        case kitchen_actions.ServingsChosen(recipe_id, servings):
            within = max(1, min(servings, MOST_SERVINGS))
            return replace(kitchen, servings=_put(kitchen.servings, recipe_id, within))
        case _:
            return kitchen


def _with_status(kitchen: Kitchen, kind: CatalogueKind, item_id: str, error: str | None) -> Kitchen:
    """With a thing on its way, or with why it did not come."""
    if kind == "recipe":
        recipe = _stepped(kitchen.recipes.get(item_id, Fetched[Recipe]()), error)
        return replace(kitchen, recipes=_kept(kitchen.recipes, item_id, recipe))
    place = _stepped(kitchen.restaurants.get(item_id, Fetched[Restaurant]()), error)
    return replace(kitchen, restaurants=_kept(kitchen.restaurants, item_id, place))


def _stepped(known: Fetched[Value], error: str | None) -> Fetched[Value]:
    return known.loading() if error is None else known.failed(error)


def _with_saved(kitchen: Kitchen, action: actions.Action) -> Kitchen:
    match action:
        case kitchen_actions.SavedIdsLoaded(ids):
            return replace(kitchen, saved=ids)
        case kitchen_actions.SaveChanged(change):
            return replace(kitchen, saving=(*kitchen.saving, change))
        case kitchen_actions.SaveSettled(change, accepted):
            waiting = tuple(other for other in kitchen.saving if other.id != change.id)
            saved = _marked(kitchen, change.item_id, change.saved) if accepted else kitchen.saved
            return replace(kitchen, saving=waiting, saved=saved)
        case _:
            return kitchen


def _with_favourites(kitchen: Kitchen, action: actions.Action) -> Kitchen:
    match action:
        case kitchen_actions.FavouritesRequested(kind, anew):
            known = _favourites(kitchen, kind).loading()
            return _with_listing(kitchen, kind, replace(known, next_page=1) if anew else known)
        case kitchen_actions.FavouritesLoaded(kind, page):
            saved = kitchen.saved | {card.id for card in page.rows}
            known = _with_favourites_page(_favourites(kitchen, kind), page, kitchen.saved)
            return _with_listing(replace(kitchen, saved=saved), kind, known)
        case kitchen_actions.FavouritesFailed(kind, error):
            return _with_listing(kitchen, kind, _favourites(kitchen, kind).failed(error))
        case _:
            return kitchen


def _favourites(kitchen: Kitchen, kind: CatalogueKind) -> Listing[Card]:
    return kitchen.favourites.get(kind, Listing[Card]())


def _with_listing(kitchen: Kitchen, kind: CatalogueKind, listing: Listing[Card]) -> Kitchen:
    return replace(kitchen, favourites=_put(kitchen.favourites, kind, listing))


def _with_page(known: Listing[Card], page: Page[Card]) -> Listing[Card]:
    """With a page of cards; one that moved to it from an earlier page meanwhile is not shown twice."""
    shown = set() if page.number == 1 else {card.id for card in known.rows}
    fresh = tuple(card for card in page.rows if card.id not in shown)
    return known.with_page(page.number, fresh, total=page.total, has_more=page.has_more)


def _with_favourites_page(known: Listing[Card], page: Page[Card], saved: frozenset[str]) -> Listing[Card]:
    """Further pages stay when the first one comes again, but for what is saved no longer."""
    if page.number == 1:
        known = replace(known, rows=tuple(card for card in known.rows if card.id in saved))
    return known.with_page_of(
        page.number, page.rows, lambda card: card.id, total=page.total, has_more=page.has_more
    )


def _marked(kitchen: Kitchen, item_id: str, saved: bool) -> frozenset[str]:
    return kitchen.saved | {item_id} if saved else kitchen.saved - {item_id}


def _kept(
    known: Mapping[str, Fetched[Value]], item_id: str, item: Fetched[Value]
) -> Mapping[str, Fetched[Value]]:
    others = [(name, value) for name, value in known.items() if name != item_id]
    return MappingProxyType(dict([*others[-MOST_ITEMS + 1 :], (item_id, item)]))


def _put(known: Mapping[Key, Value], key: Key, value: Value) -> Mapping[Key, Value]:
    return MappingProxyType({**known, key: value})
