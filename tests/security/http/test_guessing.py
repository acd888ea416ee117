"""Passwords and join codes are guessed slowly, from one address or from many; people are not disturbed."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import pytest
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
def test_join_codes_are_guessed_slowly_over_all_addresses_and_users(app: OpenAPI) -> None:
    """A thousand wrong codes in ten minutes, whoever tried them: then nobody tries more."""
    guests = []

    def guess(nth: int) -> int:
        client = somebody(app)
        if nth % 20 == 0:
            guests.append(
                client.post("/api/v1/auth/guest", json={"display_name": "Eve"}).get_json()["access_token"]
            )
        bearer = {"Authorization": f"Bearer {guests[-1]}"}
        return client.post("/api/v1/sessions/join", json={"code": "ABC234"}, headers=bearer).status_code

    assert {guess(n) for n in range(1000)} == {404}
    assert guess(1000) == 429


def test_one_address_knocks_at_the_socket_twelve_hundred_times_a_minute(app: OpenAPI) -> None:
    """Handshakes, which end before the upgrade here: only a real server has a connection to upgrade."""
    handshake = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13"}
    client = somebody(app)
    knocks = [client.get("/api/v1/live", headers=handshake).status_code for _ in range(1201)]
    assert set(knocks[:1200]) == {426}
    assert knocks[1200] == 429
    assert somebody(app).get("/api/v1/live", headers=handshake).status_code == 426
