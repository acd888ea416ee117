"""One's own shopping list over HTTP (docs/product.md M3)."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import svcs
from bson import ObjectId
from flask_openapi3 import OpenAPI

from backend.catalog.service import CatalogService
from backend.infra.mongo import MongoDatabase
from backend.shopping.items import MOST_ITEMS
from tests.conftest import Account

Register = Callable[..., Account]
LIST = "/users/me/shopping-list"


def send(account: Account, method: str, path: str, body: Any = None, **headers: str) -> Any:
    return account.http.open(
        f"/api/v1{path}",
        method=method,
        headers={**account.headers, **{name.replace("_", "-"): value for name, value in headers.items()}},
        json=body,
    )


def put_on(account: Account, **item: Any) -> dict[str, Any]:
    """One more item; its line."""
    answer = account.post(f"{LIST}/items", item)
    assert answer.status_code == 201, answer.text
    (line,) = answer.get_json()["items"]
    return line


def lines(account: Account) -> list[tuple]:
    """What is on the list."""
    items = account.get(LIST).get_json()["items"]
    return [(one["name"], one["amount"], one["unit"], one["ticked"]) for one in items]


@pytest.fixture
def ada(register: Register) -> Account:
    return register("Ada")


@pytest.fixture
def recipe(ada: Account, services: svcs.Container) -> dict[str, Any]:
    """A recipe with its ingredients."""
    card = ada.get("/recipes?limit=1").get_json()["items"][0]
    return services.get(CatalogService).recipe(ObjectId(card["id"]))


def test_a_list_is_empty_at_first(ada: Account) -> None:
    assert ada.get(LIST).get_json() == {"owner_id": ada.id, "shared_with": None, "items": [], "missing": 0}


def test_by_hand_and_equal_ones_become_one(ada: Account) -> None:
    first = put_on(ada, name="  Jasmine   rice ", amount=800, unit="grams")
    assert (first["name"], first["amount"], first["unit"]) == ("Jasmine rice", 800.0, "g")
    again = put_on(ada, name="jasmine rice", amount=0.4, unit="kg")
    assert again["id"] == first["id"]
    put_on(ada, name="salt")
    put_on(ada, name="eggs", amount=6)
    assert lines(ada) == [
        ("Jasmine rice", 1.2, "kg", False),
        ("salt", None, "", False),
        ("eggs", 6.0, "", False),
    ]


def test_what_is_in_the_basket_is_bought_and_more_is_another_line(ada: Account) -> None:
    milk = put_on(ada, name="milk", amount=1, unit="l")
    shown = send(ada, "PATCH", f"{LIST}/items/{milk['id']}", {"ticked": True})
    assert (shown.status_code, shown.get_json()["missing"]) == (200, 0)
    put_on(ada, name="milk", amount=1, unit="l")
    assert lines(ada) == [("milk", 1.0, "l", True), ("milk", 1.0, "l", False)]
    rest = send(ada, "DELETE", f"{LIST}/ticked").get_json()
    assert (len(rest["items"]), rest["missing"]) == (1, 1)


@pytest.mark.parametrize(
    ("change", "after"),
    [
        ({}, ("milk", 1.0, "l", False)),
        ({"name": "oat milk"}, ("oat milk", 1.0, "l", False)),
        ({"amount": 2}, ("milk", 2.0, "l", False)),
        ({"amount": 2, "unit": "bottles"}, ("milk", 2.0, "bottles", False)),
        ({"unit": "ml"}, ("milk", 1.0, "ml", False)),
        ({"amount": None}, ("milk", None, "", False)),
        ({"ticked": True}, ("milk", 1.0, "l", True)),
    ],
)
def test_changing_one(ada: Account, change: dict, after: tuple) -> None:
    milk = put_on(ada, name="milk", amount=1, unit="l")
    assert send(ada, "PATCH", f"{LIST}/items/{milk['id']}", change).status_code == 200
    assert lines(ada) == [after]


def test_a_unit_needs_an_amount(ada: Account) -> None:
    milk = put_on(ada, name="milk")
    for refused in (
        send(ada, "PATCH", f"{LIST}/items/{milk['id']}", {"unit": "l"}),
        ada.post(f"{LIST}/items", {"name": "milk", "unit": "l"}),
    ):
        assert refused.status_code == 422
        assert "Say how much" in refused.text
    assert lines(ada) == [("milk", None, "", False)]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"name": "a\u202eb"}, "name"),
        ({"name": {"$ne": None}}, "name"),
        ({"name": "rice", "amount": 0}, "amount"),
        ({"name": "rice", "amount": -1}, "amount"),
        ({"name": "rice", "amount": 1e9}, "amount"),
        ({"name": "rice", "amount": "1"}, "amount"),
        ({"name": "rice", "amount": 1, "unit": "x" * 21}, "unit"),
        ({"name": "rice", "recipe_id": "none"}, "recipe_id"),
        ({"name": "rice", "added_by": "0" * 24}, "added_by"),
    ],
)
def test_what_cannot_be_put_on_it(ada: Account, body: dict, field: str) -> None:
    refused = ada.post(f"{LIST}/items", body)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_input")
    assert field in {error["field"] for error in refused.get_json()["errors"]}
    assert lines(ada) == []


def test_removing_is_harmless_to_repeat_and_changing_what_is_gone_is_not(ada: Account) -> None:
    milk = put_on(ada, name="milk")
    for _ in range(2):
        gone = send(ada, "DELETE", f"{LIST}/items/{milk['id']}")
        assert (gone.status_code, gone.get_json()["items"]) == (200, [])
    refused = send(ada, "PATCH", f"{LIST}/items/{milk['id']}", {"ticked": True})
    assert (refused.status_code, refused.get_json()["code"]) == (404, "item_not_found")


class TestRecipes:
    """What a recipe needs."""

    def test_all_for_as_many_as_it_says(self, ada: Account, recipe: dict) -> None:
        answer = ada.post(f"{LIST}/recipes/{recipe['id']}")
        assert answer.status_code == 201, answer.text
        items = answer.get_json()["items"]
        assert [one["name"] for one in items] == [one["name"] for one in recipe["ingredients"]]
        assert all(one["recipe_ids"] == [recipe["id"]] for one in items)
        assert ada.get(LIST).get_json()["items"] == items

    def test_some_for_twice_as_many_and_once_more(self, ada: Account, recipe: dict) -> None:
        first = recipe["ingredients"][0]
        wanted = {"servings": 2 * recipe["servings"], "ingredients": [0]}
        (line,) = ada.post(f"{LIST}/recipes/{recipe['id']}", wanted).get_json()["items"]
        by_hand = {"name": first["name"], "amount": first["amount"], "unit": first["unit"]}
        together = put_on(ada, **by_hand)
        assert together["id"] == line["id"]
        three_times = put_on(ada, **{**by_hand, "name": "x", "amount": 3 * first["amount"]})
        assert (together["amount"], together["unit"]) == (three_times["amount"], three_times["unit"])

    def test_the_same_recipe_twice_is_twice_as_much(self, ada: Account, recipe: dict) -> None:
        for _ in range(2):
            ada.post(f"{LIST}/recipes/{recipe['id']}")
        assert len(lines(ada)) == len(recipe["ingredients"])

    def test_an_ingredient_asked_for_twice_is_one(self, ada: Account, recipe: dict) -> None:
        once = ada.post(f"{LIST}/recipes/{recipe['id']}", {"ingredients": [1, 1, 0]}).get_json()["items"]
        assert [one["name"] for one in once] == [one["name"] for one in recipe["ingredients"][:2]]

    @pytest.mark.parametrize(
        "body",
        [
            {"servings": 0},
            {"servings": 101},
            {"servings": 2.5},
            {"ingredients": []},
            {"ingredients": [999]},
            {"ingredients": [-1]},
            {"ingredients": ["0"]},
            {"ingredients": [0] * 201},
        ],
    )
    def test_what_it_does_not_have(self, ada: Account, recipe: dict, body: dict) -> None:
        refused = ada.post(f"{LIST}/recipes/{recipe['id']}", body)
        assert refused.status_code == 422
        assert refused.get_json()["errors"][0]["field"].startswith(next(iter(body)))
        assert lines(ada) == []

    def test_of_what_there_is_not(self, ada: Account) -> None:
        for refused in (
            ada.post(f"{LIST}/recipes/{'0' * 24}"),
            ada.post(f"{LIST}/items", {"name": "rice", "recipe_id": "0" * 24}),
        ):
            assert (refused.status_code, refused.get_json()["code"]) == (404, "recipe_not_found")

    def test_a_list_without_room_takes_none_of_it(
        self, ada: Account, recipe: dict, services: svcs.Container
    ) -> None:
        put_on(ada, name="thing 0")
        lists = services.get(MongoDatabase)["shopping_lists"]
        (first,) = lists.find_one({"owner_id": ObjectId(ada.id)})["items"]
        many = [{**first, "id": ObjectId(), "name": f"thing {n}"} for n in range(MOST_ITEMS - 1)]
        lists.update_one({"owner_id": ObjectId(ada.id)}, {"$set": {"items": many}})
        refused = ada.post(f"{LIST}/recipes/{recipe['id']}")
        assert (refused.status_code, refused.get_json()["code"]) == (409, "list_full")
        assert len(lines(ada)) == MOST_ITEMS - 1


class TestAtTheSameMoment:
    """Nothing is lost, and nobody overwrites what they have not seen."""

    def test_whoever_has_seen_another_list_is_told(self, ada: Account) -> None:
        milk = put_on(ada, name="milk")
        path = f"{LIST}/items/{milk['id']}"
        seen = ada.get(LIST).headers["ETag"]
        again = send(ada, "GET", LIST, If_None_Match=seen)
        assert (again.status_code, again.data) == (304, b"")
        ticked = send(ada, "PATCH", path, {"ticked": True}, If_Match=seen)
        assert ticked.status_code == 200
        for method, where, body in (
            ("PATCH", path, {"name": "oat milk"}),
            ("DELETE", path, None),
            ("DELETE", f"{LIST}/ticked", None),
            ("PUT", f"{LIST}/sharing", {"group_id": None}),
        ):
            refused = send(ada, method, where, body, If_Match=seen)
            assert (refused.status_code, refused.get_json()["code"]) == (412, "changed_meanwhile")
        assert lines(ada) == [("milk", None, "", True)]
        now = ticked.headers["ETag"]
        assert now == ada.get(LIST).headers["ETag"]
        assert send(ada, "DELETE", path, If_Match=now).get_json()["items"] == []

    def test_many_add_at_once_and_all_of_it_is_there(self, ada: Account, app: OpenAPI) -> None:
        def add(number: int) -> int:
            body = {"name": "eggs" if number % 2 else f"thing {number}", "amount": 1}
            http = app.test_client()
            return http.post(f"/api/v1{LIST}/items", headers=ada.headers, json=body).status_code

        with ThreadPoolExecutor(4) as pool:
            assert set(pool.map(add, range(12))) == {201}
        found = {name: amount for name, amount, _, _ in lines(ada)}
        assert found == {"eggs": 6.0, **{f"thing {number}": 1.0 for number in range(0, 12, 2)}}

    def test_a_request_that_is_sent_again_adds_nothing(self, ada: Account, recipe: dict) -> None:
        key = secrets.token_hex(8)
        for path, body in (
            (f"{LIST}/items", {"name": "eggs", "amount": 6}),
            (f"{LIST}/recipes/{recipe['id']}", {}),
        ):
            answers = [send(ada, "POST", path, body, Idempotency_Key=key) for _ in range(2)]
            assert answers[0].get_json() == answers[1].get_json()
            assert answers[1].headers["Idempotent-Replayed"] == "true"
        assert lines(ada)[0] == ("eggs", 6.0, "", False)
        assert len(lines(ada)) <= 1 + len(recipe["ingredients"])


@pytest.mark.security
def test_nobody_touches_the_list_of_another(ada: Account, register: Register) -> None:
    bo, milk = register("Bo"), put_on(ada, name="milk")
    path = f"{LIST}/items/{milk['id']}"
    assert send(bo, "PATCH", path, {"ticked": True}).get_json()["code"] == "item_not_found"
    assert send(bo, "DELETE", path).get_json()["items"] == []
    assert send(bo, "DELETE", f"{LIST}/ticked").status_code == 200
    assert bo.get(LIST).get_json()["items"] == []
    assert lines(ada) == [("milk", None, "", False)]
