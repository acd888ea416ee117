"""A whole recipe: servings, ingredients onto the list, favourites, and its other states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from client.net.kitchen_values import Ingredient, Recipe
from client.screens.recipe import IngredientRow
from client.screens.recipe_words import allergens_text, ingredient_amount, list_as_text, nutrition_text
from client.store.kitchen import actions as kitchen_actions
from client.store.kitchen.state import ItemsAdded
from client.store.listing import Fetched
from client.store.state import AppState
from tests.client.ui import kitchen_scenes as kitchen
from tests.client.ui.kitchen_scenes import RECIPE
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]


def at_recipe(play: Play, state: AppState, recipe_id: str = RECIPE.id, **how: Any) -> Stage:
    stage = play(state, **how)
    stage.app.root.navigator.open_on_top("recipe", recipe_id)
    stage.driver.wait(0.6)
    return stage


def ingredients(stage: Stage) -> list[IngredientRow]:
    return list(reversed(stage.screen.ids.ingredients.children))


def test_it_is_read_when_it_opens_and_so_is_the_list(play: Play) -> None:
    stage = at_recipe(play, kitchen.in_kitchen())
    assert stage.kitchen.calls == [("show_recipe", RECIPE.id), ("load_list", "")]
    assert stage.screen.state == "waiting"
    stage.dispatch(kitchen_actions.RecipeLoaded(RECIPE))
    assert stage.screen.state == "shown"
    assert stage.screen.ids.title.text == RECIPE.title
    assert len(stage.screen.ids.steps.children) == len(RECIPE.steps)
    assert stage.screen.ids.allergens.text == "Contains celery and mustard."
    assert stage.screen.ids.source.text == "Source: The DinDin kitchen"


def test_amounts_follow_the_servings(play: Play) -> None:
    stage = at_recipe(play, kitchen.with_recipe())
    assert [row.amount for row in ingredients(stage)][:4] == ["12", "480 g", "½", "1½ tbsp"]
    stage.press_below(stage.screen.ids.more)
    assert stage.kitchen.wishes == [("set_servings", RECIPE.id, 5)]
    stage.dispatch(kitchen_actions.ServingsChosen(RECIPE.id, 6))
    assert [row.amount for row in ingredients(stage)][:4] == ["18", "720 g", "¾", "2¼ tbsp"]
    assert stage.screen.ids.count.text == "6 servings"


@pytest.mark.parametrize(("servings", "off"), [(1, "fewer"), (100, "more")])
def test_there_is_a_least_and_a_most(play: Play, servings: int, off: str) -> None:
    stage = at_recipe(play, kitchen.with_recipe(servings={RECIPE.id: servings}))
    stage.press_below(stage.screen.ids[off])
    assert stage.kitchen.wishes == []


def test_a_plus_puts_one_ingredient_on_the_list(play: Play) -> None:
    stage = at_recipe(play, kitchen.with_recipe())
    first, second = ingredients(stage)[:2]
    assert (first.listed, second.listed) == (True, False)
    stage.press_below(first.ids.wish)
    assert stage.kitchen.wishes == []
    stage.press_below(second.ids.wish)
    assert stage.kitchen.wishes == [("add_ingredients", RECIPE, (1,))]


def test_all_puts_on_the_list_what_is_not_there(play: Play) -> None:
    stage = at_recipe(play, kitchen.with_recipe())
    stage.press_below(stage.screen.ids.all)
    assert stage.kitchen.wishes == [("add_ingredients", RECIPE, (1, 2, 3, 4, 5))]


def test_what_was_put_there_is_ticked_at_once_and_comes_back_off_when_refused(play: Play) -> None:
    stage = at_recipe(play, kitchen.with_recipe())
    lines = tuple(
        replace(kitchen.ITEMS[0], id=f"new-{place}", name=one.name)
        for place, one in enumerate(RECIPE.ingredients)
    )
    stage.dispatch(kitchen_actions.ListChanged("", ItemsAdded(7, lines)))
    assert stage.screen.all_listed
    assert stage.screen.ids.all.disabled
    stage.dispatch(kitchen_actions.ListRefused("", 7))
    assert [row.listed for row in ingredients(stage)] == [True, False, False, False, False, False]


def test_the_heart_saves(play: Play) -> None:
    stage = at_recipe(play, kitchen.with_recipe())
    stage.driver.press(stage.screen.ids.heart)
    assert stage.kitchen.wishes == [("set_saved", "recipe", RECIPE.id, True)]


def test_what_did_not_come_can_be_tried_again(play: Play) -> None:
    failed = Fetched[Recipe](None, "failed", "There is no such recipe any more.")
    stage = at_recipe(play, kitchen.in_kitchen(recipes={RECIPE.id: failed}))
    assert stage.screen.state == "failed"
    stage.driver.press(stage.screen.ids.failure.ids.retry)
    assert stage.kitchen.calls.count(("show_recipe", RECIPE.id)) == 2


def test_offline_what_was_here_last_is_shown_as_such(play: Play) -> None:
    known = {RECIPE.id: Fetched(RECIPE, "failed", "Offline.")}
    stage = at_recipe(play, kitchen.with_recipe(recipes=known))
    assert (stage.screen.state, stage.screen.ids.offline.shown) == ("shown", True)


def test_another_recipe_takes_its_place(play: Play) -> None:
    other = replace(
        RECIPE, id="c" * 24, title="Leek Pie", ingredients=(Ingredient("leek", 2),), steps=("Bake.",)
    )
    stage = at_recipe(play, kitchen.with_recipe())
    stage.dispatch(kitchen_actions.RecipeLoaded(other))
    stage.app.root.navigator.open_on_top("recipe", other.id)
    stage.driver.wait(0.6)
    assert stage.screen.ids.title.text == "Leek Pie"
    assert [row.name for row in ingredients(stage)] == ["leek"]
    stage.driver.press(stage.screen.ids.bar.ids.arrow)
    stage.driver.wait(0.6)
    assert stage.screen.ids.title.text == RECIPE.title


def test_words() -> None:
    assert ingredient_amount(Ingredient("milk", 250, "ml"), 8, 2) == "1 l"
    assert allergens_text(()) == "Contains none of the 14 main allergens."
    assert nutrition_text(None) == ""
    assert nutrition_text(RECIPE.nutrition) == "412 kcal · 15 g protein · 61 g carbs · 9 g fat"
    assert list_as_text("Shopping list", kitchen.ITEMS[1:]) == (
        "Shopping list\n- 1.5 l oat milk\n✓ 0.5 kg lemons\n- bread"
    )
