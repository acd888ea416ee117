"""States of the kitchen's screens, with dishes and places of the project's own catalogue."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from client.net.kitchen_api import OWN_LIST
from client.net.kitchen_values import (
    CatalogueKind,
    CatalogueQuery,
    Ingredient,
    Nutrition,
    OpenHours,
    Recipe,
    Restaurant,
    ShoppingItem,
    ShoppingList,
)
from client.net.values import Card, Location
from client.store.kitchen.state import Kitchen, KnownList
from client.store.listing import Listing, LoadStatus, fetched
from client.store.state import AppState
from tests.client.ui import scenes

RECIPES = tuple(card for card in scenes.CARDS if card.kind == "recipe")
PLACES = tuple(card for card in scenes.CARDS if card.kind == "restaurant")
TACOS = RECIPES[0]
TRATTORIA = PLACES[0]

RECIPE = Recipe(
    id=TACOS.id,
    title=TACOS.title,
    description="Charred beans, a quick pickle and plenty of lime, in warm corn tortillas.",
    servings=4,
    ingredients=(
        Ingredient("corn tortillas", 12),
        Ingredient("black beans, drained", 480, "g"),
        Ingredient("red onion", 0.5),
        Ingredient("lime juice", 1.5, "tbsp"),
        Ingredient("smoked paprika", 0.75, "tsp"),
        Ingredient("fresh coriander, leaves and tender stems", 1, "bunch"),
    ),
    steps=(
        "Slice the onion thinly, salt it, and let it rest in half of the lime juice.",
        "Fry the beans with the paprika until they blister.",
        "Warm the tortillas in a dry pan, fill them, and finish with onion, coriander and the rest of the lime.",
    ),
    total_minutes=25,
    difficulty="easy",
    cuisines=("Mexican",),
    dietary_tags=("vegetarian", "vegan", "pescatarian", "dairy-free", "gluten-free"),
    allergens=("celery", "mustard"),
    nutrition=Nutrition(412, 15.2, 61.0, 9.4),
    image_url=TACOS.image_url,
    blurhash=TACOS.blurhash,
    source="The DinDin kitchen",
)
_EVENINGS = (OpenHours("17:00", "22:00"),)
RESTAURANT = Restaurant(
    id=TRATTORIA.id,
    name=TRATTORIA.title,
    description="Fresh pasta at long tables, and a courtyard for warm evenings.",
    address="418 Magnolia Street NE, Atlanta, GA 30308",
    location=Location(33.7712, -84.3665),
    price=3,
    cuisines=("Italian",),
    dietary_options=("vegetarian", "gluten-free"),
    rating=4.6,
    reviews=731,
    distance_miles=1.4,
    phone="+1 404-555-0142",
    reservation_url="https://example.com/reserve/trattoria",
    hours=MappingProxyType(
        {
            "monday": (),
            "tuesday": _EVENINGS,
            "wednesday": _EVENINGS,
            "thursday": _EVENINGS,
            "friday": (OpenHours("11:30", "14:00"), OpenHours("17:00", "23:00")),
            "saturday": (OpenHours("11:30", "23:00"),),
            "sunday": (OpenHours("11:30", "21:00"),),
        }
    ),
    image_url=TRATTORIA.image_url,
    blurhash=TRATTORIA.blurhash,
    source="The DinDin kitchen",
    sponsored=True,
)
ITEMS = (
    ShoppingItem("d" * 23 + "1", "corn tortillas", 12.0, recipe_ids=(RECIPE.id,)),
    ShoppingItem("d" * 23 + "2", "oat milk", 1.5, "l"),
    ShoppingItem("d" * 23 + "3", "lemons", 0.5, "kg", ticked=True),
    ShoppingItem("d" * 23 + "4", "bread"),
)


def in_kitchen(**changes: object) -> AppState:
    """Ana at home with her group; `changes` are Kitchen's own fields."""
    kitchen = replace(Kitchen(), **changes)  # type: ignore[arg-type]  # changes are Kitchen's own fields
    return replace(scenes.with_group(), kitchen=kitchen)


def results(
    cards: tuple[Card, ...] = RECIPES,
    status: LoadStatus = "loaded",
    *,
    error: str = "",
    query: CatalogueQuery | None = None,
    next_page: int | None = None,
) -> AppState:
    """What browsing has found."""
    listing = Listing(cards, status, error, next_page, len(cards))
    return in_kitchen(query=query or CatalogueQuery(), results=listing, saved=frozenset({TACOS.id}))


def recommending(cards: tuple[Card, ...] = RECIPES) -> AppState:
    """What browsing has found, below what suits Ana's taste."""
    state = results(cards)
    suiting = Listing(tuple(reversed(cards)), "loaded", "", None, len(cards))
    return replace(state, kitchen=replace(state.kitchen, recommended=suiting))


def many_results(count: int) -> AppState:
    """A very long list."""
    cards = tuple(
        replace(RECIPES[number % len(RECIPES)], id=f"{number:024x}", title=f"Dish {number}")
        for number in range(count)
    )
    return results(cards)


def with_recipe(recipe: Recipe = RECIPE, **changes: object) -> AppState:
    """A recipe that is known, and a list with its first ingredient."""
    lists = {OWN_LIST: KnownList(fetched(ShoppingList(scenes.ANA.id, ITEMS)))}
    return in_kitchen(**{"recipes": {recipe.id: fetched(recipe)}, "lists": lists, **changes})


def with_restaurant(place: Restaurant = RESTAURANT) -> AppState:
    """A restaurant that is known."""
    return in_kitchen(restaurants={place.id: fetched(place)})


def favourites(kind: CatalogueKind, *cards: Card) -> AppState:
    """What is saved."""
    ids = frozenset(card.id for card in cards)
    return in_kitchen(favourites={kind: Listing(cards, "loaded", "", None, len(cards))}, saved=ids)


def shopping(*items: ShoppingItem, shared_with: str = "") -> AppState:
    """One's own list with these lines."""
    known = KnownList(fetched(ShoppingList(scenes.ANA.id, items, shared_with)))
    return in_kitchen(lists={OWN_LIST: known})
