"""A shopping list that a group shares: its members see and change it, strangers see nothing (docs/product.md M3)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import svcs
from bson import ObjectId

from backend.errors import Conflict
from backend.infra.mongo import MongoDatabase
from backend.shopping.service import ShoppingService
from tests.conftest import Account
from tests.integration.groups.acting import founded, joined, send
from tests.raw_search import Words, find_in_mongo

Register = Callable[..., Account]
LIST = "/users/me/shopping-list"
Home = tuple[Account, Account, dict[str, Any]]


@pytest.fixture
def home(register: Register) -> Home:
    """Ada's group, with Bo in it; Ada shares her list, on which there is milk."""
    ada, bo = register("Ada"), register("Bo")
    group = joined(bo, founded(ada))
    assert ada.post(f"{LIST}/items", {"name": "milk", "amount": 1, "unit": "l"}).status_code == 201
    assert share(ada, group).status_code == 200
    return ada, bo, group


def share(account: Account, group: dict[str, Any] | None) -> Any:
    return account.put(f"{LIST}/sharing", {"group_id": group and group["id"]})


def shared(group: dict[str, Any]) -> str:
    return f"/groups/{group['id']}/shopping-list"


def names(account: Account, path: str = LIST) -> list[str]:
    return [item["name"] for item in account.get(path).get_json()["items"]]


def test_members_see_and_change_it(home: Home) -> None:
    ada, bo, group = home
    path = shared(group)
    seen = bo.get(path)
    assert seen.get_json() == {**ada.get(LIST).get_json(), "owner_id": ada.id, "shared_with": group["id"]}
    assert seen.headers["ETag"] == ada.get(LIST).headers["ETag"]
    (eggs,) = bo.post(f"{path}/items", {"name": "eggs", "amount": 6}).get_json()["items"]
    (milk,) = bo.post(f"{path}/items", {"name": "Milk", "amount": 1, "unit": "l"}).get_json()["items"]
    assert (milk["name"], milk["amount"]) == ("milk", 2.0)
    assert send(bo, "PATCH", f"{path}/items/{eggs['id']}", {"ticked": True}).get_json()["missing"] == 1
    assert names(ada) == ["milk", "eggs"]
    assert send(bo, "DELETE", f"{path}/ticked").status_code == 200
    assert send(bo, "DELETE", f"{path}/items/{milk['id']}").get_json()["items"] == []
    card = bo.get("/recipes?limit=1").get_json()["items"][0]
    answer = bo.post(f"{path}/recipes/{card['id']}", {"ingredients": [0]})
    assert answer.status_code == 201, answer.text
    assert names(ada) == [answer.get_json()["items"][0]["name"]]
    assert names(bo) == []  # what is one's own stays one's own


@pytest.mark.security
def test_strangers_cannot_tell_that_there_is_one(home: Home, register: Register) -> None:
    ada, bo, group = home
    cy, path = register("Cy"), shared(group)
    milk = ada.get(LIST).get_json()["items"][0]["id"]
    for method, rest, body in (
        ("GET", "", None),
        ("POST", "/items", {"name": "eggs"}),
        ("POST", f"/recipes/{'0' * 24}", {}),
        ("PATCH", f"/items/{milk}", {"ticked": True}),
        ("DELETE", f"/items/{milk}", None),
        ("DELETE", "/ticked", None),
    ):
        refused = send(cy, method, path + rest, body)
        assert (refused.status_code, refused.get_json()["code"]) == (404, "group_not_found")
    assert share(cy, group).get_json()["code"] == "group_not_found"
    share(ada, None)
    refused = bo.get(path)
    assert (refused.status_code, refused.get_json()["code"]) == (404, "list_not_shared")
    assert names(ada) == ["milk"]


def test_sharing_ends_when_its_owner_wishes(home: Home) -> None:
    ada, bo, group = home
    assert share(ada, None).get_json()["shared_with"] is None
    assert send(bo, "POST", f"{shared(group)}/items", {"name": "eggs"}).status_code == 404
    assert names(ada) == ["milk"]
    assert share(ada, group).get_json()["shared_with"] == group["id"]
    assert names(bo, shared(group)) == ["milk"]


def test_a_group_shares_one_list(home: Home) -> None:
    ada, bo, group = home
    refused = share(bo, group)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "group_has_list")
    assert share(ada, group).status_code == 200  # it is the one
    share(ada, None)
    assert share(bo, group).status_code == 200
    assert ada.get(shared(group)).get_json()["owner_id"] == bo.id


def test_of_two_who_share_at_once_one_does(home: Home, services: svcs.Container) -> None:
    ada, bo, group = home
    share(ada, None)
    service = services.get(ShoppingService)

    def try_to(account: Account) -> str:
        try:
            service.share(ObjectId(account.id), ObjectId(group["id"]))
        except Conflict as refused:
            return refused.code
        return "shared"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(try_to, (ada, bo))) == ["group_has_list", "shared"]


def test_a_list_of_the_version_before_goes_on_and_that_version_can_read_it(
    home: Home, services: svcs.Container
) -> None:
    """While a server is upgraded, processes of both versions read and write the same lists."""
    ada, bo, group = home
    lists, owner = services.get(MongoDatabase)["shopping_lists"], ObjectId(ada.id)
    written_before = {
        "id": ObjectId(),
        "name": "rice",
        "thousandths": 900_000,
        "base": "g",
        "recipe_ids": [],
        "added_by": owner,
        "added_at": datetime(2026, 11, 1, tzinfo=UTC),
        "ticked": False,
    }
    lists.update_one({"owner_id": owner}, {"$set": {"items": [written_before]}})
    assert names(bo, shared(group)) == ["rice"]
    item = f"{shared(group)}/items/{written_before['id']}"
    assert send(bo, "PATCH", item, {"amount": 1, "unit": "mugs of Bo"}).status_code == 200
    (written,) = lists.find_one({"owner_id": owner})["items"]
    assert (written["added_by"], written["unit_by"]) == (owner, ObjectId(bo.id))


class TestLeaving:
    """Whoever leaves takes their list along."""

    def test_the_others_see_it_no_more_and_coming_back_does_not_share_it(self, home: Home) -> None:
        ada, bo, group = home
        ada.post(f"/groups/{group['id']}/leave")
        assert bo.get(shared(group)).get_json()["code"] == "list_not_shared"
        assert ada.get(shared(group)).get_json()["code"] == "group_not_found"
        assert ada.get(LIST).get_json()["shared_with"] is None
        joined(ada, group)
        assert bo.get(shared(group)).get_json()["code"] == "list_not_shared"
        assert names(ada) == ["milk"]

    def test_another_can_share_theirs_then(self, home: Home) -> None:
        ada, bo, group = home
        ada.post(f"/groups/{group['id']}/leave")
        assert share(bo, group).status_code == 200
        assert bo.get(shared(group)).get_json()["owner_id"] == bo.id
        assert ada.get(LIST).get_json()["shared_with"] is None

    def test_a_group_that_is_gone_shares_nothing(self, home: Home) -> None:
        ada, _, group = home
        send(ada, "DELETE", f"/groups/{group['id']}")
        assert ada.get(LIST).get_json()["shared_with"] is None
        assert ada.post(f"{LIST}/items", {"name": "eggs"}).status_code == 201


@pytest.mark.compliance
class TestErasure:
    """What somebody has written goes with them, wherever it is."""

    def test_ones_own_list_goes_and_what_one_has_put_on_others(
        self, home: Home, services: svcs.Container
    ) -> None:
        ada, bo, group = home
        bo.post(f"{shared(group)}/items", {"name": "Bo's unmistakable beans"})
        milk = ada.get(LIST).get_json()["items"][0]["id"]
        send(bo, "PATCH", f"{shared(group)}/items/{milk}", {"name": "Bo's own word for milk"})
        rice, butter = (
            ada.post(f"{LIST}/items", {"name": name, "amount": 900, "unit": "g"}).get_json()["items"][0]["id"]
            for name in ("rice", "butter")
        )
        send(bo, "PATCH", f"{shared(group)}/items/{rice}", {"amount": 1, "unit": "Bo's own cup"})
        send(bo, "PATCH", f"{shared(group)}/items/{butter}", {"amount": 1.5, "unit": "ml"})
        jam = bo.post(f"{shared(group)}/items", {"name": "Bo's only jam", "amount": 2, "unit": "jars"})
        jam_id = jam.get_json()["items"][0]["id"]
        send(ada, "PATCH", f"{LIST}/items/{jam_id}", {"unit": "Ada's own tins"})
        bo.post(f"{LIST}/items", {"name": "bread"})
        service, me = services.get(ShoppingService), ObjectId(bo.id)
        told = {(one["whose"], one["name"]) for one in service.history_of(me)}
        assert told == {
            ("own", "bread"),
            ("shared", "Bo's unmistakable beans"),
            ("shared", "Bo's own word for milk"),
            ("shared", "rice"),
            ("shared", "Bo's only jam"),
        }
        assert {ObjectId(ada.id), me} <= set(service.people())
        assert service.forget(me) == 2
        assert service.forget(me) == 0
        words = Words(
            texts=["Bo's unmistakable beans", "Bo's own word for milk", "Bo's own cup", "Bo's only jam"]
        )
        assert list(find_in_mongo(words, services.get(MongoDatabase))) == []
        assert services.get(MongoDatabase)["shopping_lists"].count_documents({"owner_id": me}) == 0
        assert names(ada) == ["butter"]
