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


def miles_from_downtown(restaurant):
    return miles_between(DOWNTOWN, from_geojson(restaurant.location))


def by_slug(items):
    return pytest.mark.parametrize("item", items, ids=lambda item: item.slug)


def test_slugs_and_titles_are_unique():
    assert len({item.slug for item in EVERYTHING}) == len(EVERYTHING)
    assert len({recipe.title for recipe in RECIPES}) == len(RECIPES)
    assert len({restaurant.name for restaurant in RESTAURANTS}) == len(RESTAURANTS)
    assert len({restaurant.phone for restaurant in RESTAURANTS}) == len(RESTAURANTS)
    assert len({restaurant.address for restaurant in RESTAURANTS}) == len(RESTAURANTS)


def test_there_is_enough_to_choose_from():
    assert len(RESTAURANTS) >= 30
    assert len({key for restaurant in RESTAURANTS for key in restaurant.cuisine_keys}) >= 20
    assert {restaurant.price for restaurant in RESTAURANTS} == {1, 2, 3, 4}


def test_some_restaurants_are_sponsored_and_most_are_not():
    assert 1 <= sum(restaurant.sponsored for restaurant in RESTAURANTS) <= len(RESTAURANTS) // 5


@pytest.mark.parametrize("tag", DIETARY_TAGS)
def test_every_dietary_tag_leaves_a_deck_of_restaurants_near_by(tag):
    near = [restaurant for restaurant in RESTAURANTS if miles_from_downtown(restaurant) <= 2]
    assert sum(tag in restaurant.dietary_options for restaurant in near) >= MIN_DECK


@pytest.mark.parametrize("allergen", ALLERGENS)
def test_every_allergy_leaves_a_deck_of_restaurants(allergen):
    known = [restaurant for restaurant in RESTAURANTS if restaurant.allergens is not None]
    assert sum(allergen not in restaurant.allergens for restaurant in known) >= MIN_DECK


def test_some_restaurants_do_not_know_their_allergens():
    assert 0 < sum(restaurant.allergens is None for restaurant in RESTAURANTS) < len(RESTAURANTS)


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


def test_no_two_items_look_the_same():
    assert len({item.picture_version for item in EVERYTHING}) == len(EVERYTHING)


@by_slug(EVERYTHING)
def test_cuisines_have_keys(item):
    assert item.cuisine_keys == [cuisine_key(name) for name in item.cuisines]


def test_distances_serve_every_energy():
    miles = sorted(map(miles_from_downtown, RESTAURANTS))
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


@by_slug([restaurant for restaurant in RESTAURANTS if "kosher" in restaurant.dietary_options])
def test_a_kosher_kitchen_works_without_shellfish(item):
    assert contradictions({"kosher"}, item.allergens or ()) == []


def test_a_vegan_kitchen_works_without_animal_allergens():
    [vegan_only] = [restaurant for restaurant in RESTAURANTS if restaurant.slug == "sprout-parade"]
    assert contradictions({"vegan"}, vegan_only.allergens) == []


def test_renewing_an_item_touches_neither_id_nor_whether_it_is_shown():
    renew, add = upserts(RECIPES[0])
    assert not renew._doc["$set"].keys() & {"_id", "slug", "active"}
    assert renew._filter["seed_version"] == {"$lt": RECIPES[0].seed_version}
    assert add._upsert
    assert "_id" not in add._doc["$setOnInsert"]
