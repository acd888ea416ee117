"""Saving and liking over HTTP: one's own, once each, whoever does it at the same moment (docs/product.md C5)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import svcs
from bson import ObjectId
from flask_openapi3 import OpenAPI

from backend.catalog.service import CatalogService
from backend.compliance.register.kitchen import KITCHEN
from backend.favourites import service as favourites
from backend.infra.mongo import MongoDatabase
from tests.conftest import Account
from tests.decided import decide

Register = Callable[..., Account]
KINDS = ("recipes", "restaurants")


def send(account: Account, method: str, path: str, **headers: str) -> Any:
    return account.http.open(
        f"/api/v1{path}", method=method, headers={**account.headers, **headers}, json=None
    )


def some(account: Account, kind: str, count: int = 1) -> list[dict[str, Any]]:
    """The first cards of the catalogue."""
    return account.get(f"/{kind}?limit={count}").get_json()["items"]


@pytest.fixture
def ada(register: Register) -> Account:
    return register("Ada")


@pytest.mark.parametrize("kind", KINDS)
class TestSaving:
    """Recipes and restaurants alike."""

    def test_newest_first_as_the_catalogue_shows_them(self, ada: Account, kind: str) -> None:
        cards = some(ada, kind, 3)
        for card in cards:
            assert send(ada, "PUT", f"/users/me/saved-{kind}/{card['id']}").status_code == 204
        page = ada.get(f"/users/me/saved-{kind}").get_json()
        assert page["items"] == cards[::-1]
        assert page["total"] == 3
        answer = ada.get(f"/users/me/saved-{kind}?limit=2")
        assert answer.get_json()["items"] == cards[:0:-1]
        assert answer.get_json()["has_more"]
        assert any('rel="next"' in link for link in answer.headers.getlist("Link"))
        assert ada.get(f"/users/me/saved-{kind}?limit=2&page=2").get_json()["items"] == cards[:1]

    def test_saving_and_removing_are_harmless_to_repeat(self, ada: Account, kind: str) -> None:
        (card,) = some(ada, kind)
        path = f"/users/me/saved-{kind}/{card['id']}"
        for method, total in (("PUT", 1), ("PUT", 1), ("DELETE", 0), ("DELETE", 0)):
            assert send(ada, method, path).status_code == 204
            assert ada.get(f"/users/me/saved-{kind}").get_json()["total"] == total
            assert ada.get(f"/{kind}/{card['id']}").get_json()["saved"] is bool(total)

    def test_what_there_is_not_cannot_be_saved(self, ada: Account, kind: str) -> None:
        (other,) = some(ada, KINDS[1 - KINDS.index(kind)])
        for missing in ("0" * 24, other["id"]):
            refused = send(ada, "PUT", f"/users/me/saved-{kind}/{missing}")
            assert (refused.status_code, refused.get_json()["code"]) == (404, f"{kind[:-1]}_not_found")
        assert send(ada, "PUT", f"/users/me/saved-{kind}/none").status_code == 422
        assert ada.get(f"/users/me/saved-{kind}").get_json()["total"] == 0

    def test_nobody_sees_what_others_have_saved(self, ada: Account, register: Register, kind: str) -> None:
        bo, (card,) = register("Bo"), some(ada, kind)
        send(ada, "PUT", f"/users/me/saved-{kind}/{card['id']}")
        assert bo.get(f"/users/me/saved-{kind}").get_json()["items"] == []
        assert bo.get("/users/me/saved-ids").get_json()[kind] == []
        assert not bo.get(f"/{kind}/{card['id']}").get_json()["saved"]
        send(bo, "DELETE", f"/users/me/saved-{kind}/{card['id']}")
        assert ada.get("/users/me/saved-ids").get_json()[kind] == [card["id"]]

    def test_many_at_once_save_it_once(self, ada: Account, kind: str, app: OpenAPI) -> None:
        (card,) = some(ada, kind)
        with ThreadPoolExecutor(8) as pool:
            answers = pool.map(
                lambda _: (
                    app.test_client()
                    .put(f"/api/v1/users/me/saved-{kind}/{card['id']}", headers=ada.headers)
                    .status_code
                ),
                range(8),
            )
            assert set(answers) == {204}
        assert ada.get(f"/users/me/saved-{kind}").get_json()["total"] == 1

    def test_there_is_an_end_to_it(self, ada: Account, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(favourites, "MOST_SAVED", 2)
        first, second, third = (f"/users/me/saved-{kind}/{card['id']}" for card in some(ada, kind, 3))
        assert [send(ada, "PUT", path).status_code for path in (first, second)] == [204, 204]
        refused = send(ada, "PUT", third)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "too_many_saved")
        assert send(ada, "PUT", first).status_code == 204  # it is there already
        send(ada, "DELETE", first)
        assert send(ada, "PUT", third).status_code == 204


def test_distances_of_saved_restaurants(ada: Account) -> None:
    (card,) = some(ada, "restaurants")
    send(ada, "PUT", f"/users/me/saved-restaurants/{card['id']}")
    (near,) = ada.get("/users/me/saved-restaurants?near=33.749,-84.388").get_json()["items"]
    assert near["distance_miles"] >= 0
    refused = ada.get("/users/me/saved-restaurants?near=here")
    assert [error["field"] for error in refused.get_json()["errors"]] == ["near"]


def test_ids_to_mark_cards_with(ada: Account) -> None:
    (recipe,), (restaurant,) = some(ada, "recipes"), some(ada, "restaurants")
    before = ada.get("/users/me/saved-ids")
    assert before.get_json() == {"recipes": [], "restaurants": [], "liked": []}
    send(ada, "PUT", f"/users/me/saved-recipes/{recipe['id']}")
    send(ada, "PUT", f"/users/me/saved-restaurants/{restaurant['id']}")
    ada.post(f"/recipes/{recipe['id']}/like")
    after = ada.get("/users/me/saved-ids")
    assert after.get_json() == {
        "recipes": [recipe["id"]],
        "restaurants": [restaurant["id"]],
        "liked": [recipe["id"]],
    }
    assert before.headers["ETag"] != after.headers["ETag"]


class TestLikes:
    """One per person."""

    def test_everybody_sees_how_many_and_only_oneself_that_it_is_one(
        self, ada: Account, register: Register
    ) -> None:
        bo, card = register("Bo"), some(ada, "recipes", 5)[4]
        path = f"/recipes/{card['id']}"
        before = ada.get(path).get_json()["likes"]
        assert ada.post(f"{path}/like").get_json() == {"likes": before + 1, "liked": True, "saved": False}
        assert ada.post(f"{path}/like").get_json()["likes"] == before + 1
        shown = bo.get(path).get_json()
        assert (shown["likes"], shown["liked"]) == (before + 1, False)
        assert bo.post(f"{path}/like").get_json()["likes"] == before + 2
        assert send(ada, "DELETE", f"{path}/like").get_json()["likes"] == before + 1
        assert send(ada, "DELETE", f"{path}/like").get_json()["likes"] == before + 1
        assert send(bo, "DELETE", f"{path}/like").get_json()["likes"] == before

    def test_counted_right_whoever_likes_at_the_same_moment(self, register: Register, app: OpenAPI) -> None:
        people = [register(f"P{number}") for number in range(4)]
        card = some(people[0], "recipes", 6)[5]
        path = f"/api/v1/recipes/{card['id']}"

        def like_and_regret(person: Account) -> None:
            own = app.test_client()
            for method in ("POST", "DELETE", "POST", "POST"):
                answer = own.open(f"{path}/like", method=method, headers=person.headers)
                assert answer.status_code == 200, answer.text

        before = people[0].get(f"/recipes/{card['id']}").get_json()["likes"]
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(like_and_regret, people * 2))
        for person in people:  # whoever came last of each one's two
            person.post(f"/recipes/{card['id']}/like")
        assert people[0].get(f"/recipes/{card['id']}").get_json()["likes"] == before + 4

    def test_of_what_there_is_not(self, ada: Account) -> None:
        for method in ("POST", "DELETE"):
            refused = send(ada, method, f"/recipes/{'0' * 24}/like")
            assert (refused.status_code, refused.get_json()["code"]) == (404, "recipe_not_found")
        restaurant = some(ada, "restaurants")[0]["id"]
        assert ada.post(f"/recipes/{restaurant}/like").status_code == 404

    def test_there_is_an_end_to_it(self, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(favourites, "MOST_LIKED", 1)
        first, second = some(ada, "recipes", 2)
        ada.post(f"/recipes/{first['id']}/like")
        refused = ada.post(f"/recipes/{second['id']}/like")
        assert (refused.status_code, refused.get_json()["code"]) == (409, "too_many_liked")
        assert ada.post(f"/recipes/{first['id']}/like").status_code == 200

    def test_the_pages_tag_changes_with_them(self, ada: Account) -> None:
        (card,) = some(ada, "recipes")
        known = ada.get(f"/recipes/{card['id']}").headers["ETag"]
        assert send(ada, "GET", f"/recipes/{card['id']}", **{"If-None-Match": known}).status_code == 304
        ada.post(f"/recipes/{card['id']}/like")
        assert send(ada, "GET", f"/recipes/{card['id']}", **{"If-None-Match": known}).status_code == 200


class TestRecommendations:
    """For oneself alone."""

    def test_only_what_one_can_eat_liked_cuisines_first(self, ada: Account, services: svcs.Container) -> None:
        ada.eats(dietary=["vegetarian"], allergies=["nuts"], liked_cuisines=["Indian"])
        page = ada.get("/recipes/recommendations?limit=100").get_json()
        assert page["total"] == len(page["items"]) > 0
        assert all("vegetarian" in card["dietary_tags"] for card in page["items"])
        for card in page["items"]:
            assert "nuts" not in services.get(CatalogService).recipe(ObjectId(card["id"]))["allergens"]
        indian = ["Indian" in card["cuisines"] for card in page["items"]]
        assert any(indian)
        assert indian == sorted(indian, reverse=True)
        again = ada.get("/recipes/recommendations?limit=3").get_json()
        assert again["items"] == page["items"][:3]

    def test_so_much_work_is_not_asked_for_all_the_time(self, ada: Account) -> None:
        answers = [ada.get("/recipes/recommendations?limit=1").status_code for _ in range(31)]
        assert answers == [200] * 30 + [429]

    def test_what_was_decided_lately_is_not_among_them(self, ada: Account, register: Register) -> None:
        bo = register("Bo")
        everything = ada.get("/recipes/recommendations?limit=100").get_json()
        decided = decide(ada, bo).card
        rest = ada.get("/recipes/recommendations?limit=100").get_json()
        assert rest["total"] == everything["total"] - 1
        assert decided not in {card["id"] for card in rest["items"]}
        assert register("Cy").get("/recipes/recommendations").get_json()["total"] == everything["total"]

    def test_cuisines_of_what_one_has_saved_come_first(self, ada: Account) -> None:
        last = ada.get("/recipes/recommendations?limit=100").get_json()["items"][-1]
        send(ada, "PUT", f"/users/me/saved-recipes/{last['id']}")
        first = ada.get("/recipes/recommendations?limit=1").get_json()["items"][0]
        assert set(first["cuisines"]) & set(last["cuisines"])

    def test_a_guest_gets_some_too(self, client) -> None:
        tokens = client.post("/api/v1/auth/guest", json={"display_name": "Gus"}).get_json()
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        answer = client.get("/api/v1/recipes/recommendations", headers=headers)
        assert answer.get_json()["items"]


@pytest.mark.compliance
def test_an_erased_person_likes_nothing_any_more(
    ada: Account, register: Register, services: svcs.Container
) -> None:
    bo, (card,) = register("Bo"), some(ada, "recipes")
    for person in (ada, bo):
        send(person, "PUT", f"/users/me/saved-recipes/{card['id']}")
        person.post(f"/recipes/{card['id']}/like")
    service = services.get(favourites.FavouriteService)
    before = bo.get(f"/recipes/{card['id']}").get_json()["likes"]
    assert {ObjectId(ada.id), ObjectId(bo.id)} <= set(service.people())
    assert (service.forget_saved(ObjectId(ada.id)), service.forget_likes(ObjectId(ada.id))) == (1, 1)
    assert (service.forget_saved(ObjectId(ada.id)), service.forget_likes(ObjectId(ada.id))) == (0, 0)
    database = services.get(MongoDatabase)
    for holding in KITCHEN[:2]:
        assert database[holding.place.name].count_documents({"user_id": ObjectId(ada.id)}) == 0
        assert database[holding.place.name].count_documents({"user_id": ObjectId(bo.id)}) == 1
    assert bo.get(f"/recipes/{card['id']}").get_json()["likes"] == before - 1
