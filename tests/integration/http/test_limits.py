"""Rate limits: by class, per user and per address, in Valkey, and in memory while it is away."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from prometheus_client import REGISTRY

from deploy.local.embedded import EmbeddedValkey
from tests.addresses import somebody

AppWith = Callable[..., OpenAPI]


def statuses(client: FlaskClient, path: str, times: int, token: str = "") -> list[int]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return [client.get(path, headers=headers).status_code for _ in range(times)]


def client_at(app: OpenAPI, address: str) -> FlaskClient:
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_a_class_takes_as_many_requests_as_its_rate_says(app_with: AppWith) -> None:
    client = app_with().test_client()
    before = counted("rate_limited_total", rate_class="twice", counted_by="address")
    assert statuses(client, "/twice", 5) == [200] * 4 + [429]
    refused = client.get("/twice")
    body = refused.get_json()
    assert (refused.content_type, body["code"]) == ("application/problem+json", "too_many_requests")
    assert 0 < body["retry_after"] <= 61
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["X-RateLimit-Limit"] == "4"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    assert counted("rate_limited_total", rate_class="twice", counted_by="address") == before + 2


def test_retry_after_is_said_only_when_waiting_helps(app_with: AppWith) -> None:
    answer = app_with().test_client().get("/a_little")
    assert answer.headers["X-RateLimit-Remaining"]
    assert "Retry-After" not in answer.headers


def test_the_routes_of_a_class_are_counted_together(app_with: AppWith) -> None:
    client = app_with().test_client()
    assert statuses(client, "/twice", 2) + statuses(client, "/twice_too", 3) == [200] * 4 + [429]


def test_routes_without_a_class_share_the_default(app_with: AppWith) -> None:
    client = app_with(api_rate_limit=3).test_client()
    taken = statuses(client, "/mine", 2, "ada") + statuses(client, "/mine", 2, "ada")
    assert taken == [200, 200, 200, 429]
    assert client.get("/mine", headers={"Authorization": "Bearer bo"}).headers["X-RateLimit-Limit"] == "3"


def test_people_behind_one_address_have_ten_times_as_much_together(app_with: AppWith) -> None:
    client = app_with(api_rate_limit=2).test_client()
    taken = [status for n in range(11) for status in statuses(client, "/mine", 2, f"user{n}")]
    assert taken == [200] * 20 + [429] * 2


def test_unlimited_routes_have_none(app_with: AppWith) -> None:
    assert set(statuses(app_with(api_rate_limit=1).test_client(), "/probe", 15)) == {200}


def test_a_user_is_counted_wherever_they_call_from(app_with: AppWith) -> None:
    app = app_with()
    taken = [statuses(somebody(app), "/mine_twice", 1, token="ada") for _ in range(3)]
    assert taken == [[200], [200], [429]]
    assert statuses(somebody(app), "/mine_twice", 2, token="bo") == [200, 200]


def test_strangers_are_counted_by_address(app_with: AppWith) -> None:
    app = app_with()
    first, second = somebody(app), somebody(app)
    assert statuses(first, "/twice", 5) == [200] * 4 + [429]
    assert statuses(second, "/twice", 4) == [200] * 4


def test_two_processes_count_together(app_with: AppWith) -> None:
    one, other = (app_with(redis_prefix="shared-count:") for _ in range(2))
    assert statuses(one.test_client(), "/twice", 4) == [200] * 4
    assert statuses(other.test_client(), "/twice", 1) == [429]


@pytest.mark.security
def test_an_ipv6_customer_is_one_address_whatever_its_last_half(app_with: AppWith) -> None:
    app = app_with()
    taken = [statuses(client_at(app, f"2001:db8:1:2::{n:x}"), "/twice", 1) for n in range(5)]
    assert taken == [[200]] * 4 + [[429]]
    assert statuses(client_at(app, "2001:db8:1:3::1"), "/twice", 1) == [200]


@pytest.mark.security
def test_an_ipv4_address_is_the_same_in_ipv6_clothes(app_with: AppWith) -> None:
    app = app_with()
    assert statuses(client_at(app, "203.0.113.7"), "/twice", 4) == [200] * 4
    assert statuses(client_at(app, "::ffff:203.0.113.7"), "/twice", 1) == [429]
    assert statuses(client_at(app, "::ffff:203.0.113.8"), "/twice", 1) == [200]


@pytest.mark.security
def test_a_server_that_does_not_tell_addresses_counts_all_as_one(app_with: AppWith) -> None:
    client = client_at(app_with(), "unix:")
    assert statuses(client, "/twice", 5) == [200] * 4 + [429]


@pytest.mark.security
def test_a_refused_token_counts_against_its_address(app_with: AppWith) -> None:
    client = somebody(app_with(api_rate_limit=1))
    assert statuses(client, "/mine", 11, token="nobody") == [401] * 10 + [429]


@pytest.mark.security
def test_only_wrong_guesses_count_where_they_are_counted(app_with: AppWith) -> None:
    client = somebody(app_with())
    assert statuses(client, "/guess?code=right", 10) == [200] * 10
    assert statuses(client, "/guess", 3) == [404, 404, 429]
    assert statuses(client, "/guess?code=right", 1) == [429]


@pytest.mark.security
def test_guessing_from_many_addresses_is_slow_as_well(app_with: AppWith) -> None:
    app = app_with()
    guessers = [somebody(app) for _ in range(5)]
    before = counted("rate_limited_total", rate_class="twice_wrong", counted_by="everybody")
    assert [statuses(one, "/guess", 1) for one in guessers] == [[404]] * 5
    assert [statuses(one, "/guess", 1) for one in guessers] == [[429]] * 5
    assert counted("rate_limited_total", rate_class="twice_wrong", counted_by="everybody") == before + 5


@pytest.mark.security
def test_those_who_guess_keep_out_nobody_else(app_with: AppWith) -> None:
    app = app_with()
    assert [statuses(somebody(app), "/guess", 1) for _ in range(5)] == [[404]] * 5
    newcomer = somebody(app)
    assert statuses(newcomer, "/guess?code=right", 3) == [200] * 3
    assert statuses(newcomer, "/guess", 2) == [404, 429]
    assert statuses(newcomer, "/guess?code=right", 1) == [429]


@pytest.mark.security
def test_a_user_who_guesses_does_so_from_every_address(app_with: AppWith) -> None:
    app = app_with()
    assert [statuses(somebody(app), "/guess_as_user", 1, "eve") for _ in range(6)] == [[404]] * 5 + [[429]]
    assert statuses(somebody(app), "/guess_as_user?code=right", 1, "ada") == [200]


@pytest.mark.security
def test_wrong_guesses_of_an_ipv6_site_are_counted_together(app_with: AppWith) -> None:
    app = app_with()
    tried = [statuses(client_at(app, f"2001:db8:1:{n:x}::1"), "/guess", 1) for n in range(5)]
    assert tried == [[404]] * 4 + [[429]]
    assert statuses(client_at(app, "2001:db8:2:1::1"), "/guess", 1) == [404]


@pytest.mark.security
def test_attempts_at_an_account_are_bounded_whatever_comes_of_them(app_with: AppWith) -> None:
    """Those that are under way at one moment have not failed yet."""
    app = app_with()
    body = {"email": "ada@example.com", "password": "right"}
    tried = [somebody(app).post("/open_account", json=body).status_code for _ in range(7)]
    assert tried == [200] * 6 + [429]


@pytest.mark.security
def test_asking_for_what_does_not_exist_is_counted_too(app_with: AppWith) -> None:
    client = somebody(app_with(api_rate_limit=1))
    assert statuses(client, "/nothing", 11) == [404] * 10 + [429]
    assert client.delete("/mine").status_code == 429


@pytest.mark.security
def test_whoever_was_not_let_in_has_not_guessed(app_with: AppWith) -> None:
    app = app_with()
    assert [statuses(somebody(app), "/guess_as_user", 1, "nobody") for _ in range(8)] == [[401]] * 8
    assert statuses(somebody(app), "/guess_as_user", 1, "ada") == [404]


@pytest.mark.security
@pytest.mark.parametrize("spelling", ["Ada@Example.com", " ada@example.com ", "Eve <ada@EXAMPLE.com>"])
def test_an_account_is_one_however_its_address_is_spelled(app_with: AppWith, spelling: str) -> None:
    app = app_with()

    def attempt(email: object, password: str) -> int:
        return somebody(app).post("/open_account", json={"email": email, "password": password}).status_code

    assert attempt("ada@example.com", "right") == 200
    assert [attempt(one, "wrong") for one in ("ada@example.com", spelling, spelling)] == [401, 401, 429]
    assert attempt("bo@example.com", "wrong") == 401


@pytest.mark.security
@pytest.mark.parametrize(
    "email", ["\ud800@example.com", "a\0@example.com", "@", "x" * 5000, {"$ne": 1}, None, "Ää@[::1]"]
)
def test_what_is_no_address_neither_counts_nor_breaks_the_counting(app_with: AppWith, email: object) -> None:
    app = app_with()
    client = somebody(app)
    for _ in range(3):
        answer = client.post("/open_account", json={"email": email, "password": "wrong"})
        assert answer.status_code == 401
    assert counted("rate_limit_fallback_total", rate_class="account_twice") == 0


def test_a_valkey_that_hangs_does_not_hang_requests(app_with: AppWith, tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "data", tmp_path) as valkey:
        client = app_with(redis_url=valkey.uri).test_client()
        assert statuses(client, "/twice", 1) == [200]
        os.kill(valkey.pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert statuses(client, "/twice", 5) == [200] * 4 + [429]
            assert time.monotonic() - started < 10
        finally:
            os.kill(valkey.pid, signal.SIGCONT)


def test_while_valkey_is_away_each_class_is_limited_in_memory_and_that_is_counted(
    app_with: AppWith, tmp_path: Path
) -> None:
    valkey = EmbeddedValkey(tmp_path / "data", tmp_path)
    client = app_with(redis_url=valkey.start()).test_client()
    before = counted("rate_limit_fallback_total", rate_class="twice")
    try:
        assert statuses(client, "/twice", 1) == [200]
        assert counted("rate_limit_fallback_total", rate_class="twice") == before
    finally:
        valkey.stop()
    assert statuses(client, "/twice", 5) == [200] * 4 + [429]
    assert counted("rate_limit_fallback_total", rate_class="twice") == before + 5
    assert statuses(client, "/guess", 3) == [404, 404, 429]
