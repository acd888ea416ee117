"""A session may belong to a group; what a group decided is kept for its members (docs/product.md G2, G3)."""

from __future__ import annotations

import pytest
import svcs
from bson import ObjectId

from backend.infra.mongo import MongoDatabase
from backend.users.accounts import Accounts
from tests.conftest import Account
from tests.integration.groups.acting import Register, founded, joined, make_pro, send
from tests.waiting import eventually

Pair = tuple[Account, Account, dict]


@pytest.fixture
def pair(register: Register, services: svcs.Container) -> Pair:
    """Ada's group, with Bo in it; both may be in many sessions."""
    ada, bo = register("Ada"), register("Bo")
    make_pro(services.get(Accounts), ada, bo)
    return ada, bo, joined(bo, founded(ada))


def opened(host: Account, group: dict) -> dict:
    answer = host.post("/sessions", {"menu": "both", "group_id": group["id"]})
    assert answer.status_code == 201, answer.text
    return answer.get_json()


def decided(ada: Account, bo: Account, session: dict) -> str:
    """Let the two agree on the first card; its id."""
    bo.post("/sessions/join", {"code": session["code"]})
    path = f"/sessions/{session['id']}"
    for one in (ada, bo):
        one.post(f"{path}/ready", {"ready": True})
    ada.post(f"{path}/start")
    card: str = ada.get(f"{path}/deck").get_json()["items"][0]["id"]
    for one in (ada, bo):
        one.post(f"{path}/swipes", {"op_id": f"{1:026d}", "item_id": card, "direction": "right"})
    eventually(lambda: ada.get(path).get_json()["status"] == "matched")
    return card


def live_session(account: Account, group: dict) -> dict | None:
    return account.get(f"/groups/{group['id']}").get_json()["live_session"]


def test_members_see_it_and_join_with_its_code(pair: Pair) -> None:
    ada, bo, group = pair
    session = opened(ada, group)
    assert session["group_id"] == group["id"]
    shown = {"id": session["id"], "code": session["code"], "status": "lobby", "host_name": "Ada", "people": 1}
    assert live_session(bo, group) == shown
    assert bo.get("/groups").get_json()["items"][0]["live_session"] == shown
    assert bo.post("/sessions/join", {"code": shown["code"]}).get_json()["group_id"] == group["id"]
    assert live_session(ada, group) == {**shown, "people": 2}
    assert bo.get("/sessions").get_json()["items"][0]["group_id"] == group["id"]


def test_who_is_no_member_may_be_at_the_table_all_the_same(pair: Pair, register: Register) -> None:
    ada, _, group = pair
    session = opened(ada, group)
    cy = register("Cy")
    assert cy.post("/sessions/join", {"code": session["code"]}).status_code == 200
    assert cy.get(f"/groups/{group['id']}").status_code == 404


def test_a_session_without_a_group_says_so(pair: Pair) -> None:
    ada, _, group = pair
    session = ada.post("/sessions", {"menu": "both"}).get_json()
    assert session["group_id"] is None
    assert ada.post("/sessions", {"menu": "both", "group_id": None}).get_json()["group_id"] is None
    assert live_session(ada, group) is None


def test_the_newest_of_several_is_shown_and_none_that_is_over(pair: Pair) -> None:
    ada, bo, group = pair
    first, second = opened(ada, group), opened(bo, group)
    assert live_session(ada, group)["id"] == second["id"]
    bo.post(f"/sessions/{second['id']}/leave")
    assert live_session(ada, group)["id"] == first["id"]
    ada.post(f"/sessions/{first['id']}/leave")
    assert live_session(ada, group) is None


def test_a_decision_is_in_the_history_of_all_members(pair: Pair, register: Register) -> None:
    ada, bo, group = pair
    session = opened(ada, group)
    assert ada.get(f"/groups/{group['id']}/history").get_json()["total"] == 0
    card = decided(ada, bo, session)
    assert live_session(ada, group) is None
    cy = register("Cy")
    joined(cy, group)
    page = cy.get(f"/groups/{group['id']}/history").get_json()
    assert (page["total"], page["has_more"]) == (1, False)
    entry = page["items"][0]
    assert (entry["id"], entry["status"], entry["host_name"]) == (session["id"], "matched", "Ada")
    assert entry["participants"] == ["Ada", "Bo"]
    assert [item["id"] for item in entry["outcome"]["items"]] == [card]


def test_history_is_newest_first_in_pages_and_only_what_was_decided(pair: Pair) -> None:
    ada, bo, group = pair
    ids = []
    for _ in range(3):
        session = opened(ada, group)
        decided(ada, bo, session)
        ids.append(session["id"])
    abandoned = opened(ada, group)
    ada.post(f"/sessions/{abandoned['id']}/leave")
    answer = bo.get(f"/groups/{group['id']}/history?limit=2")
    page = answer.get_json()
    assert [entry["id"] for entry in page["items"]] == ids[:0:-1]
    assert (page["total"], page["has_more"]) == (3, True)
    assert any('rel="next"' in link for link in answer.headers.getlist("Link"))
    last = bo.get(f"/groups/{group['id']}/history?limit=2&page=2").get_json()
    assert [entry["id"] for entry in last["items"]] == ids[:1]


def test_a_deleted_group_leaves_everybody_their_own_history(pair: Pair) -> None:
    ada, bo, group = pair
    session = opened(ada, group)
    decided(ada, bo, session)
    assert send(ada, "DELETE", f"/groups/{group['id']}").status_code == 204
    for one in (ada, bo):
        entry = one.get("/sessions").get_json()["items"][0]
        assert (entry["id"], entry["group_id"], entry["status"]) == (session["id"], group["id"], "matched")
        assert one.get(f"/sessions/{session['id']}").get_json()["outcome"]["kind"] == "match"
        assert one.get(f"/groups/{group['id']}/history").status_code == 404


@pytest.mark.parametrize("statuses", [["matched", "closest"], ["lobby", "swiping", "paused"]])
def test_only_the_group_s_own_sessions_are_looked_at(
    pair: Pair, services: svcs.Container, statuses: list[str]
) -> None:
    """By the index alone, however many sessions there are."""
    ada, bo, group = pair
    decided(ada, bo, opened(ada, group))
    opened(ada, group)
    ada.post("/sessions", {"menu": "both"})
    query = {
        "group_id": {"$in": [ObjectId(group["id"])], "$type": "objectId"},
        "status": {"$in": statuses},
    }
    found = services.get(MongoDatabase)["sessions"].find(query).sort("created_at", -1)
    plan = found.explain()
    stats = plan["executionStats"]
    assert "sessions_of_group" in str(plan["queryPlanner"]["winningPlan"])
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
    assert "'SORT'" not in str(plan["queryPlanner"]["winningPlan"])
    assert stats["nReturned"] == stats["totalDocsExamined"] == 1


def test_sessions_from_before_there_were_groups_are_read(pair: Pair, services: svcs.Container) -> None:
    ada, _, _ = pair
    session = ada.post("/sessions", {"menu": "both"}).get_json()
    sessions = services.get(MongoDatabase)["sessions"]
    sessions.update_one({"_id": ObjectId(session["id"])}, {"$unset": {"group_id": 1}})
    assert ada.get(f"/sessions/{session['id']}").get_json()["group_id"] is None
