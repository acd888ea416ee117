"""Providers whose answers and tokens somebody tampers with."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from backend.auth.accounts import FRESH_LOG_IN
from tests.federated_app import App, Process, failed, outcome, query_of, unavailable
from tests.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, new_key, sign, unsigned

pytestmark = pytest.mark.security

Claims = dict[str, Any]


def test_it_works_where_nobody_tampers(process: Process, issuer: Issuer) -> None:
    app = App(process)
    heard = outcome(app, issuer)
    assert app.redeem(heard["code"]).status_code == 200
    assert set(heard) == {"code", "state"}


@pytest.mark.parametrize(
    ("auth_time_at", "fresh"),
    [
        (lambda _: None, True),
        (lambda now: now, True),
        (lambda now: now - 3600, False),
        # What cannot be a time is none that would help.
        (lambda _: -1, False),
        (lambda _: 10**30, False),
        (lambda _: "", False),
    ],
)
def test_when_they_were_asked_there_is_what_counts(
    process: Process, issuer: Issuer, auth_time_at: Callable[[float], object], fresh: bool
) -> None:
    app = App(process)
    heard = outcome(app, issuer, auth_time=auth_time_at(time.time()))
    caller = process.auth.identify(app.redeem(heard["code"]).get_json()["access_token"])
    proved_at = process.auth.proved_at(caller)
    assert proved_at is not None
    assert (process.clock.now() - proved_at < FRESH_LOG_IN) is fresh


@pytest.mark.parametrize(("asked", "max_age"), [({}, None), ({"fresh": "1"}, "600")])
def test_who_must_prove_it_once_more_is_not_just_remembered_there(
    process: Process, asked: dict[str, str], max_age: str | None
) -> None:
    assert query_of(App(process).start(**asked)).get("max_age") == max_age


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://accounts.google.com"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": ["another-client"]},
        {"aud": [CLIENT_ID, "another-client"]},
        {"aud": None},
        {"aud": []},
        {"azp": "another-client"},
        {"aud": [CLIENT_ID, "another-client"], "azp": "another-client"},
        {"nonce": "another"},
        {"nonce": None},
        {"nonce": ["x"]},
        {"exp": 1_000_000_000},
        {"exp": None},
        {"exp": "never"},
        {"iat": 9_999_999_999},
        {"iat": None},
        {"nbf": 9_999_999_999},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "s" * 300},
        {"at_hash": "AAAA"},
    ],
    ids=str,
)
def test_a_claim_that_is_wrong_or_missing_lets_nobody_in(
    process: Process, issuer: Issuer, wrong: Claims
) -> None:
    app = App(process)
    assert outcome(app, issuer, **wrong) == failed(app)


def test_clocks_may_differ_by_some_seconds_and_no_more(process: Process, issuer: Issuer) -> None:
    for late, good in ((5, True), (15, False)):
        assert ("code" in outcome(App(process), issuer, exp=int(time.time()) - late)) is good


def test_several_audiences_are_fine_for_the_party_that_is_authorized(
    process: Process, issuer: Issuer
) -> None:
    app = App(process)
    assert "code" in outcome(app, issuer, aud=[CLIENT_ID, "another"], azp=CLIENT_ID)


def hmac_signed(claims: Claims, secret: bytes, kid: str) -> str:
    """A token signed with a shared secret."""
    parts = (json.dumps({"alg": "HS256", "kid": kid}).encode(), json.dumps(claims).encode())
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    seal = base64.urlsafe_b64encode(hmac.digest(secret, text, "sha256")).rstrip(b"=")
    return (text + b"." + seal).decode()


def test_only_a_published_key_signs(process: Process, issuer: Issuer) -> None:
    public = issuer.key.as_pem(private=False)
    foreign = new_key("first")
    for make in (
        unsigned,
        lambda claims: hmac_signed(claims, public, "first"),
        lambda claims: hmac_signed(claims, CLIENT_SECRET.encode(), "first"),
        lambda claims: sign(claims, foreign),
        lambda claims: sign(claims, foreign, jwk=foreign.as_dict(private=False)),
        lambda claims: sign(claims, issuer.key, kid="unknown"),
        lambda claims: sign(claims, issuer.key)[:-4] + "AAAA",
        lambda _claims: "",
        lambda _claims: None,
        lambda _claims: {"alg": "none"},
    ):
        issuer.make_token = make  # type: ignore[assignment]  # some are no tokens at all
        app = App(process)
        assert outcome(app, issuer) == failed(app)


def test_a_token_of_another_log_in_is_refused(process: Process, issuer: Issuer) -> None:
    made: list[str] = []
    issuer.make_token = lambda claims: made.append(sign(claims, issuer.key)) or made[0]
    first, second = App(process), App(process)
    assert "code" in outcome(first, issuer)
    assert outcome(second, issuer) == failed(second)


def test_an_answer_in_another_issuers_name_is_refused(process: Process, issuer: Issuer) -> None:
    for named, good in ((issuer.url, True), ("https://evil.example", False)):
        app = App(process)
        address = issuer.log_in(app.start().headers["Location"], "somebody")
        heard = query_of(app.come_back(f"{address}&iss={named}"))
        assert ("code" in heard) is good


def test_what_a_provider_says_of_an_error_is_not_passed_on(process: Process) -> None:
    for error, heard in (
        ("access_denied", "access_denied"),
        ("server_error", "server_error"),
        ("<script>alert(1)</script>", "server_error"),
        ("x&code=stolen", "server_error"),
    ):
        app = App(process)
        state = query_of(app.start())["state"]
        back = app.browser.get(
            "/api/v1/auth/oidc/oidc/callback",
            query_string={"error": error, "error_description": "secret", "state": state},
        )
        assert query_of(back) == {"error": heard, "state": app.state}


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://evil.example/token"},
        {"token_endpoint": None},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": ["https://a.example"]},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://user@evil.example/"},
        {"authorization_endpoint": "https://evil.example/#x"},
    ],
    ids=str,
)
def test_a_provider_that_describes_itself_oddly_is_not_used(
    process: Process, issuer: Issuer, said: Claims
) -> None:
    issuer.discovery = said
    app = App(process)
    assert query_of(app.start()) == unavailable(app)


def test_redirects_of_a_provider_are_not_followed(process: Process, issuer: Issuer) -> None:
    issuer.moved["/.well-known/openid-configuration"] = f"{issuer.url}/elsewhere"
    app = App(process)
    assert query_of(app.start()) == unavailable(app)
    assert issuer.asked["/elsewhere"] == 0


@pytest.mark.parametrize("path", ["/token", "/.well-known/jwks.json"])
def test_a_provider_that_fails_half_way_is_told_apart_from_a_refusal(
    process: Process, issuer: Issuer, path: str
) -> None:
    issuer.broken.add(path)
    app = App(process)
    assert outcome(app, issuer) == unavailable(app)


def test_a_provider_that_talks_without_end_is_hung_up_on(process: Process, issuer: Issuer) -> None:
    issuer.discovery = {"padding": "x" * 300_000}
    app = App(process)
    assert query_of(app.start()) == unavailable(app)


def test_a_code_that_the_provider_did_not_give_is_refused_by_it(process: Process, issuer: Issuer) -> None:
    app = App(process)
    state = query_of(app.start())["state"]
    back = app.browser.get(f"/api/v1/auth/oidc/oidc/callback?code=made-up&state={state}")
    assert query_of(back) == failed(app)
    assert len(issuer.token_requests) == 1
    assert CLIENT_SECRET not in str(issuer.token_requests), (
        "it goes into the header here, never into an address"
    )


def test_a_provider_that_takes_the_secret_in_the_form_only_gets_it_there(
    process: Process, issuer: Issuer
) -> None:
    issuer.discovery = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    app = App(process)
    assert outcome(app, issuer) == failed(app), "this one insists on the header"
    assert issuer.token_requests[0]["client_secret"] == CLIENT_SECRET
    assert issuer.token_requests[0]["client_id"] == CLIENT_ID
