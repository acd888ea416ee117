"""The boundary of the kitchen's screens: intentions that are written down instead of carried out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from client.net.kitchen_values import CatalogueKind, CatalogueQuery, Recipe

# What screens look up by themselves when they open.
_LOOKED_UP = {
    "open_browse",
    "show_recipe",
    "show_restaurant",
    "load_favourites",
    "load_list",
    "look_after_list",
}


class RecordedKitchen:
    """Implements `client.screens.kitchen_ports.KitchenIntentions`; `calls` holds what was asked for, in order."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    @property
    def wishes(self) -> list[tuple[Any, ...]]:
        """What the user has asked for, without what screens look up by themselves."""
        return [call for call in self.calls if call[0] not in _LOOKED_UP]

    def open_browse(self) -> None:
        self.calls.append(("open_browse",))

    def search(self, words: str) -> None:
        self.calls.append(("search", words))

    def browse(self, query: CatalogueQuery) -> None:
        self.calls.append(("browse", query))

    def retry_browse(self) -> None:
        self.calls.append(("retry_browse",))

    def load_more_results(self) -> None:
        self.calls.append(("load_more_results",))

    def show_recipe(self, recipe_id: str) -> None:
        self.calls.append(("show_recipe", recipe_id))

    def show_restaurant(self, restaurant_id: str) -> None:
        self.calls.append(("show_restaurant", restaurant_id))

    def set_servings(self, recipe_id: str, servings: int) -> None:
        self.calls.append(("set_servings", recipe_id, servings))

    def set_saved(self, kind: CatalogueKind, item_id: str, saved: bool) -> None:
        self.calls.append(("set_saved", kind, item_id, saved))

    def load_favourites(self, kind: CatalogueKind) -> None:
        self.calls.append(("load_favourites", kind))

    def load_more_favourites(self, kind: CatalogueKind) -> None:
        self.calls.append(("load_more_favourites", kind))

    def load_list(self, list_id: str) -> None:
        self.calls.append(("load_list", list_id))

    def look_after_list(self, list_id: str) -> None:
        self.calls.append(("look_after_list", list_id))

    def tick(self, list_id: str, item_id: str, ticked: bool) -> None:
        self.calls.append(("tick", list_id, item_id, ticked))

    def remove_item(self, list_id: str, item_id: str) -> None:
        self.calls.append(("remove_item", list_id, item_id))

    def clear_ticked(self, list_id: str) -> None:
        self.calls.append(("clear_ticked", list_id))

    def add_typed(self, list_id: str, words: str) -> None:
        self.calls.append(("add_typed", list_id, words))

    def add_ingredients(self, recipe: Recipe, places: Sequence[int]) -> None:
        self.calls.append(("add_ingredients", recipe, tuple(places)))

    def share_list(self, group_id: str | None) -> None:
        self.calls.append(("share_list", group_id))

    def open_link(self, address: str) -> None:
        self.calls.append(("open_link", address))
