"""A group does not exist for those who are not in it, nor for those who were."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.conftest import Account
from tests.integration.groups.acting import Register, founded, joined, send

pytestmark = pytest.mark.security

NOWHERE = "0" * 24


def everything_of(group_id: str, member_id: str) -> Iterator[tuple[str, str, dict[str, Any] | None]]:
    """Every request that names a group."""
    path = f"/groups/{group_id}"
    yield "GET", path, None
    yield "PATCH", path, {"name": "Mine"}
    yield "DELETE", path, None
    yield "POST", f"{path}/leave", None
    yield "POST", f"{path}/invite", None
    yield "DELETE", f"{path}/members/{member_id}", None
    yield "GET", f"{path}/history", None
    yield "GET", f"{path}/qr.svg", None
    yield "POST", "/sessions", {"menu": "both", "group_id": group_id}


def a_stranger(register: Register, _owner: Account, _group: dict) -> Account:
    return register("Eve")


def one_who_left(register: Register, _owner: Account, group: dict) -> Account:
    eve = register("Eve")
    joined(eve, group)
    eve.post(f"/groups/{group['id']}/leave")
    return eve


def one_who_was_removed(register: Register, owner: Account, group: dict) -> Account:
    eve = register("Eve")
    joined(eve, group)
    send(owner, "DELETE", f"/groups/{group['id']}/members/{eve.id}")
    return eve


@pytest.mark.parametrize("outsider", [a_stranger, one_who_left, one_who_was_removed])
def test_outsiders_cannot_tell_it_from_none(register: Register, outsider: Callable[..., Account]) -> None:
    ada = register("Ada")
    group = founded(ada)
    eve = outsider(register, ada, group)
    before = ada.get(f"/groups/{group['id']}").get_json()
    for theirs, nothing in zip(
        everything_of(group["id"], ada.id), everything_of(NOWHERE, ada.id), strict=True
    ):
        answers = [send(eve, *theirs), send(eve, *nothing)]
        assert [answer.status_code for answer in answers] == [404, 404], theirs
        said = [{k: v for k, v in answer.get_json().items() if k != "request_id"} for answer in answers]
        assert said[0] == said[1]
        assert said[0]["code"] == "group_not_found"
    assert ada.get(f"/groups/{group['id']}").get_json() == before
    assert eve.get("/groups").get_json()["total"] == 0
    assert eve.get("/sessions").get_json()["total"] == 0


@pytest.mark.parametrize("odd", ["xyz", "0" * 23, "{$ne:null}", "%00", "0" * 25])
def test_what_is_no_id_finds_nothing(register: Register, odd: str) -> None:
    ada = register("Ada")
    group = founded(ada)
    for method, path in (
        ("GET", f"/groups/{odd}"),
        ("DELETE", f"/groups/{odd}"),
        ("DELETE", f"/groups/{group['id']}/members/{odd}"),
    ):
        assert send(ada, method, path).status_code in {404, 422}
    assert ada.post("/sessions", {"menu": "both", "group_id": odd}).status_code == 422
    assert ada.get(f"/groups/{group['id']}").get_json() == group


@pytest.mark.parametrize("odd", [{"$ne": None}, ["0" * 24], 1, True])
def test_a_session_is_for_one_group_named_by_its_id(register: Register, odd: object) -> None:
    ada = register("Ada")
    founded(ada)
    assert ada.post("/sessions", {"menu": "both", "group_id": odd}).status_code == 422
    assert ada.get("/sessions").get_json()["total"] == 0
