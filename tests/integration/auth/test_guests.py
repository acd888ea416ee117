"""Guests: in with a name only, into one session, and later a user who keeps everything (docs/product.md A3)."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import pytest
from flask_openapi3 import OpenAPI

from tests.addresses import somebody
from tests.conftest import Account

Register = Callable[..., Account]


@pytest.fixture
def enter(app: OpenAPI) -> Callable[..., Account]:
    """Get in as a guest, through the front door."""

    def enter(name: str = "Gus") -> Account:
        http = somebody(app)
        answer = http.post("/api/v1/auth/guest", json={"display_name": name})
        assert answer.status_code == 201, answer.text
        tokens = answer.get_json()
        return Account(tokens["user"]["id"], "", "", tokens, http)

    return enter


def session_of(host: Account) -> dict:
    return host.post("/sessions", {"menu": "recipes"}).get_json()


def claim(guest: Account, email: str = "") -> object:
    email = email or f"{secrets.token_hex(8)}@example.com"
    return guest.post("/auth/claim", {"email": email, "password": "a long enough one"})


def test_a_guest_needs_a_name_only(enter: Callable[..., Account]) -> None:
    guest = enter("  Gus  ")
    assert guest.get("/users/me").get_json() == {
        "id": guest.id,
        "email": None,
        "email_confirmed": False,
        "display_name": "Gus",
        "role": "guest",
        "tier": "free",
    }
    refused = guest.http.post("/api/v1/auth/guest", json={"display_name": "\u202eevil"})
    assert refused.status_code == 422


def test_a_guest_takes_part_in_a_session(enter: Callable[..., Account], register: Register) -> None:
    host, guest = register("Ada"), enter()
    session = session_of(host)
    assert guest.post("/sessions/join", {"code": session["code"]}).status_code == 200
    guest.eats(dietary=["vegan"])
    for one in (host, guest):
        one.post(f"/sessions/{session['id']}/energy", {"level": "low"})
        assert one.post(f"/sessions/{session['id']}/ready", {"ready": True}).status_code == 200
    assert host.post(f"/sessions/{session['id']}/start").status_code == 200
    cards = guest.get(f"/sessions/{session['id']}/deck").get_json()["items"]
    assert cards
    assert all("vegan" in card["dietary_tags"] for card in cards)


def test_for_a_second_session_a_guest_makes_an_account(
    enter: Callable[..., Account], register: Register
) -> None:
    guest, first, second = enter(), session_of(register("Ada")), session_of(register("Bo"))
    assert guest.post("/sessions/join", {"code": first["code"]}).status_code == 200
    guest.post(f"/sessions/{first['id']}/leave")
    refused = guest.post("/sessions/join", {"code": second["code"]})
    assert (refused.status_code, refused.get_json()["code"]) == (403, "account_needed")
    assert guest.post("/sessions/join", {"code": first["code"]}).status_code == 200  # back to the first


@pytest.mark.security
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/sessions", {"menu": "both"}),
        ("/auth/password", {"current": "x", "new": "a long enough one"}),
        ("/auth/email/confirmation", {}),
    ],
)
def test_what_needs_an_account_is_refused(enter: Callable[..., Account], path: str, body: dict) -> None:
    refused = enter().post(path, body)
    assert (refused.status_code, refused.get_json()["code"]) == (403, "account_needed")


def test_a_guest_becomes_a_user_and_keeps_everything(
    enter: Callable[..., Account], register: Register
) -> None:
    guest, session = enter(), session_of(register("Ada"))
    guest.post("/sessions/join", {"code": session["code"]})
    guest.eats(allergies=["peanuts"])
    email = f"{secrets.token_hex(8)}@example.com"
    claimed = claim(guest, email)
    assert claimed.status_code == 200
    user = Account(guest.id, email, "a long enough one", claimed.get_json(), guest.http)
    assert user.tokens["user"] | {"id": guest.id, "role": "user", "email": email} == user.tokens["user"]
    assert [one["id"] for one in user.get("/sessions").get_json()["items"]] == [session["id"]]
    assert user.get("/users/me/preferences").get_json()["allergies"] == ["peanuts"]
    assert user.get(f"/sessions/{session['id']}").get_json()["you"] == guest.id
    again = guest.http.post("/api/v1/auth/login", json={"email": email, "password": "a long enough one"})
    assert again.get_json()["user"]["id"] == guest.id


@pytest.mark.security
def test_tokens_of_before_end_with_the_guest(enter: Callable[..., Account]) -> None:
    guest = enter()
    assert claim(guest).status_code == 200
    assert guest.get("/users/me").status_code == 401


def test_only_guests_can_be_claimed(register: Register) -> None:
    ada = register("Ada")
    refused = claim(ada)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "not_a_guest")
    assert ada.get("/users/me").get_json()["email"] == ada.email


@pytest.mark.security
def test_claiming_with_a_known_address_looks_as_with_a_new_one(
    enter: Callable[..., Account], register: Register
) -> None:
    known, new = claim(enter(), register("Ada").email), claim(enter())
    assert (known.status_code, new.status_code) == (200, 200)
    assert set(known.get_json()["user"]) == set(new.get_json()["user"])
