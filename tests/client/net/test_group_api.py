"""Groups and the inbox over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from client.net.api import ApiClient
from client.net.errors import ApiError
from client.net.tokens import FileTokens
from client.net.values import Group, Member
from tests.client.net.examples import ANA, BEN, SESSION, group, live_session, notification, snapshot
from tests.client.net.peer import HttpPeer, problem
from tests.client.net.test_account_api import Asked, noting

HOME = Group(
    "65e000000000000000000001", "Home", ANA, (Member(ANA, "Ana"), Member(BEN, "Ben")),
    "https://dindin.example/g/Tok_en-1",
)  # fmt: skip


@pytest.fixture
def api(http_peer: HttpPeer, tokens: FileTokens) -> Iterator[ApiClient]:
    api = ApiClient(http_peer.url, tokens)
    yield api
    api.close()


def test_groups_are_listed_with_what_goes_on_in_them(api: ApiClient, http_peer: HttpPeer) -> None:
    busy = group(id="g2", live_session=live_session())
    http_peer.routes["GET /groups?limit=100"] = lambda *_: (200, {"items": [busy, group()]})
    first, second = api.groups()
    assert (first.id, first.live_session_id) == ("g2", SESSION)
    assert second == HOME


def test_groups_are_founded_joined_and_left(api: ApiClient, http_peer: HttpPeer) -> None:
    asked: Asked = []
    http_peer.routes |= {
        "POST /groups": noting(asked, (201, group())),
        "POST /groups/join": noting(asked, (200, group())),
        f"POST /groups/{HOME.id}/leave": noting(asked, (204, None)),
    }
    assert api.create_group("Home") == HOME
    assert api.join_group("Tok_en-1") == HOME
    api.leave_group(HOME.id)
    assert asked == [({"name": "Home"}, "access-1"), ({"token": "Tok_en-1"}, "access-1"), ({}, "access-1")]


def test_a_session_can_be_a_groups(api: ApiClient, http_peer: HttpPeer) -> None:
    asked: Asked = []
    http_peer.routes["POST /sessions"] = noting(asked, (201, snapshot()))
    api.create_session("both", group_id=HOME.id)
    api.create_session("both")
    assert [content for content, _ in asked] == [{"menu": "both", "group_id": HOME.id}, {"menu": "both"}]


def test_the_inbox_is_listed_and_read(api: ApiClient, http_peer: HttpPeer) -> None:
    seen = notification(1, read_at="2025-11-24T16:01:00.000Z")
    items = [notification(2, kind="of_a_later_server", data={}), seen]
    answer = {"items": items, "page": 1, "limit": 100, "total": 2, "has_more": False, "unread": 1}
    http_peer.routes["GET /users/me/notifications?limit=100"] = lambda *_: (200, answer)
    http_peer.routes[f"POST /users/me/notifications/{seen['id']}/read"] = lambda *_: (200, seen)
    fresh, old = api.notifications()
    assert (fresh.kind, dict(fresh.about), fresh.read) == ("of_a_later_server", {}, False)
    assert (old.about["code"], old.about["host_name"], old.read) == ("K7M2QX", "Ana", True)
    api.mark_read(old.id)
    assert http_peer.times_asked(f"POST /users/me/notifications/{seen['id']}/read") == 1


def test_what_the_server_refuses_is_said_in_its_words(api: ApiClient, http_peer: HttpPeer) -> None:
    http_peer.routes["POST /groups"] = lambda *_: problem(409, "too_many_groups", "Leave one first.")
    with pytest.raises(ApiError, match=r"^Leave one first\.$"):
        api.create_group("Home")
