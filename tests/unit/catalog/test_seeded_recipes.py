"""Every recipe that ships with the project can be cooked, and is safe for whom it says it is."""

import re

import pytest

from backend.catalog.diet import ALLERGENS, DIETARY_TAGS, contradictions, implied
from backend.catalog.seeding import seed_recipes
from tests.unit.catalog.ingredient_words import allergens_named, diets_broken, is_meat

RECIPES = seed_recipes()
MIN_DECK = 5
UNITS = {"", "g", "kg", "ml", "l", "tsp", "tbsp", "clove", "pinch", "slice", "bunch", "sprig", "leaf"}

# Parts of an ingredient's name that many others share: to find one of them in a step says nothing.
SAYING_LITTLE = set(
    re.findall(
        r"\w+",
        """red green white black brown fresh dried dry ground ripe small large whole raw hot sweet mild firm
        cooked canned minced smoked toasted flaked sauce seed powder spice oil paste leaf leaves""",
    )
)

# Tags that follow from the ingredients alone: they are given wherever they hold, and nowhere else.
DETERMINED = {"vegetarian", "vegan", "pescatarian", "gluten-free", "dairy-free"}

each_recipe = pytest.mark.parametrize("item", RECIPES, ids=lambda item: item.slug)


def names(recipe):
    return [ingredient.name.lower() for ingredient in recipe.ingredients]


def brought_allergens(recipe):
    return set().union(*(allergens_named(name) for name in names(recipe)))


def tags_that_cannot_hold(recipe):
    """What the ingredients and their allergens rule out, and meat together with milk."""
    allergens = brought_allergens(recipe)
    ruled_out = set().union(*(diets_broken(name) for name in names(recipe)))
    ruled_out |= {tag for tag in (*DETERMINED, "kosher", "paleo") if contradictions([tag], allergens)}
    if "milk" in allergens and any(is_meat(name) for name in names(recipe)):
        ruled_out.add("kosher")
    return ruled_out


def test_there_is_enough_to_choose_from():
    assert len(RECIPES) >= 60
    assert len({key for recipe in RECIPES for key in recipe.cuisine_keys}) >= 20
    assert {recipe.difficulty for recipe in RECIPES} == {"easy", "medium", "hard"}


@pytest.mark.parametrize("tag", DIETARY_TAGS)
def test_tired_tables_have_enough_to_choose_from(tag):
    quick = [recipe for recipe in RECIPES if recipe.prep_minutes < 30]
    assert len(quick) >= len(RECIPES) // 2
    assert sum(tag in recipe.dietary_tags for recipe in quick) >= MIN_DECK


@pytest.mark.parametrize("allergen", ALLERGENS)
def test_every_allergy_leaves_a_deck(allergen):
    assert sum(allergen not in recipe.allergens for recipe in RECIPES) >= MIN_DECK


@each_recipe
def test_allergens_are_exactly_what_the_ingredients_bring(item):
    assert set(item.allergens) == brought_allergens(item)


@each_recipe
def test_no_tag_is_given_that_the_ingredients_rule_out(item):
    assert not tags_that_cannot_hold(item) & set(item.dietary_tags)
    assert implied(item.dietary_tags) == set(item.dietary_tags)


@each_recipe
def test_no_tag_is_withheld_that_the_ingredients_allow(item):
    assert DETERMINED - tags_that_cannot_hold(item) <= set(item.dietary_tags)


@each_recipe
def test_tags_that_promise_numbers_keep_them(item):
    assert ("high-protein" in item.dietary_tags) == (item.nutrition.protein_g >= 30)
    if "keto" in item.dietary_tags:
        assert item.nutrition.carbs_g <= 10


@each_recipe
def test_nutrition_adds_up(item):
    n = item.nutrition
    energy = 4 * n.protein_g + 4 * n.carbs_g + 9 * n.fat_g + 2 * n.fibre_g
    assert n.kcal == pytest.approx(energy, rel=0.02)
    assert 200 <= n.kcal <= 1000
    assert n.sugar_g <= n.carbs_g
    assert 0 < n.salt_g < 5


@each_recipe
def test_times_are_believable(item):
    assert item.prep_minutes > 0
    assert 5 <= item.total_minutes <= 240
    if item.difficulty == "easy":
        assert item.total_minutes <= 60


@each_recipe
def test_the_steps_use_every_ingredient(item):
    steps = " ".join(item.steps).lower()
    for name in names(item):
        words = set(re.findall(r"[a-zé]{3,}", name.split("(")[0])) - SAYING_LITTLE
        assert any(re.search(rf"\b{word.rstrip('s')}", steps) for word in words), (
            f"{name} is bought and never used"
        )


@each_recipe
def test_nothing_is_bought_twice(item):
    assert len(set(names(item))) == len(item.ingredients)


@each_recipe
def test_a_recipe_can_be_cooked_from_its_text(item):
    assert 5 <= len(item.steps) <= 9
    assert all(step.endswith(".") and len(step) > 30 for step in item.steps)
    assert all(ingredient.amount > 0 for ingredient in item.ingredients)
    assert {ingredient.unit for ingredient in item.ingredients} <= UNITS
    assert 1 <= item.servings <= 8
    assert len(item.description) > 60
    assert item.tags


@pytest.mark.parametrize(
    ("name", "allergens"),
    [
        ("eggplants", set()),
        ("peanut butter, smooth", {"peanuts"}),
        ("coconut milk", set()),
        ("sweet soy sauce", {"soybeans", "gluten"}),
        ("Italian hard cheese (made with vegetarian rennet)", {"milk"}),
        ("butter", {"milk"}),
    ],
)
def test_words_inside_other_words_are_told_apart(name, allergens):
    assert allergens_named(name) == allergens


@pytest.mark.parametrize(
    ("name", "diets"),
    [
        ("minced pork", {"vegetarian", "vegan", "pescatarian", "halal", "kosher"}),
        ("mussels", {"vegetarian", "vegan", "kosher"}),
        ("dry white wine", {"halal"}),
        ("basmati rice", {"paleo"}),
        ("ripe avocado", set()),
    ],
)
def test_ingredients_rule_out_diets(name, diets):
    assert diets_broken(name) == diets


def test_an_ingredient_that_nobody_thought_about_is_not_taken_for_harmless():
    with pytest.raises(LookupError, match="dragon fruit"):
        allergens_named("dragon fruit")
