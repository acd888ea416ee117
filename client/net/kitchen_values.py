"""The catalogue and what people take from it, as the server tells it (docs/kitchen.md). Units as in `values`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from client.net.values import Location

CatalogueKind: TypeAlias = Literal["recipe", "restaurant"]


@dataclass(frozen=True, slots=True)
class CatalogueQuery:
    """What to look for. `max_minutes` and `difficulties` concern recipes only, `prices` (1 to 4) and `near` places.

    A card has any of the `cuisines` and `difficulties`, and all of the `diets`; what is empty or None does not matter.
    """

    kind: CatalogueKind = "recipe"
    words: str = ""
    cuisines: tuple[str, ...] = ()
    diets: tuple[str, ...] = ()
    max_minutes: int | None = None
    difficulties: tuple[str, ...] = ()
    prices: tuple[int, ...] = ()
    near: Location | None = None

    @property
    def narrowed(self) -> bool:
        """Whether anything but the kind leaves cards out."""
        return bool(self.words.strip() or self.filters)

    @property
    def filters(self) -> int:
        """How many kinds of filters are set, words aside."""
        for_recipes = (self.max_minutes, self.difficulties)
        of_kind = for_recipes if self.kind == "recipe" else (self.prices, self.near)
        return sum(bool(one) for one in (self.cuisines, self.diets, *of_kind))


@dataclass(frozen=True, slots=True)
class Ingredient:
    """Something that a recipe needs; the `unit` is empty for things that are counted."""

    name: str
    amount: float
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Nutrition:
    """What is in one serving: grams, but for the energy."""

    kcal: int
    protein: float
    carbs: float
    fat: float


@dataclass(frozen=True, slots=True)
class Recipe:
    """A whole recipe: `ingredients` are for `servings`; `source` says where it comes from."""

    id: str
    title: str
    description: str
    servings: int
    ingredients: tuple[Ingredient, ...]
    steps: tuple[str, ...]
    total_minutes: int
    difficulty: str
    cuisines: tuple[str, ...] = ()
    dietary_tags: tuple[str, ...] = ()
    allergens: tuple[str, ...] = ()
    nutrition: Nutrition | None = None
    image_url: str = ""
    blurhash: str = ""
    source: str = ""
    saved: bool = False


@dataclass(frozen=True, slots=True)
class OpenHours:
    """One stretch of a day, `HH:MM` by the restaurant's own clock."""

    opens: str
    closes: str


@dataclass(frozen=True, slots=True)
class Restaurant:
    """A whole restaurant. `hours` are by weekday, `monday` to `sunday`; a day without any is closed.

    `phone` and `reservation_url` are empty where there are none.
    """

    id: str
    name: str
    description: str
    address: str
    location: Location
    price: int
    cuisines: tuple[str, ...] = ()
    dietary_options: tuple[str, ...] = ()
    rating: float | None = None
    reviews: int | None = None
    distance_miles: float | None = None
    phone: str = ""
    reservation_url: str = ""
    hours: Mapping[str, tuple[OpenHours, ...]] = field(default_factory=lambda: MappingProxyType({}))
    image_url: str = ""
    blurhash: str = ""
    source: str = ""
    sponsored: bool = False
    saved: bool = False


@dataclass(frozen=True, slots=True)
class ShoppingItem:
    """A line of a shopping list; `amount` None: nobody said how much. `recipe_ids` are what it is for."""

    id: str
    name: str
    amount: float | None = None
    unit: str = ""
    ticked: bool = False
    recipe_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ShoppingList:
    """A list in the order in which its lines were added; `shared_with` is the group that sees it too, or empty."""

    owner_id: str
    items: tuple[ShoppingItem, ...] = ()
    shared_with: str = ""
