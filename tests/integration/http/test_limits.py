"""Rate limits: in Valkey, per user where one is known, and in memory while it is away."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI

from deploy.local.embedded import EmbeddedValkey
from tests.addresses import somebody

AppWith = Callable[..., OpenAPI]


def statuses(client: FlaskClient, path: str, times: int, token: str = "") -> list[int]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return [client.get(path, headers=headers).status_code for _ in range(times)]


def test_a_route_takes_as_many_requests_as_its_rate_says(app_with: AppWith) -> None:
    client = app_with().test_client()
    assert statuses(client, "/twice", 3) == [200, 200, 429]
    refused = client.get("/twice")
    body = refused.get_json()
    assert (refused.content_type, body["code"]) == ("application/problem+json", "too_many_requests")
    assert 0 < body["retry_after"] <= 61
    assert 0 < int(refused.headers["Retry-After"]) <= 61
    assert refused.headers["X-RateLimit-Limit"] == "2"
    assert refused.headers["X-RateLimit-Remaining"] == "0"


def test_retry_after_is_said_only_when_waiting_helps(app_with: AppWith) -> None:
    answer = app_with().test_client().get("/a_little")
    assert answer.headers["X-RateLimit-Remaining"]
    assert "Retry-After" not in answer.headers


def test_routes_without_a_rate_of_their_own_have_the_default(app_with: AppWith) -> None:
    assert statuses(app_with(api_rate_limit=3).test_client(), "/a_little", 4) == [200, 200, 200, 429]


def test_unlimited_routes_have_none(app_with: AppWith) -> None:
    assert set(statuses(app_with(api_rate_limit=1).test_client(), "/probe", 10)) == {200}


def test_users_are_counted_by_themselves_not_by_their_address(app_with: AppWith) -> None:
    client = app_with(api_rate_limit=2).test_client()
    assert statuses(client, "/mine", 3, token="ada") == [200, 200, 429]
    assert statuses(client, "/mine", 2, token="bo") == [200, 200]


def test_strangers_are_counted_by_address(app_with: AppWith) -> None:
    app = app_with()
    first, second = somebody(app), somebody(app)
    assert statuses(first, "/twice", 3) == [200, 200, 429]
    assert statuses(second, "/twice", 2) == [200, 200]


def test_two_processes_count_together(app_with: AppWith) -> None:
    one, other = (app_with(redis_prefix="shared-count:") for _ in range(2))
    assert statuses(one.test_client(), "/twice", 2) == [200, 200]
    assert statuses(other.test_client(), "/twice", 1) == [429]


@pytest.mark.security
def test_guessing_passwords_is_slowed_down(app: OpenAPI) -> None:
    client = somebody(app)
    guess = {"email": "nobody@example.com", "password": "a wrong guess"}
    tried = [client.post("/api/v1/auth/login", json=guess).status_code for _ in range(21)]
    assert tried == [401] * 20 + [429]


def test_a_valkey_that_hangs_does_not_hang_requests(app_with: AppWith, tmp_path: Path) -> None:
    with EmbeddedValkey(tmp_path / "data", tmp_path) as valkey:
        client = app_with(redis_url=valkey.uri, api_rate_limit=3).test_client()
        assert statuses(client, "/a_little", 1) == [200]
        os.kill(valkey.pid, signal.SIGSTOP)
        try:
            started = time.monotonic()
            assert statuses(client, "/a_little", 4) == [200, 200, 200, 429]
            assert time.monotonic() - started < 10
        finally:
            os.kill(valkey.pid, signal.SIGCONT)


def test_while_valkey_is_away_limits_are_kept_in_memory(app_with: AppWith, tmp_path: Path) -> None:
    valkey = EmbeddedValkey(tmp_path / "data", tmp_path)
    client = app_with(redis_url=valkey.start(), api_rate_limit=3).test_client()
    try:
        assert statuses(client, "/a_little", 1) == [200]
    finally:
        valkey.stop()
    assert statuses(client, "/a_little", 4) == [200, 200, 200, 429]
