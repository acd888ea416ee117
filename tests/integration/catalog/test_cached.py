"""The catalogue in the cache: what has changed is shown at once, and what appears is found."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import svcs
from bson import ObjectId

from backend.catalog.service import CatalogService
from backend.infra.mongo import MongoDatabase
from tests.conftest import Account


@pytest.fixture
def ada(register: Callable[..., Account]) -> Account:
    return register()


@pytest.fixture
def special(services: svcs.Container) -> Iterator[dict[str, Any]]:
    """A recipe that is not there yet, and that no other test meets: it is never active. It goes afterwards."""
    recipes, catalog = services.get(MongoDatabase)["recipes"], services.get(CatalogService)
    recipe = {**recipes.find_one({}), "_id": ObjectId(), "slug": f"special-{ObjectId()}", "active": False}
    yield recipe
    recipes.delete_one({"_id": recipe["_id"]})
    catalog.changed()


def test_what_appears_is_found_and_what_changes_is_shown(
    ada: Account, services: svcs.Container, special: dict[str, Any]
) -> None:
    recipes, catalog = services.get(MongoDatabase)["recipes"], services.get(CatalogService)
    path, cards = f"/recipes/{special['_id']}", [special["_id"]]
    for _ in range(2):
        assert ada.get(path).status_code == 404
        assert catalog.cards(cards) == []
    recipes.insert_one(special)
    catalog.changed()
    for title in ("One", "Two"):
        recipes.update_one({"_id": special["_id"]}, {"$set": {"title": title}})
        catalog.changed()
        for _ in range(2):
            assert ada.get(path).get_json()["title"] == title
            assert [card["title"] for card in catalog.cards(cards)] == [title]
    recipes.delete_one({"_id": special["_id"]})
    catalog.changed()
    assert ada.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/recipes?limit=7",
        "/recipes?limit=7&page=2&sort=quickest&dietary=vegan",
        "/recipes?q=rice",
        "/restaurants?limit=5&price=2",
        "/restaurants?near=33.749,-84.388&within_miles=5",
    ],
)
def test_lists_say_the_same_each_time(ada: Account, services: svcs.Container, path: str) -> None:
    services.get(CatalogService).changed()
    first, second = (ada.get(path).get_json() for _ in range(2))
    assert first == second
    assert first["items"]


def test_lists_show_what_became_of_a_card(
    ada: Account, services: svcs.Container, special: dict[str, Any]
) -> None:
    """Lists keep ids alone: the cards in them are those of everywhere else."""
    recipes, catalog = services.get(MongoDatabase)["recipes"], services.get(CatalogService)
    first = ada.get("/recipes?limit=1&sort=newest").get_json()["items"][0]
    assert first["id"] != str(special["_id"])
    recipes.insert_one({**special, "active": True})
    catalog.changed()
    assert ada.get("/recipes?limit=1&sort=newest").get_json()["items"][0]["id"] == str(special["_id"])
    recipes.update_one({"_id": special["_id"]}, {"$set": {"active": False}})
    catalog.changed()
    assert ada.get("/recipes?limit=1&sort=newest").get_json()["items"][0] == first
