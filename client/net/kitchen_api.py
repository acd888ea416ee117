"""Catalogue, favourites and shopping lists over HTTP. Every method blocks and raises `ApiError`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from client.net.caller import Caller
from client.net.kitchen_reading import (
    read_cards,
    read_recipe,
    read_restaurant,
    read_saved_ids,
    read_shopping_items,
    read_shopping_list,
)
from client.net.kitchen_values import (
    CatalogueKind,
    CatalogueQuery,
    Recipe,
    Restaurant,
    ShoppingItem,
    ShoppingList,
)
from client.net.paging import PAGE_SIZE, Page
from client.net.values import Card, Location

OWN_LIST = ""
"""Stands for the user's own shopping list where others are named by their group's id."""

RECOMMENDED = 12
"""So many recipes are recommended at a time: a few swipes of a thumb."""

_SAVED: Mapping[CatalogueKind, str] = {
    "recipe": "/users/me/saved-recipes",
    "restaurant": "/users/me/saved-restaurants",
}


class KitchenApi:
    """Thread safe."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    # The catalogue

    def browse(self, query: CatalogueQuery, page: int) -> Page[Card]:
        """A page of what fits the query."""
        return self._caller.ask(read_cards, "GET", _address(query, page))

    def recommended(self) -> Page[Card]:
        """The recipes that suit the user's taste best, without what they cannot eat."""
        return self._caller.ask(read_cards, "GET", f"/recipes/recommendations?limit={RECOMMENDED}")

    def recipe(self, recipe_id: str) -> Recipe:
        """A whole recipe; 404 `recipe_not_found`."""
        return self._caller.ask(read_recipe, "GET", f"/recipes/{recipe_id}")

    def restaurant(self, restaurant_id: str, near: Location | None = None) -> Restaurant:
        """A whole restaurant, with its distance from `near`; 404 `restaurant_not_found`."""
        parameters = "" if near is None else "?" + urlencode({"near": _place(near)})
        return self._caller.ask(read_restaurant, "GET", f"/restaurants/{restaurant_id}{parameters}")

    # Favourites

    def saved_ids(self) -> frozenset[str]:
        """Everything that the user has saved, by id."""
        return self._caller.ask(read_saved_ids, "GET", "/users/me/saved-ids")

    def saved(self, kind: CatalogueKind, page: int) -> Page[Card]:
        """A page of what the user has saved, newest first."""
        parameters = urlencode({"page": page, "limit": PAGE_SIZE})
        return self._caller.ask(read_cards, "GET", f"{_SAVED[kind]}?{parameters}")

    def save(self, kind: CatalogueKind, item_id: str) -> None:
        """Save a recipe or restaurant; harmless to repeat. 409 `too_many_saved`."""
        self._caller.call("PUT", f"{_SAVED[kind]}/{item_id}")

    def unsave(self, kind: CatalogueKind, item_id: str) -> None:
        """Save it no longer; harmless to repeat."""
        self._caller.call("DELETE", f"{_SAVED[kind]}/{item_id}")

    # Shopping lists: `list_id` is `OWN_LIST`, or the id of a group that a list is shared with

    def shopping_list(self, list_id: str) -> ShoppingList:
        """A list; 404 `list_not_shared` where the group has none."""
        return self._caller.ask(read_shopping_list, "GET", _list(list_id))

    def shopping_list_if_changed(self, list_id: str, tag: str) -> tuple[ShoppingList, str] | None:
        """A list and its tag; None where it is still the one that had this `tag`. It costs the server little."""
        return self._caller.ask_if_changed(read_shopping_list, _list(list_id), tag)

    def add_item(
        self, list_id: str, name: str, amount: float | None = None, unit: str = ""
    ) -> tuple[ShoppingItem, ...]:
        """Put something on a list; returns the lines it went into. 409 `list_full`."""
        content = {"name": name, "amount": amount, "unit": unit}
        return self._caller.ask(read_shopping_items, "POST", f"{_list(list_id)}/items", content)

    def add_ingredients(
        self, list_id: str, recipe_id: str, servings: int, places: Sequence[int]
    ) -> tuple[ShoppingItem, ...]:
        """Put the ingredients at these places of a recipe on a list, for so many servings; all of them or none."""
        content = {"servings": servings, "ingredients": list(places)}
        path = f"{_list(list_id)}/recipes/{recipe_id}"
        return self._caller.ask(read_shopping_items, "POST", path, content)

    def tick_item(self, list_id: str, item_id: str, *, ticked: bool) -> ShoppingList:
        """Tick a line, or take the tick away; 404 `item_not_found`."""
        path = f"{_list(list_id)}/items/{item_id}"
        return self._caller.ask(read_shopping_list, "PATCH", path, {"ticked": ticked})

    def remove_item(self, list_id: str, item_id: str) -> ShoppingList:
        """Take a line off; harmless to repeat."""
        return self._caller.ask(read_shopping_list, "DELETE", f"{_list(list_id)}/items/{item_id}")

    def clear_ticked(self, list_id: str) -> ShoppingList:
        """Take every ticked line off."""
        return self._caller.ask(read_shopping_list, "DELETE", f"{_list(list_id)}/ticked")

    def share_list(self, group_id: str | None) -> ShoppingList:
        """Let a group see and change one's own list, or nobody; 409 `group_has_list`."""
        path = f"{_list(OWN_LIST)}/sharing"
        return self._caller.ask(read_shopping_list, "PUT", path, {"group_id": group_id})


def _list(list_id: str) -> str:
    return "/users/me/shopping-list" if list_id == OWN_LIST else f"/groups/{list_id}/shopping-list"


def _address(query: CatalogueQuery, page: int) -> str:
    """Where a page of a query's answer is; what does not matter is left away."""
    wanted: dict[str, str | int | None] = {
        "q": query.words.strip(),
        "cuisine": ",".join(query.cuisines),
        "dietary": ",".join(query.diets),
    }
    if query.kind == "recipe":
        path = "/recipes"
        wanted["difficulty"] = ",".join(query.difficulties)
        wanted["max_minutes"] = query.max_minutes
    else:
        path = "/restaurants"
        wanted["price"] = ",".join(map(str, query.prices))
        wanted["near"] = "" if query.near is None else _place(query.near)
    parameters = {name: value for name, value in wanted.items() if value}
    return f"{path}?{urlencode({**parameters, 'page': page, 'limit': PAGE_SIZE})}"


def _place(location: Location) -> str:
    return f"{location.lat:.5f},{location.lon:.5f}"
