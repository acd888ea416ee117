"""What is known of catalogue, favourites and shopping lists; and how what is not answered yet is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TypeAlias

from client.net.kitchen_values import (
    CatalogueKind,
    CatalogueQuery,
    Recipe,
    Restaurant,
    ShoppingItem,
    ShoppingList,
)
from client.net.values import Card
from client.store.listing import Fetched, Listing

MOST_SERVINGS = 100
"""The server scales no further."""


@dataclass(frozen=True, slots=True)
class SaveChange:
    """The user has saved something, or does no longer; the server has not answered yet."""

    id: int
    item_id: str
    saved: bool


@dataclass(frozen=True, slots=True)
class ItemTicked:
    """A line was ticked, or its tick taken away."""

    id: int
    item_id: str
    ticked: bool


@dataclass(frozen=True, slots=True)
class ItemsRemoved:
    """Lines were taken off."""

    id: int
    item_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class ItemsAdded:
    """Lines were put on; their ids are of this device only, until the server tells what became of them."""

    id: int
    items: tuple[ShoppingItem, ...]


ListChange: TypeAlias = ItemTicked | ItemsRemoved | ItemsAdded


@dataclass(frozen=True, slots=True)
class KnownList:
    """A shopping list as the server told it last, and the `changes` it has not answered yet, oldest first.

    `unshared`: the group has no list. The user sees `items`: a change the server refuses goes, and with it its effect.
    """

    fetched: Fetched[ShoppingList] = field(default_factory=Fetched[ShoppingList])
    changes: tuple[ListChange, ...] = ()
    unshared: bool = False

    @property
    def items(self) -> tuple[ShoppingItem, ...]:
        """The lines as the user wants them, in the order in which they were added."""
        known = self.fetched.thing
        items = () if known is None else known.items
        for change in self.changes:
            items = _changed(items, change)
        return items

    @property
    def in_order(self) -> tuple[ShoppingItem, ...]:
        """The lines as they are shown: what is missing first, then what is in the basket."""
        return tuple(sorted(self.items, key=lambda item: item.ticked))


@dataclass(frozen=True, slots=True)
class Kitchen:
    """`results` are for `query`, `recommended` is what suits the user's taste. `saved` are ids as the
    server knows them, `saving` what it has not answered yet.

    `recipes`, `restaurants` and `servings` are by the item's id, `favourites` by kind, `lists` by
    `client.net.kitchen_api.OWN_LIST` or the group's id.
    """

    query: CatalogueQuery = field(default_factory=CatalogueQuery)
    results: Listing[Card] = field(default_factory=Listing[Card])
    recommended: Listing[Card] = field(default_factory=Listing[Card])
    recipes: Mapping[str, Fetched[Recipe]] = field(default_factory=lambda: MappingProxyType({}))
    restaurants: Mapping[str, Fetched[Restaurant]] = field(default_factory=lambda: MappingProxyType({}))
    servings: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    saved: frozenset[str] = frozenset()
    saving: tuple[SaveChange, ...] = ()
    favourites: Mapping[CatalogueKind, Listing[Card]] = field(default_factory=lambda: MappingProxyType({}))
    lists: Mapping[str, KnownList] = field(default_factory=lambda: MappingProxyType({}))

    def has_saved(self, item_id: str) -> bool:
        """Whether the user has saved it, as the user sees it."""
        wishes = [change.saved for change in self.saving if change.item_id == item_id]
        return wishes[-1] if wishes else item_id in self.saved

    def favourites_of(self, kind: CatalogueKind) -> Listing[Card]:
        """What is saved, without what the user has just removed."""
        known = self.favourites.get(kind, Listing[Card]())
        return replace(known, rows=tuple(card for card in known.rows if self.has_saved(card.id)))

    def servings_of(self, recipe: Recipe) -> int:
        """For how many the recipe is shown."""
        return self.servings.get(recipe.id, recipe.servings)

    def list_of(self, list_id: str) -> KnownList:
        """What is known of a list."""
        return self.lists.get(list_id, KnownList())


def places_on_list(recipe: Recipe, items: tuple[ShoppingItem, ...]) -> frozenset[int]:
    """Which ingredients of a recipe, by their places, are among the lines and still to be bought for it."""
    names = {_key(item.name) for item in items if recipe.id in item.recipe_ids and not item.ticked}
    return frozenset(
        place for place, ingredient in enumerate(recipe.ingredients) if _key(ingredient.name) in names
    )


def _key(name: str) -> str:
    """What the server takes as one name."""
    return " ".join(name.casefold().split())


def _changed(items: tuple[ShoppingItem, ...], change: ListChange) -> tuple[ShoppingItem, ...]:
    match change:
        case ItemTicked(_, item_id, ticked):
            return tuple(replace(item, ticked=ticked) if item.id == item_id else item for item in items)
        case ItemsRemoved(_, item_ids):
            return tuple(item for item in items if item.id not in item_ids)
        case ItemsAdded(_, added):
            return (*items, *added)
