"""Words about recipes and shopping lists. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from client.net.kitchen_values import Ingredient, Nutrition, Recipe, ShoppingItem
from client.store.kitchen.amounts import amount_text, scaled
from client.widgets.wording import Fact, label_of, minutes_text, spoken_list, telling_tags
from client.words import _, ngettext

DONE, MISSING = "✓", "-"


def recipe_facts(recipe: Recipe) -> tuple[Fact, ...]:
    """What is worth a chip: time, difficulty, cuisines, diets."""
    return (
        Fact("clock-outline", minutes_text(recipe.total_minutes)),
        Fact("chef-hat", label_of(recipe.difficulty)),
        *(Fact("food-outline", cuisine) for cuisine in recipe.cuisines),
        *(Fact("leaf", label_of(tag)) for tag in telling_tags(recipe.dietary_tags)),
    )


def ingredient_amount(ingredient: Ingredient, servings: int, of: int) -> str:
    """How much of it so many servings need."""
    return amount_text(scaled(ingredient.amount, servings, of), ingredient.unit)


def servings_text(servings: int) -> str:
    """For how many a recipe is."""
    return ngettext("{count} serving", "{count} servings", servings).format(count=servings)


def allergens_text(allergens: tuple[str, ...]) -> str:
    """What is in it that some people must not eat; for a recipe the list is complete."""
    if not allergens:
        return _("Contains none of the 14 main allergens.")
    return _("Contains {allergens}.").format(allergens=spoken_list(tuple(map(_, allergens))))


def nutrition_text(nutrition: Nutrition | None) -> str:
    """What a serving has in it; empty where nobody knows."""
    if nutrition is None:
        return ""
    return _("{kcal} kcal · {protein} g protein · {carbs} g carbs · {fat} g fat").format(
        kcal=nutrition.kcal,
        protein=f"{nutrition.protein:.0f}",
        carbs=f"{nutrition.carbs:.0f}",
        fat=f"{nutrition.fat:.0f}",
    )


def list_as_text(title: str, items: Iterable[ShoppingItem]) -> str:
    """A shopping list to send to somebody: a line each, what is in the basket marked."""
    lines = [
        " ".join(
            filter(None, (DONE if item.ticked else MISSING, amount_text(item.amount, item.unit), item.name))
        )
        for item in items
    ]
    return "\n".join((title, *lines))
