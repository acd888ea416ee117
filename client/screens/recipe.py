"""A whole recipe: for as many as eat, with a plus beside each ingredient (docs/product.md M2)."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.net.kitchen_api import OWN_LIST
from client.net.kitchen_values import Recipe
from client.screens.fetched import FetchedScreen
from client.screens.recipe_words import (
    allergens_text,
    ingredient_amount,
    nutrition_text,
    recipe_facts,
    servings_text,
)
from client.store.kitchen.state import MOST_SERVINGS, Kitchen, places_on_list
from client.store.listing import Fetched
from client.theme.rules import load_rules
from client.widgets import card, picture, states, top_bar

load_rules(__file__, card, picture, states, top_bar)


class IngredientRow(BoxLayout):
    """How much of what; `on_wish()` wants it on the shopping list, where it is already when `listed`."""

    amount = StringProperty("")
    name = StringProperty("")
    listed = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_wish")
        super().__init__(**properties)

    def wish(self) -> None:
        """The button was pressed; what is on the list is not put there twice by mistake."""
        if not self.listed:
            self.dispatch("on_wish")

    def on_wish(self) -> None:
        """The screen listens."""


class StepRow(BoxLayout):
    """One thing to do."""

    number = StringProperty("")
    text = StringProperty("")


class RecipeScreen(FetchedScreen):
    """Opened with the recipe's id."""

    recipe: Recipe | None = ObjectProperty(None, allownone=True)
    facts = ObjectProperty(())
    saved = BooleanProperty(False)
    servings = NumericProperty(1)
    servings_text = StringProperty("")
    fewer = BooleanProperty(False)
    more = BooleanProperty(False)
    all_listed = BooleanProperty(False)
    allergens = StringProperty("")
    nutrition = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        self._rows: list[IngredientRow] = []
        super().__init__(**properties)
        self.watch(lambda state: state.kitchen, self._show)

    def on_pre_enter(self, *_: Any) -> None:
        self.ids.scroll.scroll_y = 1
        super().on_pre_enter()
        self.load()
        self.ports.kitchen.load_list(OWN_LIST)

    def load(self) -> None:
        """Read it (again)."""
        self.ports.kitchen.show_recipe(self.argument)

    def serve(self, more: int) -> None:
        """For so many more, or fewer."""
        self.ports.kitchen.set_servings(self.argument, int(self.servings) + more)

    def toggle_saved(self) -> None:
        """Make it a favourite, or one no longer."""
        self.ports.kitchen.set_saved("recipe", self.argument, not self.saved)

    def add(self, *places: int) -> None:
        """Put ingredients on the shopping list."""
        if self.recipe is not None:
            self.ports.kitchen.add_ingredients(self.recipe, places)

    def add_all(self) -> None:
        """Put all on the shopping list that are not there yet."""
        self.add(*(place for place, row in enumerate(self._rows) if not row.listed))

    def _show(self, kitchen: Kitchen) -> None:
        known = kitchen.recipes.get(self.argument, Fetched[Recipe]())
        self.show_status(known)
        self.saved = kitchen.has_saved(self.argument)
        if known.thing != self.recipe:
            self._build(known.thing)
        if known.thing is not None:
            self._scale(known.thing, kitchen)

    def _build(self, recipe: Recipe | None) -> None:
        self.recipe = recipe
        self.ids.ingredients.clear_widgets()
        self.ids.steps.clear_widgets()
        self._rows = []
        if recipe is None:
            return
        self.facts = recipe_facts(recipe)
        self.allergens = allergens_text(recipe.allergens)
        self.nutrition = nutrition_text(recipe.nutrition)
        for place, ingredient in enumerate(recipe.ingredients):
            row = IngredientRow(name=ingredient.name)
            row.bind(on_wish=lambda _row, place=place: self.add(place))
            self._rows.append(row)
            self.ids.ingredients.add_widget(row)
        for number, step in enumerate(recipe.steps, start=1):
            self.ids.steps.add_widget(StepRow(number=str(number), text=step))

    def _scale(self, recipe: Recipe, kitchen: Kitchen) -> None:
        servings = kitchen.servings_of(recipe)
        self.servings, self.servings_text = servings, servings_text(servings)
        self.fewer, self.more = servings > 1, servings < MOST_SERVINGS
        listed = places_on_list(recipe, kitchen.list_of(OWN_LIST).items)
        for place, row in enumerate(self._rows):
            row.amount = ingredient_amount(recipe.ingredients[place], servings, recipe.servings)
            row.listed = place in listed
        self.all_listed = len(listed) == len(recipe.ingredients)
