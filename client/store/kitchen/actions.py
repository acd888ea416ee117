"""What can happen in the kitchen; `client.store.kitchen.reducer` knows what each of them changes."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TypeAlias

from client.net.kitchen_values import (
    CatalogueKind,
    CatalogueQuery,
    Recipe,
    Restaurant,
    ShoppingItem,
    ShoppingList,
)
from client.net.paging import Page
from client.net.values import Card
from client.store.kitchen.state import ListChange, SaveChange

next_change_id = itertools.count(1).__next__
"""Names a change until the server has answered it."""


@dataclass(frozen=True, slots=True)
class QueryChosen:
    """The user looks for something else: what was found before is gone."""

    query: CatalogueQuery


@dataclass(frozen=True, slots=True)
class ResultsRequested:
    """The next page of the results is on its way."""


@dataclass(frozen=True, slots=True)
class ResultsLoaded:
    """A page of what fits `query`; if the user looks for something else by now it changes nothing."""

    query: CatalogueQuery
    page: Page[Card]


@dataclass(frozen=True, slots=True)
class ResultsFailed:
    """A page of what fits `query` did not come: why, in a sentence."""

    query: CatalogueQuery
    error: str


@dataclass(frozen=True, slots=True)
class RecommendedRequested:
    """What suits the user's taste is on its way."""


@dataclass(frozen=True, slots=True)
class RecommendedLoaded:
    """What suits the user's taste, best first."""

    page: Page[Card]


@dataclass(frozen=True, slots=True)
class RecommendedFailed:
    """It did not come: why, in a sentence."""

    error: str


@dataclass(frozen=True, slots=True)
class ItemRequested:
    """A recipe or restaurant is on its way."""

    kind: CatalogueKind
    item_id: str


@dataclass(frozen=True, slots=True)
class RecipeLoaded:
    """A whole recipe."""

    recipe: Recipe


@dataclass(frozen=True, slots=True)
class RestaurantLoaded:
    """A whole restaurant."""

    restaurant: Restaurant


@dataclass(frozen=True, slots=True)
class ItemFailed:
    """A recipe or restaurant did not come: why, in a sentence."""

    kind: CatalogueKind
    item_id: str
    error: str


@dataclass(frozen=True, slots=True)
class ServingsChosen:
    """For how many a recipe is to be shown; what is too few or too many becomes the least or most there is."""

    recipe_id: str
    servings: int


@dataclass(frozen=True, slots=True)
class SavedIdsLoaded:
    """The ids of everything saved."""

    ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class SaveChanged:
    """The user saves something, or does no longer: seen at once."""

    change: SaveChange


@dataclass(frozen=True, slots=True)
class SaveSettled:
    """The server has `accepted` that change or refused it."""

    change: SaveChange
    accepted: bool


@dataclass(frozen=True, slots=True)
class FavouritesRequested:
    """The next page of what is saved is on its way; `anew` from the first one on."""

    kind: CatalogueKind
    anew: bool


@dataclass(frozen=True, slots=True)
class FavouritesLoaded:
    """A page of what is saved."""

    kind: CatalogueKind
    page: Page[Card]


@dataclass(frozen=True, slots=True)
class FavouritesFailed:
    """A page of what is saved did not come: why, in a sentence."""

    kind: CatalogueKind
    error: str


@dataclass(frozen=True, slots=True)
class ListRequested:
    """A shopping list is on its way."""

    list_id: str


@dataclass(frozen=True, slots=True)
class ListLoaded:
    """A whole shopping list; None: the group has none."""

    list_id: str
    shopping_list: ShoppingList | None


@dataclass(frozen=True, slots=True)
class ListFailed:
    """A shopping list did not come: why, in a sentence."""

    list_id: str
    error: str


@dataclass(frozen=True, slots=True)
class ListChanged:
    """The user has changed a list: seen at once."""

    list_id: str
    change: ListChange


@dataclass(frozen=True, slots=True)
class ListAnswered:
    """The server has taken a change: the list is this one now, or has these lines among others."""

    list_id: str
    change_id: int
    answer: ShoppingList | tuple[ShoppingItem, ...]


@dataclass(frozen=True, slots=True)
class ListRefused:
    """The server has not taken a change: it is undone."""

    list_id: str
    change_id: int


KitchenAction: TypeAlias = (
    QueryChosen
    | ResultsRequested
    | ResultsLoaded
    | ResultsFailed
    | RecommendedRequested
    | RecommendedLoaded
    | RecommendedFailed
    | ItemRequested
    | RecipeLoaded
    | RestaurantLoaded
    | ItemFailed
    | ServingsChosen
    | SavedIdsLoaded
    | SaveChanged
    | SaveSettled
    | FavouritesRequested
    | FavouritesLoaded
    | FavouritesFailed
    | ListRequested
    | ListLoaded
    | ListFailed
    | ListChanged
    | ListAnswered
    | ListRefused
)
