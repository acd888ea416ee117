"""What every answer carries: versions, ids, security headers, CORS; and what is compressed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

import pytest
import structlog
from flask.testing import FlaskClient
from flask_openapi3 import OpenAPI
from prometheus_client import REGISTRY

from tests.conftest import Account

AppWith = Callable[..., OpenAPI]
GOOD, EVIL = {"Origin": "https://app.example"}, {"Origin": "https://evil.example"}
PREFLIGHT = {
    "Access-Control-Request-Method": "PUT",
    "Access-Control-Request-Headers": "authorization, content-type",
}


@pytest.mark.parametrize("path", ["/", "/health/live", "/api/v1/users/me", "/nothing"])
def test_every_answer_names_version_and_request(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    assert headers["API-Version"] == "v1"
    assert len(headers["X-Request-ID"]) == 32


@pytest.mark.parametrize(
    "given",
    [
        "friday-dinner_0042",
        "01KBS5T0V1W2X3Y4Z5A6B7C8D9",  # a ULID
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301".replace("-", ""),  # as nginx's $request_id
    ],
)
def test_a_request_id_given_is_kept(client: FlaskClient, given: str) -> None:
    answer = client.get("/nothing", headers={"X-Request-ID": given})
    assert answer.headers["X-Request-ID"] == answer.get_json()["request_id"] == given


@pytest.mark.security
def test_only_what_is_a_session_is_logged_as_one(register: Callable[..., Account]) -> None:
    ada, bo = register("Ada"), register("Bo")
    mine = ada.post("/sessions", {"menu": "both"}).get_json()["id"]
    for named, status, logged in ((bo.id, 404, None), (mine, 409, mine)):
        assert ada.post(f"/sessions/{named}/toss").status_code == status
        assert structlog.contextvars.get_contextvars().get("session_id") == logged


@pytest.mark.parametrize("version", ["v2", "1", "latest"])
def test_another_version_by_header_is_refused(client: FlaskClient, version: str) -> None:
    answer = client.get("/health/live", headers={"API-Version": version})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "unsupported_version")


def test_another_version_in_the_path_is_refused(client: FlaskClient) -> None:
    answer = client.get("/api/v2/recipes")
    assert (answer.status_code, answer.get_json()["code"]) == (400, "unsupported_version")


def test_the_version_that_exists_may_be_named(client: FlaskClient) -> None:
    assert client.get("/health/live", headers={"API-Version": "v1"}).status_code == 200


@pytest.mark.security
@pytest.mark.parametrize("path", ["/", "/health/live", "/nothing", "/j/ABC234"])
def test_security_headers(client: FlaskClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    for rule in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"):
        assert rule in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Permissions-Policy"] == "geolocation=(), camera=(), microphone=()"


@pytest.mark.security
def test_behind_https_plain_http_is_sent_away_except_for_probes(app_with: AppWith) -> None:
    client = app_with(public_url="https://dindin.example").test_client()
    answer = client.get("/a_little")
    assert (answer.status_code, answer.headers["Location"]) == (302, "https://localhost/a_little")
    assert client.get("/probe").status_code == 200
    secure = client.get("/a_little", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def counted_as_one(client: FlaskClient, *forwarded: str) -> bool:
    """Whether requests that say these things of where they come from are all counted for one address."""
    for _ in range(4):
        assert client.get("/twice", headers={"X-Forwarded-For": forwarded[0]}).status_code == 200
    rest = [client.get("/twice", headers={"X-Forwarded-For": said}).status_code for said in forwarded[1:]]
    assert set(rest) in ({429}, {200})
    return set(rest) == {429}


@pytest.mark.security
@pytest.mark.parametrize(
    ("hops", "forwarded", "same"),
    [
        (0, ["6.6.6.6", "7.7.7.7", "8.8.8.8, 9.9.9.9", "", "127.0.0.1"], True),
        (1, ["203.0.113.9", "6.6.6.6, 203.0.113.9", "7.7.7.7, 8.8.8.8, 203.0.113.9", ", 203.0.113.9"], True),
        (1, ["203.0.113.9", "203.0.113.10", "203.0.113.9, 203.0.113.11"], False),
        (2, ["203.0.113.9, 10.0.0.1", "6.6.6.6, 203.0.113.9, 10.0.0.1", "x, y, 203.0.113.9, 10.0.0.2"], True),
        (
            2,
            ["203.0.113.9, 10.0.0.1", "203.0.113.10, 10.0.0.1", "203.0.113.9, 203.0.113.12, 10.0.0.1"],
            False,
        ),
        # One proxy is missing: nobody is believed, and all who come that way are counted as one.
        (2, ["6.6.6.6", "7.7.7.7", "203.0.113.9"], True),
    ],
)
def test_the_client_address_is_what_the_trusted_proxies_say_and_nothing_else(
    app_with: AppWith, hops: int, forwarded: list[str], same: bool
) -> None:
    client = app_with(trusted_proxies=hops).test_client()
    assert counted_as_one(client, *forwarded) is same


@pytest.mark.security
@pytest.mark.parametrize(
    "header", ["Forwarded", "X-Real-IP", "Client-IP", "True-Client-IP", "CF-Connecting-IP"]
)
def test_other_headers_say_nothing_about_the_address(app_with: AppWith, header: str) -> None:
    client = app_with(trusted_proxies=1).test_client()
    said = [{header: f"for=203.0.113.{n}" if header == "Forwarded" else f"203.0.113.{n}"} for n in range(5)]
    assert [client.get("/twice", headers=one).status_code for one in said] == [200] * 4 + [429]


@pytest.mark.security
def test_a_known_origin_may_read_answers(client: FlaskClient) -> None:
    headers = client.get("/health/live", headers=GOOD).headers
    assert headers["Access-Control-Allow-Origin"] == "https://app.example"
    assert "Origin" in headers["Vary"]
    assert "X-Request-ID" in headers["Access-Control-Expose-Headers"]


@pytest.mark.security
@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://app.example",
        "https://app.example.evil.example",
        "null",
        "https://APP.example.org",
    ],
)
def test_other_origins_may_not(client: FlaskClient, origin: str) -> None:
    for answer in (
        client.get("/health/live", headers={"Origin": origin}),
        client.options("/api/v1/users/me", headers={"Origin": origin, **PREFLIGHT}),
    ):
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Access-Control-Allow-Methods" not in answer.headers


@pytest.mark.security
def test_without_allowed_origins_no_origin_is_allowed(app_with: AppWith) -> None:
    answer = app_with(allowed_origins=()).test_client().get("/a_little", headers=EVIL)
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_preflight_needs_no_token(client: FlaskClient) -> None:
    answer = client.options("/api/v1/users/me/preferences", headers={**GOOD, **PREFLIGHT})
    assert answer.status_code == 200
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"].lower()


def test_answers_over_a_kibibyte_are_compressed(app_with: AppWith) -> None:
    answer = app_with().test_client().get("/plenty", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert json.loads(gzip.decompress(answer.data))["text"].startswith("dinner")


@pytest.mark.parametrize("path", ["/a_little", "/tokens"], ids=["small", "with tokens"])
def test_small_answers_and_those_with_tokens_are_not(app_with: AppWith, path: str) -> None:
    answer = app_with().test_client().get(path, headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert answer.get_json()


def test_nobody_gets_compression_they_did_not_ask_for(app_with: AppWith) -> None:
    assert "Content-Encoding" not in app_with().test_client().get("/plenty").headers


@pytest.mark.security
def test_tokens_are_kept_by_no_cache(register: Callable[..., Account]) -> None:
    ada = register()
    answer = ada.post("/auth/login", {"email": ada.email, "password": ada.password})
    assert answer.headers["Cache-Control"] == "no-store, no-transform"
    assert ada.get("/auth/verify").headers["Cache-Control"] == "no-store"


@pytest.mark.security
def test_methods_that_callers_make_up_are_one_to_the_metrics(app_with: AppWith) -> None:
    def counters() -> dict[str, float]:
        return {
            sample.labels["method"]: sample.value
            for metric in REGISTRY.collect()
            for sample in metric.samples
            if sample.name == "http_requests_total" and sample.labels["endpoint"] == "unknown"
        }

    client, before = app_with().test_client(), counters()
    for n in range(30):
        assert client.open("/a_little", method=f"MADEUP{n}").status_code == 405
    added = {method: amount - before.get(method, 0) for method, amount in counters().items()}
    assert {method: amount for method, amount in added.items() if amount} == {"other": 30}
