"""Passwords and join codes are guessed slowly, from one address or from many; people are not disturbed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from backend.config import Settings
from backend.infra.valkey import Valkey
from tests.addresses import somebody
from tests.conftest import Account

pytestmark = pytest.mark.security

LOGIN = "/api/v1/auth/login"
WRONG = "a wrong guess"


@pytest.fixture
def counts_of_everybody(valkey: Valkey, settings: Settings) -> Iterator[None]:
    """Counts over everybody start at nothing, and are forgotten for the tests that follow."""

    def forget() -> None:
        for key in valkey.scan_iter(f"*{settings.redis_prefix}limit/everybody:*"):
            valkey.delete(key)

    forget()
    yield
    forget()


def join(app: OpenAPI, guest: str, code: str) -> int:
    bearer = {"Authorization": f"Bearer {guest}"}
    return somebody(app).post("/api/v1/sessions/join", json={"code": code}, headers=bearer).status_code


def new_guest(app: OpenAPI) -> str:
    answer = somebody(app).post("/api/v1/auth/guest", json={"display_name": "Eve"})
    return str(answer.get_json()["access_token"])


def guess_password(app: OpenAPI, email: str, password: str = WRONG) -> int:
    return somebody(app).post(LOGIN, json={"email": email, "password": password}).status_code


def test_one_address_guesses_twenty_passwords_a_minute(app: OpenAPI) -> None:
    client = somebody(app)
    tried = [
        client.post(LOGIN, json={"email": f"nobody{n}@example.com", "password": "wrong"}).status_code
        for n in range(21)
    ]
    assert tried == [401] * 20 + [429]


@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_one_account_takes_ten_wrong_guesses_from_however_many_addresses(
    app: OpenAPI, register: Callable[..., Account], known: bool
) -> None:
    ada = register()
    email = ada.email if known else f"nobody.{secrets.token_hex(4)}@example.com"
    tried = [guess_password(app, email) for _ in range(11)]
    assert tried == [401] * 10 + [429]
    assert guess_password(app, email.upper()) == 429
    assert guess_password(app, register("Bo").email) == 401


def test_logging_in_often_is_no_guessing(app: OpenAPI, register: Callable[..., Account]) -> None:
    ada = register()
    assert [guess_password(app, ada.email, ada.password) for _ in range(15)] == [200] * 15


def test_registering_is_no_way_around_it(app: OpenAPI, register: Callable[..., Account]) -> None:
    ada = register()

    def attempt() -> int:
        body = {"email": ada.email, "password": secrets.token_urlsafe(12), "display_name": "Eve"}
        return somebody(app).post("/api/v1/auth/register", json=body).status_code

    assert [attempt() for _ in range(5)] == [201] * 4 + [429]


@pytest.mark.parametrize("path", ["/api/v1/auth/register", "/api/v1/auth/guest"])
def test_one_address_makes_twenty_accounts_a_minute(app: OpenAPI, path: str) -> None:
    client = somebody(app)

    def attempt() -> int:
        body = {"display_name": "Eve"}
        if path.endswith("register"):
            body |= {"email": f"{secrets.token_hex(6)}@example.com", "password": "0123456789"}
        return client.post(path, json=body).status_code

    assert [attempt() for _ in range(21)] == [201] * 20 + [429]


def test_one_user_guesses_twenty_join_codes_a_minute(register: Callable[..., Account]) -> None:
    eve = register("Eve")
    tried = [eve.post("/sessions/join", {"code": "ABC234"}).status_code for _ in range(21)]
    assert tried == [404] * 20 + [429]


def test_join_codes_are_guessed_slowly_with_many_users_at_one_address(
    app: OpenAPI, register: Callable[..., Account]
) -> None:
    address = somebody(app).environ_base["REMOTE_ADDR"]
    tried = []
    for name in ("Eve", "Mallory", "Trudy"):
        attacker = register(name)
        attacker.http.environ_base["REMOTE_ADDR"] = address
        tried += [attacker.post("/sessions/join", {"code": "ABC234"}).status_code for _ in range(8)]
    assert tried == [404] * 20 + [429] * 4


@pytest.mark.usefixtures("counts_of_everybody")
def test_a_thousand_wrong_codes_stop_those_who_guess_and_nobody_else(
    app: OpenAPI, register: Callable[..., Account]
) -> None:
    """In ten minutes, from however many addresses and users; none of these users reaches a count of their own."""
    code = register().post("/sessions", {"menu": "recipes"}).get_json()["code"]
    guests = [new_guest(app) for _ in range(60)]
    assert {join(app, guests[n % 60], "ABC234") for n in range(1000)} == {404}
    assert {join(app, guest, "ABC234") for guest in guests[:3]} == {429}

    page = somebody(app)
    assert (page.get("/j/ABC234").status_code, page.get(f"/j/{code}").status_code) == (404, 429)
    assert somebody(app).get(f"/j/{code}").status_code == 200
    assert join(app, new_guest(app), code) == 200


@pytest.mark.usefixtures("counts_of_everybody")
def test_a_thousand_wrong_passwords_stop_those_who_guess_and_nobody_else(
    app: OpenAPI, register: Callable[..., Account]
) -> None:
    ada = register()
    pages = [somebody(app) for _ in range(50)]
    wrong = {
        "token": "x",
        "password": WRONG,
    }  # no mail has such a link: cheaper than a log-in, and counted as one
    for page in pages:
        assert {page.post("/api/v1/auth/email/verify", json=wrong).status_code for _ in range(20)} == {403}

    def log_in(client: FlaskClient) -> int:
        return client.post(LOGIN, json={"email": ada.email, "password": ada.password}).status_code

    assert log_in(somebody(app)) == 200
    mistyping = somebody(app)
    assert mistyping.post(LOGIN, json={"email": ada.email, "password": WRONG}).status_code == 401
    assert log_in(mistyping) == 429


@pytest.mark.usefixtures("counts_of_everybody")
def test_junk_in_place_of_secret_tokens_disturbs_nobody(
    app: OpenAPI, register: Callable[..., Account]
) -> None:
    ada, eve = register(), somebody(app)
    junk = [
        lambda: eve.post("/api/v1/auth/refresh", json={"refresh_token": "x"}),
        lambda: eve.get("/account/reset?token=x"),
        lambda: eve.get("/api/v1/auth/oidc/nope/start"),
        lambda: eve.get("/g/x"),
    ]
    for _ in range(50):
        assert {send().status_code for send in junk} <= {401, 403, 404, 422}
    eve_logs_in = eve.post(LOGIN, json={"email": ada.email, "password": ada.password})
    assert eve_logs_in.status_code == 200
    refreshed = eve.post(
        "/api/v1/auth/refresh", json={"refresh_token": eve_logs_in.get_json()["refresh_token"]}
    )
    assert refreshed.status_code == 200


def test_one_address_knocks_at_the_socket_twelve_hundred_times_a_minute(app: OpenAPI) -> None:
    """Handshakes, which end before the upgrade here: only a real server has a connection to upgrade."""
    handshake = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    client = somebody(app)
    knocks = [client.get("/api/v1/live", headers=handshake).status_code for _ in range(1201)]
    assert set(knocks[:1200]) == {426}
    assert knocks[1200] == 429
    assert somebody(app).get("/api/v1/live", headers=handshake).status_code == 426
