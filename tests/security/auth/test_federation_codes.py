"""Log-ins through a provider that somebody else wants to finish: states, browsers, one-time codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from backend.auth.oidc.flow import new_secret, s256
from backend.infra.valkey import Valkey
from tests.federated_app import App, Process, outcome, query_of
from tests.issuer import CLIENT_ID, Issuer

pytestmark = pytest.mark.security

Claims = dict[str, Any]


def test_every_secret_of_a_log_in_is_fresh_and_none_is_shown(process: Process, issuer: Issuer) -> None:
    seen = []
    for _ in range(2):
        app = App(process)
        asked = parse_qs(urlsplit(app.start().headers["Location"]).query)
        assert asked["response_type"] == ["code"]
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["client_id"] == [CLIENT_ID]
        assert "client_secret" not in asked
        assert app.state not in asked["state"]
        seen += [asked[name][0] for name in ("state", "nonce", "code_challenge")]
    assert len(set(seen)) == 6
    assert all(len(secret) >= 43 for secret in seen)
    assert issuer.token_requests == []


def test_a_log_in_is_finished_by_the_browser_that_began_it_only(process: Process, issuer: Issuer) -> None:
    app, thief = App(process), App(process)
    address = issuer.log_in(app.start().headers["Location"], "somebody")
    thief.start()
    for browser in (process.somebody(), thief.browser):
        refused = app.come_back(address, browser)
        assert (refused.status_code, refused.get_json()["code"]) == (403, "log_in_expired")
        assert "Location" not in refused.headers
    assert issuer.token_requests == [], "the provider is not even asked"


def test_a_log_in_is_finished_once(process: Process, issuer: Issuer) -> None:
    app = App(process)
    address = issuer.log_in(app.start().headers["Location"], "somebody")
    assert "code" in query_of(app.come_back(address))
    again = app.come_back(address)
    assert (again.status_code, again.get_json()["code"]) == (403, "log_in_expired")


def test_a_log_in_does_not_wait_for_ever(process: Process, issuer: Issuer, valkey: Valkey) -> None:
    app = App(process)
    address = issuer.log_in(app.start().headers["Location"], "somebody")
    flows = list(valkey.scan_iter(f"{process.settings.redis_prefix}oidc:flow:*"))
    state = parse_qs(urlsplit(address).query)["state"][0]
    assert all(0 < valkey.ttl(flow) <= 600 for flow in flows)
    assert not any(state.encode() in flow for flow in flows), "who reads the keys cannot finish"
    valkey.delete(*flows)
    assert app.come_back(address).status_code == 403


def test_a_log_in_through_one_provider_is_not_finished_as_anothers(
    start_process: Callable[..., Process], issuer: Issuer
) -> None:
    process = start_process(google_client_id="g", google_client_secret="s")
    app = App(process)
    address = issuer.log_in(app.start().headers["Location"], "somebody")
    refused = app.come_back(address.replace("/oidc/oidc/", "/oidc/google/"))
    assert refused.get_json()["code"] == "log_in_expired"


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "code=",
        "state=x",
        "code=x",
        "error=access_denied",
        "state=%00&code=%00",
        "code=x&state=" + "y" * 4000,
    ],
)
def test_an_answer_that_belongs_to_nothing_ends_on_a_friendly_page(process: Process, answer: str) -> None:
    path = f"/api/v1/auth/oidc/oidc/callback?{answer}"
    browser = process.somebody()
    for accepts, kind in (("text/html,*/*;q=0.8", "text/html"), ("*/*", "application/problem+json")):
        refused = browser.get(path, headers={"Accept": accepts})
        assert refused.status_code == 403
        assert refused.content_type.startswith(kind)
        assert "once more" in refused.text
        assert "Traceback" not in refused.text
        assert refused.headers["Cache-Control"] == "no-store"


def test_a_one_time_code_is_good_once(process: Process, issuer: Issuer) -> None:
    app = App(process)
    code = outcome(app, issuer)["code"]
    assert app.redeem(code).status_code == 200
    again = app.redeem(code)
    assert (again.status_code, again.get_json()["code"]) == (401, "code_not_valid")


def test_a_stolen_code_is_worth_nothing_without_the_verifier_and_trying_spoils_it(
    process: Process, issuer: Issuer
) -> None:
    app = App(process)
    code = outcome(app, issuer)["code"]
    assert app.redeem(code, new_secret()).get_json()["code"] == "code_not_valid"
    assert app.redeem(code).get_json()["code"] == "code_not_valid"


def test_the_challenge_is_no_verifier(process: Process, issuer: Issuer) -> None:
    app = App(process)
    assert app.redeem(outcome(app, issuer)["code"], s256(app.verifier)).status_code == 401


def test_a_one_time_code_lives_a_minute_and_its_key_does_not_tell_it(
    process: Process, issuer: Issuer, valkey: Valkey
) -> None:
    app = App(process)
    code = outcome(app, issuer)["code"]
    keys = list(valkey.scan_iter(f"{process.settings.redis_prefix}oidc:code:*"))
    assert keys
    assert all(0 < valkey.ttl(key) <= 60 and code.encode() not in key for key in keys)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"code": "x"},
        {"code": "x", "verifier": "short"},
        {"code": "x", "verifier": "v" * 129},
        {"code": "x", "verifier": "v" * 43 + "\n"},
        {"code": {"$ne": ""}, "verifier": "v" * 43},
        {"code": "x" * 129, "verifier": "v" * 43},
        {"code": "x", "verifier": "v" * 43, "more": 1},
    ],
    ids=str,
)
def test_an_exchange_that_is_not_as_it_should_be_is_named(process: Process, body: Claims) -> None:
    answer = process.somebody().post("/api/v1/auth/oidc/token", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")


def test_two_log_ins_may_be_under_way_in_one_browser(process: Process, issuer: Issuer) -> None:
    first, second = App(process), App(process)
    second.browser = first.browser
    addresses = [issuer.log_in(app.start().headers["Location"], "somebody") for app in (first, second)]
    for app, address in zip((first, second), addresses, strict=True):
        assert query_of(app.come_back(address))["state"] == app.state
