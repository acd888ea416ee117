"""The catalogue that ships with the project is right: nobody may be harmed by a slip in a data file."""

import re
from collections import Counter
from datetime import time

import blurhash
import pytest
from PIL import Image

from backend.catalog.cuisines import cuisine_key
from backend.catalog.diet import ALLERGENS, DIETARY_TAGS, contradictions, implied
from backend.catalog.geo import from_geojson, miles_between
from backend.catalog.picture_files import PICTURE_FOLDER
from backend.catalog.seeding import seed_recipes, seed_restaurants, upserts

DOWNTOWN = (33.7490, -84.3880)
WEEK = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MIN_DECK = 5

RECIPES = seed_recipes()
RESTAURANTS = seed_restaurants()
EVERYTHING = [*RECIPES, *RESTAURANTS]

# Words in an ingredient's name, and the allergen they bring. Longer phrases are looked at first and then taken out,
# so that `coconut milk` is no milk and `soy sauce` is wheat as well.
ALLERGENS_OF_WORDS = {
    "coconut milk": (),
    "peanut butter": ("peanuts",),
    "butterhead": (),
    "button mushroom": (),
    "oyster sauce": ("molluscs", "gluten", "soybeans"),
    "fish sauce": ("fish",),
    "fish stock": ("fish", "celery"),
    "beef stock": ("celery",),
    "soy sauce": ("soybeans", "gluten"),
    "nutmeg": (),
    "rice noodles": (),
    "chickpea flour": (),
    "cornflour": (),
    "ketchup": ("celery",),
    "sesame burger buns": ("gluten", "sesame"),
    "mayonnaise": ("eggs", "mustard"),
    "gherkin": ("mustard", "sulphites"),
    "red wine": ("sulphites",),
    "dried apricot": ("sulphites",),
    "tamari": ("soybeans",),
    "miso": ("soybeans", "gluten"),
    "tofu": ("soybeans",),
    "tahini": ("sesame",),
    "sesame": ("sesame",),
    "noodles": ("gluten",),
    "spaghetti": ("gluten",),
    "matzo": ("gluten",),
    "flour": ("gluten",),
    "egg": ("eggs",),
    "salmon": ("fish",),
    "shrimp": ("crustaceans", "sulphites"),
    "squid": ("molluscs",),
    "mussel": ("molluscs",),
    "milk": ("milk",),
    "butter": ("milk",),
    "ghee": ("milk",),
    "cream": ("milk",),
    "yogurt": ("milk",),
    "cheddar": ("milk",),
    "mozzarella": ("milk",),
    "paneer": ("milk",),
    "almond": ("nuts",),
    "walnut": ("nuts",),
    "mustard": ("mustard",),
    "celery": ("celery",),
}
MEAT = ("chicken", "beef", "lamb", "steak")
SEAFOOD = ("salmon", "shrimp", "squid", "mussel", "fish", "oyster")
NOT_KOSHER = ("shrimp", "squid", "mussel", "oyster")


def allergens_named(name):
    """Allergens that an ingredient's name gives away."""
    rest = re.sub(r"\((?:without|gluten-free)[^)]*\)", "", name.lower())
    found = set()
    for phrase in sorted(ALLERGENS_OF_WORDS, key=len, reverse=True):
        if phrase in rest:
            found.update(ALLERGENS_OF_WORDS[phrase])
            rest = rest.replace(phrase, " ")
    return found


def names(recipe):
    return [ingredient.name.lower() for ingredient in recipe.ingredients]


def contains(recipe, words):
    return any(word in name for name in names(recipe) for word in words)


def by_slug(items):
    return pytest.mark.parametrize("item", items, ids=lambda item: item.slug)


def test_slugs_and_titles_are_unique():
    assert len({item.slug for item in EVERYTHING}) == len(EVERYTHING)
    assert len({recipe.title for recipe in RECIPES}) == len(RECIPES)
    assert len({restaurant.name for restaurant in RESTAURANTS}) == len(RESTAURANTS)


def test_there_is_enough_to_choose_from():
    assert len(RECIPES) >= 24
    assert len(RESTAURANTS) >= 12
    assert len({key for recipe in RECIPES for key in recipe.cuisine_keys}) >= 10
    assert {recipe.difficulty for recipe in RECIPES} == {"easy", "medium", "hard"}
    assert {restaurant.price for restaurant in RESTAURANTS} == {1, 2, 3, 4}
    assert sum(recipe.prep_minutes < 30 for recipe in RECIPES) >= len(RECIPES) // 2
    assert 1 <= sum(restaurant.sponsored for restaurant in RESTAURANTS) <= 2


@pytest.mark.parametrize("tag", DIETARY_TAGS)
def test_every_dietary_tag_leaves_a_deck_on_either_menu(tag):
    assert sum(tag in recipe.dietary_tags for recipe in RECIPES) >= MIN_DECK
    assert sum(tag in restaurant.dietary_options for restaurant in RESTAURANTS) >= MIN_DECK


@pytest.mark.parametrize("allergen", ALLERGENS)
def test_every_allergy_leaves_a_deck_of_recipes(allergen):
    assert sum(allergen not in recipe.allergens for recipe in RECIPES) >= MIN_DECK


def test_some_restaurants_do_not_know_their_allergens():
    assert 0 < sum(restaurant.allergens is None for restaurant in RESTAURANTS) < len(RESTAURANTS)


@by_slug(RECIPES)
def test_tags_and_allergens_of_a_recipe_fit_together(item):
    assert contradictions(item.dietary_tags, item.allergens) == []
    assert implied(item.dietary_tags) == set(item.dietary_tags)


@by_slug(RECIPES)
def test_allergens_are_exactly_what_the_ingredients_bring(item):
    brought = set().union(*(allergens_named(name) for name in names(item)))
    assert set(item.allergens) == brought


@by_slug(RECIPES)
def test_dietary_tags_hold_for_the_ingredients(item):
    meat, seafood = contains(item, MEAT), contains(item, SEAFOOD)
    if "pescatarian" in item.dietary_tags:
        assert not meat
    if "vegetarian" in item.dietary_tags:
        assert not seafood
    if "vegan" in item.dietary_tags:
        assert not contains(item, ("honey",))
    if "halal" in item.dietary_tags:
        assert not contains(item, ("wine", "pork", "bacon", "ham ", "mirin", "beer"))
    if "kosher" in item.dietary_tags:
        assert not contains(item, (*NOT_KOSHER, "pork", "bacon"))
        assert not (meat and "milk" in item.allergens)
    if "paleo" in item.dietary_tags:
        assert not contains(item, ("rice", "bean", "lentil", "chickpea", "sugar", "corn", "peas"))


@by_slug(RECIPES)
def test_tags_that_promise_numbers_keep_them(item):
    assert ("high-protein" in item.dietary_tags) == (item.nutrition.protein_g >= 30)
    if "keto" in item.dietary_tags:
        assert item.nutrition.carbs_g <= 10


@by_slug(RECIPES)
def test_nutrition_adds_up(item):
    n = item.nutrition
    energy = 4 * n.protein_g + 4 * n.carbs_g + 9 * n.fat_g + 2 * n.fibre_g
    assert n.kcal == pytest.approx(energy, rel=0.02)
    assert 200 <= n.kcal <= 1000
    assert n.sugar_g <= n.carbs_g
    assert 0 < n.salt_g < 5


@by_slug(RECIPES)
def test_times_add_up(item):
    assert item.total_minutes == item.prep_minutes + item.cook_minutes
    assert item.prep_minutes > 0


@by_slug(RECIPES)
def test_the_steps_use_every_ingredient(item):
    steps = " ".join(item.steps).lower()
    for name in names(item):
        words = [word.rstrip("s") for word in re.findall(r"[a-zé]{4,}", name.split("(")[0])]
        assert any(word in steps for word in words), f"{name} is bought and never used"


@by_slug(RECIPES)
def test_a_recipe_can_be_cooked_from_its_text(item):
    assert 5 <= len(item.steps) <= 9
    assert all(step.endswith(".") and len(step) > 30 for step in item.steps)
    assert all(ingredient.amount > 0 for ingredient in item.ingredients)
    assert 1 <= item.servings <= 8
    assert len(item.description) > 60


@by_slug(EVERYTHING)
def test_every_item_has_its_picture_and_placeholder(item):
    with Image.open(PICTURE_FOLDER / f"{item.picture}.webp") as picture:
        assert (picture.format, picture.size) == ("WEBP", (512, 512))
    assert blurhash.is_valid_blurhash(item.blurhash)
    assert re.fullmatch(r"[0-9a-f]{8}", item.picture_version)


def test_the_art_keeps_its_licence_and_no_picture_is_left_over():
    files = Counter(path.suffix for path in PICTURE_FOLDER.iterdir())
    assert files == {".webp": len(EVERYTHING), ".txt": 1}
    assert "Microsoft" in (PICTURE_FOLDER / "LICENSE.fluent-emoji.txt").read_text(encoding="utf-8")


@by_slug(EVERYTHING)
def test_cuisines_have_keys(item):
    assert item.cuisine_keys == [cuisine_key(name) for name in item.cuisines]


def test_distances_serve_every_energy():
    miles = sorted(miles_between(DOWNTOWN, from_geojson(restaurant.location)) for restaurant in RESTAURANTS)
    assert miles[0] >= 0.3
    assert miles[-1] <= 10
    assert sum(distance <= 2 for distance in miles) >= MIN_DECK
    assert sum(distance <= 5 for distance in miles) > sum(distance <= 2 for distance in miles)


@by_slug(RESTAURANTS)
def test_a_restaurant_is_made_up_and_complete(item):
    assert re.fullmatch(r"\+1 \d{3}-555-01\d\d", item.phone)
    assert item.reservation_url is None or re.match(r"https://[a-z-]+\.example/", item.reservation_url)
    assert item.address.endswith(tuple(f"GA {zip_code}" for zip_code in range(30000, 30400)))
    assert implied(item.dietary_options) == set(item.dietary_options)
    assert item.review_count > 0
    assert 0 < item.rating <= 5


@by_slug(RESTAURANTS)
def test_opening_hours_are_a_week_in_order(item):
    assert list(item.hours) == WEEK
    assert sum(bool(stretches) for stretches in item.hours.values()) >= 5
    for stretches in item.hours.values():
        moments = [time.fromisoformat(at) for stretch in stretches for at in (stretch.opens, stretch.closes)]
        assert moments == sorted(moments)


def test_a_vegan_kitchen_works_without_animal_allergens():
    [vegan_only] = [restaurant for restaurant in RESTAURANTS if restaurant.slug == "sprout-parade"]
    assert contradictions({"vegan"}, vegan_only.allergens) == []


def test_renewing_an_item_touches_neither_id_nor_whether_it_is_shown():
    renew, add = upserts(RECIPES[0])
    assert not renew._doc["$set"].keys() & {"_id", "slug", "active"}
    assert renew._filter["seed_version"] == {"$lt": RECIPES[0].seed_version}
    assert add._upsert
    assert "_id" not in add._doc["$setOnInsert"]
