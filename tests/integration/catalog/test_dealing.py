"""What deck building asks of the catalogue, and how the catalogue is filled."""

import pytest
from bson import ObjectId

from backend.catalog.service import CatalogService
from backend.infra.cache import Cache
from backend.infra.mongo import MongoDatabase
from backend.infra.valkey import Valkey

DOWNTOWN = (33.7490, -84.3880)


@pytest.fixture
def catalog(services):
    return services.get(CatalogService)


@pytest.fixture
def empty(services):
    """A database without a catalogue, for tests that change one."""
    database = services.get(MongoDatabase)
    scratch = database.client.get_database(f"{database.name}_{ObjectId()}")
    yield scratch
    database.client.drop_database(scratch.name)


@pytest.fixture
def uncached(services, settings):
    """Another catalogue than that of the app: nothing of it belongs into the app's cache."""
    off = settings.model_copy(update={"enable_cache": False})
    return Cache(services.get(Valkey), off)


def test_candidates_come_from_the_menu(catalog):
    recipes, restaurants = catalog.deck_candidates("recipes"), catalog.deck_candidates("restaurants")
    assert {candidate.kind for candidate in recipes} == {"recipe"}
    assert {candidate.kind for candidate in restaurants} == {"restaurant"}
    both = catalog.deck_candidates("both")
    assert {candidate.id for candidate in both} == {candidate.id for candidate in [*recipes, *restaurants]}


def test_an_unknown_menu_is_a_mistake_of_ours(catalog):
    with pytest.raises(ValueError, match="desserts"):
        catalog.deck_candidates("desserts")


def test_candidates_know_what_decks_are_built_by(catalog):
    for candidate in catalog.deck_candidates("recipes"):
        assert candidate.allergens is not None
        assert candidate.prep_minutes > 0
        assert candidate.difficulty in {"easy", "medium", "hard"}
        assert candidate.location is None
    for candidate in catalog.deck_candidates("restaurants"):
        latitude, longitude = candidate.location
        assert 33 < latitude < 35
        assert -85 < longitude < -84
        assert 1 <= candidate.price <= 4


def test_cards_come_in_the_order_asked_for(catalog):
    ids = [candidate.id for candidate in catalog.deck_candidates("both")][::-3]
    assert [card["id"] for card in catalog.cards(ids)] == [str(item_id) for item_id in ids]


def test_cards_that_do_not_exist_are_left_out(catalog):
    [known, *_] = [candidate.id for candidate in catalog.deck_candidates("recipes")]
    assert [card["id"] for card in catalog.cards([ObjectId(), known])] == [str(known)]
    assert catalog.cards([]) == []


def test_cards_tell_distances_where_the_place_is_known(catalog):
    ids = [candidate.id for candidate in catalog.deck_candidates("restaurants")]
    assert all(card["distance_miles"] <= 10 for card in catalog.cards(ids, near=DOWNTOWN))
    assert not any("distance_miles" in card for card in catalog.cards(ids))


def test_seeding_twice_changes_nothing(empty, uncached):
    catalog = CatalogService(empty, uncached)
    catalog.seed()
    before = list(empty.recipes.find()) + list(empty.restaurants.find())
    catalog.seed()
    assert list(empty.recipes.find()) + list(empty.restaurants.find()) == before


def test_seeding_leaves_operators_edits_alone(empty, uncached):
    catalog = CatalogService(empty, uncached)
    catalog.seed()
    empty.recipes.update_one({"slug": "misir-wat"}, {"$set": {"title": "Our Misir Wat"}})
    catalog.seed()
    assert empty.recipes.find_one({"slug": "misir-wat"})["title"] == "Our Misir Wat"


def test_an_older_installation_gets_what_is_new_and_keeps_what_operators_did(empty, uncached):
    catalog = CatalogService(empty, uncached)
    catalog.seed()
    complete = {document["slug"] for document in empty.recipes.find()}
    empty.recipes.delete_many({"slug": {"$in": ["jollof-rice", "mujaddara"]}})
    empty.recipes.update_one({"slug": "misir-wat"}, {"$set": {"title": "Our Misir Wat"}})
    empty.recipes.update_one({"slug": "jerk-chicken"}, {"$set": {"active": False}})
    before = list(empty.recipes.find())
    catalog.seed()
    assert {document["slug"] for document in empty.recipes.find()} == complete
    assert list(empty.recipes.find({"slug": {"$nin": ["jollof-rice", "mujaddara"]}})) == before


def test_a_newer_seed_renews_content_but_neither_id_nor_whether_it_is_shown(empty, uncached):
    catalog = CatalogService(empty, uncached)
    catalog.seed()
    before = empty.recipes.find_one({"slug": "misir-wat"})
    outdated = {"title": "Old", "active": False, "seed_version": before["seed_version"] - 1}
    empty.recipes.update_one({"slug": "misir-wat"}, {"$set": outdated})
    catalog.seed()
    assert empty.recipes.find_one({"slug": "misir-wat"}) == {**before, "active": False}


def test_what_is_not_active_is_not_offered_but_still_opens(empty, uncached):
    catalog = CatalogService(empty, uncached)
    catalog.seed()
    hidden = empty.restaurants.find_one({"slug": "little-fig"})["_id"]
    empty.restaurants.update_one({"_id": hidden}, {"$set": {"active": False}})
    assert hidden not in {candidate.id for candidate in catalog.deck_candidates("both")}
    assert catalog.restaurant(hidden)["name"] == "Little Fig"
    assert [card["title"] for card in catalog.cards([hidden])] == ["Little Fig"]


def test_lists_use_their_indexes(services, catalog):
    assert catalog.deck_candidates("recipes")
    database = services.get(MongoDatabase)
    for name, field in (("recipes", "dietary_tags"), ("restaurants", "dietary_options")):
        plan = database[name].find({"active": True, field: {"$all": ["vegan"]}}).explain()
        assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
