"""A user's own profile and preferences, through the front door."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import svcs
from bson import ObjectId

from backend.errors import NotFound
from backend.users.preferences import PreferenceService
from backend.users.service import UserService
from tests.conftest import Account

Register = Callable[..., Account]

FULL = {
    "dietary": ["vegetarian", "gluten-free"],
    "allergies": ["peanuts", "sesame"],
    "liked_cuisines": ["thai", "italian"],
    "disliked_cuisines": ["french"],
    "max_price": 3,
    "home_location": {"lat": 33.749, "lon": -84.388},
}
EMPTY = {
    "dietary": [],
    "allergies": [],
    "liked_cuisines": [],
    "disliked_cuisines": [],
    "max_price": None,
    "home_location": None,
}


def patch(account: Account, body: dict) -> object:
    return account.http.patch("/api/v1/users/me", headers=account.headers, json=body)


def test_renaming_oneself(register: Register) -> None:
    ada = register("Ada")
    answer = patch(ada, {"display_name": " Countess   Ada "})
    assert answer.status_code == 200
    assert answer.get_json()["display_name"] == "Countess Ada"
    assert ada.get("/users/me").get_json() == answer.get_json()


@pytest.mark.security
@pytest.mark.parametrize("sneaked", [{"tier": "pro"}, {"email": "x@example.com"}, {"$set": {"tier": "pro"}}])
def test_only_the_name_can_be_changed(register: Register, sneaked: dict) -> None:
    ada = register()
    answer = patch(ada, {"display_name": "Ada", **sneaked})
    assert answer.status_code == 422
    assert ada.get("/users/me").get_json() == ada.tokens["user"]


def test_preferences_begin_empty_and_persist(register: Register) -> None:
    ada = register()
    assert ada.get("/users/me/preferences").get_json() == EMPTY
    assert ada.eats(**FULL).get_json() == FULL
    assert ada.get("/users/me/preferences").get_json() == FULL


def test_saving_replaces_everything(register: Register) -> None:
    ada = register()
    ada.eats(**FULL)
    assert ada.put("/users/me/preferences", {"max_price": 1}).get_json() == {**EMPTY, "max_price": 1}


def test_refused_preferences_change_nothing_and_name_the_field(register: Register) -> None:
    ada = register()
    ada.eats(**FULL)
    answer = ada.put(
        "/users/me/preferences", {**FULL, "home_location": {"lat": 100, "lon": 0}, "allergies": ["air"]}
    )
    assert answer.status_code == 422
    assert {error["field"] for error in answer.get_json()["errors"]} == {"allergies", "home_location.lat"}
    assert ada.get("/users/me/preferences").get_json() == FULL


def test_one_user_does_not_see_another(register: Register) -> None:
    ada, bo = register("Ada"), register("Bo")
    ada.eats(**FULL)
    assert bo.get("/users/me/preferences").get_json() == EMPTY
    assert bo.get("/users/me").get_json()["display_name"] == "Bo"


def test_many_users_are_read_at_once(register: Register, services: svcs.Container) -> None:
    ada, bo = register("Ada"), register("Bo")
    ids = [ObjectId(ada.id), ObjectId(bo.id), ObjectId()]
    assert {profile.display_name for profile in services.get(UserService).by_ids(ids).values()} == {
        "Ada",
        "Bo",
    }


def test_a_user_that_does_not_exist(services: svcs.Container) -> None:
    users, preferences = services.get(UserService, PreferenceService)
    for use in (users.by_id, preferences.of, lambda nobody: users.rename(nobody, "Ada")):
        with pytest.raises(NotFound):
            use(ObjectId())
