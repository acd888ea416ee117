"""Founding, joining and leaving groups, through HTTP to the state."""

from __future__ import annotations

from typing import Any

import pytest

from client.store.state import Group
from tests.client.net.examples import group, snapshot
from tests.client.net.peer import HttpPeer, problem
from tests.client.store.conftest import USER, WholeClient, signed_in

GROUP_ID = group()["id"]
Routes = dict[str, Any]


def names(groups: tuple[Group, ...] | None) -> list[str]:
    return [one.name for one in groups or ()]


def test_ones_groups_are_there_once_asked_for(client: WholeClient, routes: Routes) -> None:
    routes["GET /groups?limit=100"] = lambda *_: (200, {"items": [group(name="Flat"), group()]})
    signed_in(client)
    assert client.state.groups is None
    client.commands.load_groups()
    state = client.wait(lambda state: state.groups is not None)
    assert names(state.groups) == ["Flat", "Home"]


def test_without_an_answer_it_is_said_where_they_are_listed(client: WholeClient, routes: Routes) -> None:
    routes["GET /groups?limit=100"] = lambda *_: problem(503, "busy", "Not now.")
    signed_in(client).commands.load_groups()
    state = client.wait(lambda state: state.groups_error)
    assert (state.groups, state.groups_error, state.notice) == (None, "Not now.", None)
    routes["GET /groups?limit=100"] = lambda *_: (200, {"items": [group()]})
    client.commands.load_groups()
    state = client.wait(lambda state: state.groups)
    assert (names(state.groups), state.groups_error) == (["Home"], "")


def test_guests_have_no_groups_to_ask_for(client: WholeClient, http_peer: HttpPeer) -> None:
    guest = {**USER, "role": "guest", "email": None, "email_confirmed": False}
    http_peer.routes["POST /auth/login"] = lambda *_: (200, {**TOKENS_OF_GUEST, "user": guest})
    http_peer.routes["POST /groups"] = lambda *_: problem(403, "account_needed", "Guests cannot do that.")
    signed_in(client).commands.load_groups()
    client.commands.create_group("Home")
    state = client.wait(lambda state: state.account_wish and not state.busy)
    assert state.account_wish == "Guests cannot do that."
    assert http_peer.times_asked("GET /groups?limit=100") == 0


TOKENS_OF_GUEST = {"access_token": "a", "refresh_token": "r", "token_type": "Bearer", "expires_in": 900}


def test_a_group_is_founded(client: WholeClient, routes: Routes) -> None:
    routes["POST /groups"] = lambda content, _: (201, group(name=content["name"]))
    signed_in(client).commands.create_group("Family")
    state = client.wait(lambda state: state.groups and not state.busy)
    assert names(state.groups) == ["Family"]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            problem(409, "too_many_groups", "You are in as many groups as a free account can be in."),
            "You are in as many groups as a free account can be in.",
        ),
        (
            problem(
                422, "invalid_input", "Please check: name.",
                errors=[{"field": "name", "message": "Please use at most 40 characters."}],
            ),
            "Please use at most 40 characters.",
        ),
    ],
    ids=["one is enough", "no such name"],
)  # fmt: skip
def test_why_there_is_no_group_is_said(client: WholeClient, routes: Routes, answer: Any, said: str) -> None:
    routes["POST /groups"] = lambda *_: answer
    signed_in(client).commands.create_group("Family")
    state = client.wait(lambda state: state.notice and not state.busy)
    assert state.notice is not None
    assert (state.notice.kind, state.notice.text, state.groups) == ("error", said, None)


def test_joining_says_where_one_is(client: WholeClient, routes: Routes) -> None:
    routes["POST /groups/join"] = lambda content, _: (200, group(name=content["token"]))
    signed_in(client).commands.join_group("Tok_en-1")
    state = client.wait(lambda state: state.notice and not state.busy)
    assert names(state.groups) == ["Tok_en-1"]
    assert state.notice is not None
    assert (state.notice.kind, state.notice.text) == ("info", "You are in Tok_en-1 now.")


@pytest.mark.parametrize(
    "answer", [(204, None), problem(404, "group_not_found")], ids=["left", "gone already"]
)
def test_leaving(client: WholeClient, routes: Routes, answer: Any) -> None:
    routes["GET /groups?limit=100"] = lambda *_: (200, {"items": [group()]})
    routes[f"POST /groups/{GROUP_ID}/leave"] = lambda *_: answer
    signed_in(client).commands.load_groups()
    client.wait(lambda state: state.groups)
    client.commands.leave_group(GROUP_ID)
    state = client.wait(lambda state: state.groups == () and not state.busy)
    assert state.notice is None


def test_who_cannot_leave_now_stays(client: WholeClient, routes: Routes) -> None:
    routes["GET /groups?limit=100"] = lambda *_: (200, {"items": [group()]})
    routes[f"POST /groups/{GROUP_ID}/leave"] = lambda *_: problem(503, "busy", "Not now.")
    signed_in(client).commands.load_groups()
    client.wait(lambda state: state.groups)
    client.commands.leave_group(GROUP_ID)
    state = client.wait(lambda state: state.notice and not state.busy)
    assert names(state.groups) == ["Home"]


def test_a_session_is_opened_for_a_group(client: WholeClient, routes: Routes) -> None:
    asked = []

    def create(content: dict[str, Any], _token: str | None) -> tuple[int, Any]:
        asked.append(content)
        return 201, snapshot(seq=0)

    routes["POST /sessions"] = create
    signed_in(client).commands.create_session("recipes", group_id=GROUP_ID)
    client.wait(lambda state: state.session and not state.busy)
    assert asked == [{"menu": "recipes", "group_id": GROUP_ID}]
