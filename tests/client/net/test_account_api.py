"""Accounts over HTTP: guests and what becomes of them, forgotten passwords, devices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from client.net.api import ApiClient
from client.net.errors import ApiError
from client.net.tokens import FileTokens
from client.net.values import Device, Provider, User
from tests.client.net.peer import Answer, HttpPeer, Route, problem

GUEST = {
    "id": "u1", "email": None, "email_confirmed": False, "display_name": "Ana", "role": "guest", "tier": "free",
}  # fmt: skip
FRESH = {"access_token": "access-2", "refresh_token": "refresh-2", "token_type": "Bearer", "expires_in": 900}
Asked = list[tuple[dict[str, Any], str | None]]


@pytest.fixture
def api(http_peer: HttpPeer, tokens: FileTokens) -> Iterator[ApiClient]:
    api = ApiClient(http_peer.url, tokens)
    yield api
    api.close()


def noting(asked: Asked, answer: Answer) -> Route:
    """A route that notes what it was asked with which token."""

    def route(content: dict[str, Any], token: str | None) -> Answer:
        asked.append((content, token))
        return answer

    return route


def test_a_guest_needs_a_name_only(api: ApiClient, http_peer: HttpPeer) -> None:
    asked: Asked = []
    http_peer.routes["POST /auth/guest"] = noting(asked, (201, {**FRESH, "user": GUEST}))
    guest = api.enter_as_guest("Ana")
    assert asked == [({"display_name": "Ana"}, None)]
    assert guest == User("u1", None, "Ana", "free", role="guest", email_confirmed=False)
    assert guest.guest
    assert not guest.has_to_confirm  # there is nothing to confirm


def test_a_guest_becomes_a_user_and_stays_logged_in(
    api: ApiClient, http_peer: HttpPeer, tokens: FileTokens
) -> None:
    asked: Asked = []
    claimed = {**GUEST, "role": "user", "email": "ana@example.com"}
    http_peer.routes["POST /auth/claim"] = noting(asked, (200, {**FRESH, "user": claimed}))
    user = api.claim("ana@example.com", "long enough")
    assert asked == [({"email": "ana@example.com", "password": "long enough"}, "access-1")]
    assert (user.guest, user.has_to_confirm) == (False, True)
    kept = tokens.load()
    assert kept is not None
    assert kept.refresh_token == "refresh-2"


def test_a_role_nobody_knows_is_no_dindin_server(api: ApiClient, http_peer: HttpPeer) -> None:
    http_peer.routes["GET /auth/verify"] = lambda *_: (200, {"user": {**GUEST, "role": "king"}})
    with pytest.raises(ApiError) as caught:
        api.verify()
    assert caught.value.code == "bad_answer"


def test_providers_are_asked_for_without_a_log_in(api: ApiClient, http_peer: HttpPeer) -> None:
    asked: Asked = []
    items = [{"name": "google", "label": "Google"}, {"name": "oidc", "label": "Our own"}]
    http_peer.routes["GET /auth/providers"] = noting(asked, (200, {"items": items}))
    assert api.providers() == (Provider("google", "Google"), Provider("oidc", "Our own"))
    assert asked == [({}, None)]


def test_passwords_are_forgotten_and_changed(api: ApiClient, http_peer: HttpPeer) -> None:
    asked: Asked = []
    http_peer.routes["POST /auth/password/forgot"] = noting(asked, (202, None))
    http_peer.routes["POST /auth/password"] = noting(asked, (204, None))
    http_peer.routes["POST /auth/email/confirmation"] = noting(asked, (202, None))
    api.forget_password("ana@example.com")
    api.change_password("as it was", "as it shall be")
    api.ask_to_confirm()
    assert asked == [
        ({"email": "ana@example.com"}, None),
        ({"current": "as it was", "new": "as it shall be"}, "access-1"),
        ({}, "access-1"),
    ]


def test_devices_are_listed_and_logged_out(api: ApiClient, http_peer: HttpPeer) -> None:
    device = {
        "id": "d1", "name": "DinDin", "logged_in_at": "2026-05-09T19:00:00.000Z",
        "last_used_at": "2026-05-09T19:00:01.500Z", "current": True,
    }  # fmt: skip
    http_peer.routes["GET /users/me/devices"] = lambda *_: (200, {"items": [device]})
    http_peer.routes["DELETE /users/me/devices/d1"] = lambda *_: (204, None)
    assert api.devices() == (Device("d1", "DinDin", 1778353200.0, 1778353201.5, current=True),)
    api.log_out_device("d1")
    assert http_peer.times_asked("DELETE /users/me/devices/d1") == 1


def test_logging_out_everywhere_ends_this_log_in_too_unless_the_server_is_away(
    api: ApiClient, http_peer: HttpPeer, tokens: FileTokens
) -> None:
    http_peer.routes["POST /auth/logout-all"] = lambda *_: problem(503, "busy")
    with pytest.raises(ApiError):
        api.log_out_everywhere()
    assert tokens.load() is not None
    http_peer.routes["POST /auth/logout-all"] = lambda *_: (204, None)
    api.log_out_everywhere()
    assert (tokens.load(), api.has_tokens()) == (None, False)
