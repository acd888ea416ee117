"""What members are told of their groups, and who is not told (docs/product.md G2)."""

from __future__ import annotations

import pytest
import svcs

from backend.infra.mongo import MongoDatabase
from tests.conftest import Account
from tests.integration.groups.acting import Register, founded, joined, send

Three = tuple[Account, Account, Account, dict]


@pytest.fixture
def three(register: Register) -> Three:
    """Ada's group with Bo and Cy in it; nobody has read anything yet."""
    ada, bo, cy = register("Ada"), register("Bo"), register("Cy")
    group = founded(ada)
    joined(bo, group)
    return ada, bo, cy, joined(cy, group)


def told(account: Account) -> list[dict]:
    items: list[dict] = account.get("/users/me/notifications").get_json()["items"]
    return items


def kinds(account: Account) -> list[str]:
    return [item["kind"] for item in told(account)]


def test_those_who_are_in_it_hear_who_joins(three: Three) -> None:
    ada, bo, cy, group = three
    about = {"group_id": group["id"], "group_name": "Home", "user_id": cy.id, "display_name": "Cy"}
    for one in (ada, bo):
        assert told(one)[0]["data"] == about
        assert told(one)[0]["text"] == "Cy has joined Home."
    assert kinds(ada) == ["group_joined"] * 2
    assert kinds(cy) == []


def test_joining_again_and_coming_and_going_tell_nothing_more_on_the_same_day(three: Three) -> None:
    ada, bo, _, group = three
    joined(bo, group)
    for _ in range(3):
        bo.post(f"/groups/{group['id']}/leave")
        joined(bo, group)
    assert [item["data"]["display_name"] for item in told(ada)] == ["Cy", "Bo"]


@pytest.mark.security
def test_nobody_fills_the_inboxes_of_others_by_opening_session_after_session(three: Three) -> None:
    ada, bo, cy, group = three

    def open_one(host: Account) -> None:
        session = host.post("/sessions", {"menu": "both", "group_id": group["id"]}).get_json()
        host.post(f"/sessions/{session['id']}/leave")

    for _ in range(8):
        open_one(bo)
    assert kinds(ada).count("session_started") == kinds(cy).count("session_started") == 5
    open_one(cy)  # what one overdoes is not the other's
    assert kinds(ada).count("session_started") == 6


def test_a_session_is_told_to_all_but_its_host(three: Three, register: Register) -> None:
    ada, bo, cy, group = three
    stranger = register("Eve")
    session = bo.post("/sessions", {"menu": "both", "group_id": group["id"]}).get_json()
    for one in (ada, cy):
        item = told(one)[0]
        assert (item["kind"], item["text"]) == ("session_started", "Bo is finding dinner with Home. Join in!")
        assert item["data"] == {
            "group_id": group["id"],
            "group_name": "Home",
            "session_id": session["id"],
            "code": session["code"],
            "host_name": "Bo",
        }
    assert "session_started" not in kinds(bo)
    assert kinds(stranger) == []
    assert ada.post("/sessions/join", {"code": told(ada)[0]["data"]["code"]}).status_code == 200


def test_a_session_without_a_group_is_nobody_s_news(three: Three) -> None:
    ada, bo, cy, _ = three
    bo.post("/sessions", {"menu": "both"})
    assert "session_started" not in kinds(ada) + kinds(bo) + kinds(cy)


def test_one_too_many_sessions_is_no_news(three: Three) -> None:
    ada, bo, _, group = three
    bo.post("/sessions", {"menu": "both"})
    assert bo.post("/sessions", {"menu": "both", "group_id": group["id"]}).status_code == 409
    assert "session_started" not in kinds(ada)


def test_who_is_removed_hears_it_and_nothing_further(three: Three) -> None:
    ada, bo, cy, group = three
    send(ada, "DELETE", f"/groups/{group['id']}/members/{bo.id}")
    assert (kinds(bo)[0], told(bo)[0]["text"]) == ("group_removed", "You are no longer in Home.")
    assert told(bo)[0]["data"] == {"group_id": group["id"], "group_name": "Home"}
    before = len(told(bo))
    ada.post("/sessions", {"menu": "both", "group_id": group["id"]})
    assert len(told(bo)) == before
    assert "group_removed" not in kinds(cy) + kinds(ada)


def test_who_gets_the_group_hears_it(three: Three) -> None:
    ada, bo, cy, group = three
    ada.post(f"/groups/{group['id']}/leave")
    assert kinds(bo)[0] == "group_owned"
    assert "group_owned" not in kinds(cy) + kinds(ada)


def test_members_hear_that_the_group_is_deleted(three: Three) -> None:
    ada, bo, cy, group = three
    send(ada, "DELETE", f"/groups/{group['id']}")
    assert (kinds(bo)[0], kinds(cy)[0]) == ("group_deleted", "group_deleted")
    assert "group_deleted" not in kinds(ada)


def test_who_does_not_want_to_hear_of_sessions_does_not(three: Three) -> None:
    ada, bo, cy, group = three
    cy.put("/users/me/notification-settings", {"muted": ["session_started"]})
    bo.post("/sessions", {"menu": "both", "group_id": group["id"]})
    assert "session_started" in kinds(ada)
    assert "session_started" not in kinds(cy)


def test_a_session_starts_all_the_same_where_nobody_can_be_told(
    three: Three, services: svcs.Container
) -> None:
    """For a moment the collection takes nothing."""
    ada, bo, _, group = three
    database = services.get(MongoDatabase)
    database.command("collMod", "notifications", validator={"never": {"$exists": True}})
    try:
        opened = bo.post("/sessions", {"menu": "both", "group_id": group["id"]})
    finally:
        database.command("collMod", "notifications", validator={})
    assert opened.status_code == 201
    assert "session_started" not in kinds(ada)
