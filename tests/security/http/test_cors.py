"""Pages from elsewhere: who may read answers, and what they may send."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.security

OURS = "https://app.example"
EVIL = [
    "https://evil.example",
    "null",
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.evil.example",
    "https://evilapp.example",
    "https://app.example@evil.example",
    "https://app-example",
    "https://appxexample",
    "https://APP.example.evil",
    "https://app.example%00.evil.example",
    "https://app.example,https://evil.example",
    "*",
    "file://",
]
NAMED = {"authorization", "content-type", "api-version", "idempotency-key", "if-match", "if-none-match"}


def preflight(client: FlaskClient, origin: str, method: str, headers: str = "") -> dict[str, str]:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    answer = client.options(
        "/api/v1/users/me",
        headers={**asked, **({"Access-Control-Request-Headers": headers} if headers else {})},
    )
    return {key.lower(): value for key, value in answer.headers.items()}


@pytest.mark.parametrize("origin", EVIL)
def test_other_origins_learn_nothing(client: FlaskClient, origin: str) -> None:
    answers = [
        {
            key.lower(): value
            for key, value in client.get("/health/live", headers={"Origin": origin}).headers.items()
        },
        preflight(client, origin, "PUT", "authorization"),
    ]
    for headers in answers:
        assert [name for name in headers if name.startswith("access-control-")] == []
        assert "origin" in headers["vary"].lower()


def test_our_origin_may_send_these_methods_and_headers_and_no_others(client: FlaskClient) -> None:
    headers = preflight(
        client, OURS, "DELETE", "authorization, x-evil, cookie, x-http-method-override, if-match"
    )
    assert headers["access-control-allow-origin"] == OURS
    assert headers["access-control-allow-credentials"] == "true"
    methods = {method.strip() for method in headers["access-control-allow-methods"].split(",")}
    assert methods == {"GET", "POST", "PUT", "PATCH", "DELETE"}
    allowed = {name.strip().lower() for name in headers["access-control-allow-headers"].split(",")}
    assert allowed <= NAMED
    assert {"authorization", "if-match"} <= allowed
    assert not allowed & {"x-evil", "cookie", "x-http-method-override"}


def test_all_named_headers_may_be_sent(client: FlaskClient) -> None:
    headers = preflight(client, OURS, "POST", ", ".join(sorted(NAMED)))
    assert {name.strip().lower() for name in headers["access-control-allow-headers"].split(",")} == NAMED


def test_no_answer_allows_everybody(client: FlaskClient) -> None:
    for path in ("/", "/health", "/api/openapi.json", "/api/v1/auth/providers", "/nothing"):
        answer = client.get(path, headers={"Origin": OURS})
        assert answer.headers["Access-Control-Allow-Origin"] == OURS


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "PROPFIND", "HEAD", "X"])
def test_other_methods_change_nothing(client: FlaskClient, method: str) -> None:
    answer = client.open("/api/v1/auth/login", method=method, json=None if method == "HEAD" else {})
    assert answer.status_code == 405
