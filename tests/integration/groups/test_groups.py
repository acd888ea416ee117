"""Groups over HTTP: found, invite, join, leave, hand over, remove (docs/product.md G1, A4)."""

from __future__ import annotations

import pytest
import svcs
from bson import ObjectId

from backend.config import Settings
from backend.groups.service import CAPACITY, GroupService, Invitation
from backend.infra.mongo import MongoDatabase
from backend.users.accounts import Accounts
from tests.conftest import Account
from tests.integration.groups.acting import (
    Register,
    crowd,
    founded,
    join,
    joined,
    make_pro,
    names,
    send,
    token_of,
)

Pair = tuple[Account, Account, dict]


@pytest.fixture
def pair(register: Register) -> Pair:
    """Ada's group, with Bo in it, as Bo sees it."""
    ada, bo = register("Ada"), register("Bo")
    return ada, bo, joined(bo, founded(ada))


class TestFounding:
    """Whoever founds a group owns it."""

    def test_the_founder_is_owner_and_only_member(self, register: Register, settings: Settings) -> None:
        ada = register("Ada")
        group = founded(ada, "  The   Flat ")
        assert (group["name"], group["owner_id"], names(group)) == ("The Flat", ada.id, ["Ada"])
        assert group["members"][0]["id"] == ada.id
        assert group["live_session"] is None
        assert group["invite_link"].startswith(f"{settings.base_url}/g/")
        assert ada.get(f"/groups/{group['id']}").get_json() == group
        assert ada.get("/groups").get_json()["items"] == [group]

    def test_tokens_are_long_and_never_the_same(self, register: Register) -> None:
        tokens = {token_of(founded(register())) for _ in range(5)}
        assert len(tokens) == 5
        assert all(len(token) == 32 for token in tokens)

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"name": ""},
            {"name": "   "},
            {"name": "x" * 41},
            {"name": "Home\u202egnp"},
            {"name": "a\x00b"},
            {"name": 5},
            {"name": {"$ne": None}},
            {"name": "Home", "owner_id": "0" * 24},
            {"name": "Home", "members": []},
        ],
    )
    def test_names_that_are_none_are_refused(self, register: Register, body: dict) -> None:
        ada = register("Ada")
        refused = ada.post("/groups", body)
        assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid_input")
        assert ada.get("/groups").get_json()["total"] == 0

    def test_a_name_that_looks_like_an_operator_is_a_name(self, register: Register) -> None:
        assert founded(register(), "$where")["name"] == "$where"

    def test_a_guest_founds_and_joins_none(self, register: Register, client) -> None:
        group = founded(register("Ada"))
        tokens = client.post("/api/v1/auth/guest", json={"display_name": "Gus"}).get_json()
        gus = Account(tokens["user"]["id"], "", "", tokens, client)
        for refused in (gus.post("/groups", {"name": "Mine"}), join(gus, group)):
            assert (refused.status_code, refused.get_json()["code"]) == (403, "account_needed")


class TestJoining:
    """By the invite link, once."""

    def test_members_are_shown_in_the_order_in_which_they_came(self, pair: Pair, register: Register) -> None:
        ada, _, group = pair
        assert names(joined(register("Cy"), group)) == ["Ada", "Bo", "Cy"]
        assert names(ada.get(f"/groups/{group['id']}").get_json()) == ["Ada", "Bo", "Cy"]

    def test_joining_again_changes_nothing(self, pair: Pair) -> None:
        _, bo, group = pair
        assert joined(bo, group) == group

    def test_who_renames_themselves_is_shown_so(self, pair: Pair) -> None:
        ada, bo, group = pair
        send(bo, "PATCH", "/users/me", {"display_name": "Bobby"})
        assert names(ada.get(f"/groups/{group['id']}").get_json()) == ["Ada", "Bobby"]

    @pytest.mark.parametrize("token", ["nothing", "A" * 32, "$ne", "*", ".*"])
    def test_a_token_that_no_link_holds(self, register: Register, token: str) -> None:
        founded(register("Ada"))
        refused = register("Eve").post("/groups/join", {"token": token})
        assert (refused.status_code, refused.get_json()["code"]) == (404, "unknown_invite")

    @pytest.mark.parametrize("token", ["", "x" * 101, None, 1, {"$ne": None}, {"$regex": ".*"}, ["a"]])
    def test_what_is_no_token_at_all(self, register: Register, token: object) -> None:
        founded(register("Ada"))
        eve = register("Eve")
        assert eve.post("/groups/join", {"token": token}).status_code == 422
        assert eve.get("/groups").get_json()["total"] == 0

    def test_no_more_than_fifty_find_room(
        self, pair: Pair, register: Register, services: svcs.Container
    ) -> None:
        ada, _, group = pair
        crowd(services.get(MongoDatabase), group, CAPACITY - 3)
        last, late = register("Last"), register("Late")
        assert join(last, group).status_code == 200
        refused = join(late, group)
        assert (refused.status_code, refused.get_json()["code"]) == (409, "group_full")
        assert late.get(f"/groups/{group['id']}").status_code == 404
        ada.post(f"/groups/{group['id']}/leave")
        assert join(late, group).status_code == 200


class TestHowMany:
    """A free user is in one group; pro users in any number (A4)."""

    def test_a_second_group_is_one_too_many(self, pair: Pair, register: Register) -> None:
        _, bo, _ = pair
        other = founded(register("Cy"))
        for refused in (bo.post("/groups", {"name": "Mine"}), join(bo, other)):
            assert (refused.status_code, refused.get_json()["code"]) == (409, "too_many_groups")
        assert bo.get("/groups").get_json()["total"] == 1

    def test_who_has_left_may_join_another(self, pair: Pair, register: Register) -> None:
        _, bo, group = pair
        assert bo.post(f"/groups/{group['id']}/leave").status_code == 204
        assert join(bo, founded(register("Cy"))).status_code == 200

    def test_pro_users_are_in_any_number(self, register: Register, services: svcs.Container) -> None:
        ada = register("Ada")
        make_pro(services.get(Accounts), ada)
        ids = [founded(ada, f"Home {number}")["id"] for number in range(3)]
        page = ada.get("/groups?limit=2").get_json()
        assert [group["id"] for group in page["items"]] == ids[:0:-1]
        assert (page["total"], page["has_more"]) == (3, True)


class TestLeaving:
    """Nobody is kept, and no group is left without an owner."""

    def test_an_owner_hands_over_to_the_longest_member(self, pair: Pair, register: Register) -> None:
        ada, bo, group = pair
        joined(register("Cy"), group)
        assert ada.post(f"/groups/{group['id']}/leave").status_code == 204
        left_to = bo.get(f"/groups/{group['id']}").get_json()
        assert (left_to["owner_id"], names(left_to)) == (bo.id, ["Bo", "Cy"])

    def test_who_comes_back_is_the_newest_member(self, pair: Pair, register: Register) -> None:
        ada, bo, group = pair
        cy = register("Cy")
        joined(cy, group)
        bo.post(f"/groups/{group['id']}/leave")
        assert names(joined(bo, group)) == ["Ada", "Cy", "Bo"]
        ada.post(f"/groups/{group['id']}/leave")
        assert bo.get(f"/groups/{group['id']}").get_json()["owner_id"] == cy.id

    def test_a_member_s_leaving_keeps_the_owner(self, pair: Pair) -> None:
        ada, bo, group = pair
        bo.post(f"/groups/{group['id']}/leave")
        assert ada.get(f"/groups/{group['id']}").get_json()["owner_id"] == ada.id

    def test_with_the_last_one_the_group_goes(self, pair: Pair, services: svcs.Container) -> None:
        ada, bo, group = pair
        for one in (bo, ada):
            assert one.post(f"/groups/{group['id']}/leave").status_code == 204
        assert services.get(MongoDatabase)["groups"].find_one({"_id": ObjectId(group["id"])}) is None
        assert join(bo, group).get_json()["code"] == "unknown_invite"

    def test_all_groups_are_left_when_an_account_goes(
        self, register: Register, services: svcs.Container
    ) -> None:
        ada, bo = register("Ada"), register("Bo")
        make_pro(services.get(Accounts), ada)
        alone, shared = founded(ada, "Alone"), founded(ada, "Shared")
        joined(bo, shared)
        groups = services.get(GroupService)
        assert groups.leave_all(ObjectId(ada.id)) == 2
        assert groups.leave_all(ObjectId(ada.id)) == 0
        assert groups.invitation(token_of(alone)) is None
        assert bo.get(f"/groups/{shared['id']}").get_json()["owner_id"] == bo.id


class TestOwning:
    """What only the owner may do."""

    def test_renaming(self, pair: Pair) -> None:
        ada, bo, group = pair
        changed = send(ada, "PATCH", f"/groups/{group['id']}", {"name": "Our place"})
        assert (changed.status_code, changed.get_json()["name"]) == (200, "Our place")
        assert bo.get(f"/groups/{group['id']}").get_json()["name"] == "Our place"

    def test_a_new_link_ends_the_old_one_at_once(self, pair: Pair, register: Register) -> None:
        ada, bo, group = pair
        renewed = ada.post(f"/groups/{group['id']}/invite").get_json()
        assert token_of(renewed) != token_of(group)
        assert bo.get(f"/groups/{group['id']}").get_json()["invite_link"] == renewed["invite_link"]
        cy = register("Cy")
        assert join(cy, group).get_json()["code"] == "unknown_invite"
        assert join(cy, renewed).status_code == 200

    def test_removing_a_member_who_cannot_come_back_by_the_old_link(self, pair: Pair) -> None:
        ada, bo, group = pair
        removed = send(ada, "DELETE", f"/groups/{group['id']}/members/{bo.id}")
        assert (removed.status_code, names(removed.get_json())) == (200, ["Ada"])
        assert bo.get(f"/groups/{group['id']}").status_code == 404
        assert join(bo, group).get_json()["code"] == "unknown_invite"

    def test_removing_whom_one_cannot(self, pair: Pair) -> None:
        ada, _, group = pair
        stranger = send(ada, "DELETE", f"/groups/{group['id']}/members/{'0' * 24}")
        assert (stranger.status_code, stranger.get_json()["code"]) == (404, "member_not_found")
        oneself = send(ada, "DELETE", f"/groups/{group['id']}/members/{ada.id}")
        assert (oneself.status_code, oneself.get_json()["code"]) == (409, "owner_stays")
        assert names(ada.get(f"/groups/{group['id']}").get_json()) == ["Ada", "Bo"]

    def test_deleting(self, pair: Pair) -> None:
        ada, bo, group = pair
        assert send(ada, "DELETE", f"/groups/{group['id']}").status_code == 204
        assert send(ada, "DELETE", f"/groups/{group['id']}").status_code == 404
        assert bo.get("/groups").get_json()["total"] == 0

    def test_a_member_may_do_none_of_that(self, pair: Pair) -> None:
        ada, bo, group = pair
        path = f"/groups/{group['id']}"
        for refused in (
            send(bo, "PATCH", path, {"name": "Mine"}),
            send(bo, "POST", f"{path}/invite"),
            send(bo, "DELETE", f"{path}/members/{ada.id}"),
            send(bo, "DELETE", f"{path}/members/{bo.id}"),
            send(bo, "DELETE", path),
        ):
            assert (refused.status_code, refused.get_json()["code"]) == (403, "not_owner")
        assert bo.get(path).get_json() == group


def test_an_invitation_tells_no_more_than_who_invites_to_what(pair: Pair, services: svcs.Container) -> None:
    _, _, group = pair
    groups = services.get(GroupService)
    assert groups.invitation(token_of(group)) == Invitation("Home", "Ada", 2)
    assert groups.invitation("nothing") is None
