"""Log-ins through a provider that somebody tampers with: the answers, the tokens, the codes, the ways back."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import svcs

from backend.auth.oidc_flow import new_secret, s256
from backend.infra.valkey import Valkey
from tests.federated_app import RETURN_TO, App, Process, query_of
from tests.issuer import CLIENT_ID, CLIENT_SECRET, Issuer, new_key, running_issuer, sign, unsigned

pytestmark = pytest.mark.security

Claims = dict[str, Any]


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    """A provider that says what a test wants it to."""
    with running_issuer() as issuer:
        yield issuer


@pytest.fixture
def start_process(services: svcs.Container, issuer: Issuer) -> Iterator[Callable[..., Process]]:
    """Start API processes that know the provider."""
    started: list[Process] = []

    def start(**changed: Any) -> Process:
        known = {
            "oidc_issuer": issuer.url,
            "oidc_client_id": CLIENT_ID,
            "oidc_client_secret": CLIENT_SECRET,
        }
        started.append(Process(services, **{**known, **changed}))
        return started[-1]

    yield start
    for one in started:
        one.close()


@pytest.fixture
def process(start_process: Callable[..., Process]) -> Process:
    """One of them."""
    return start_process()


def outcome(app: App, issuer: Issuer, **claims: Any) -> dict[str, str]:
    """What the app hears after somebody logged in there."""
    back = app.come_back(issuer.log_in(app.start().headers["Location"], "somebody", **claims))
    assert back.headers["Location"].startswith(f"{RETURN_TO}?")
    return query_of(back)


def failed(app: App) -> dict[str, str]:
    """What the app hears where it did not work."""
    return {"error": "server_error", "state": app.state}


def unavailable(app: App) -> dict[str, str]:
    """What the app hears where the provider could not be asked."""
    return {"error": "temporarily_unavailable", "state": app.state}


def test_it_works_where_nobody_tampers(process: Process, issuer: Issuer) -> None:
    app = App(process)
    heard = outcome(app, issuer)
    assert app.redeem(heard["code"]).status_code == 200
    assert set(heard) == {"code", "state"}


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


def test_an_answer_in_another_issuers_name_is_refused(process: Process, issuer: Issuer) -> None:
    for named, good in ((issuer.url, True), ("https://evil.example", False)):
        app = App(process)
        address = issuer.log_in(app.start().headers["Location"], "somebody")
        heard = query_of(app.come_back(f"{address}&iss={named}"))
        assert ("code" in heard) is good


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


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:1/", "http://127.0.0.1:65535/a/b%20c", "http://[::1]:8080/x", "http://127.0.0.1:9"],
)
def test_the_app_is_reached_on_this_machine(process: Process, address: str) -> None:
    assert App(process).start(return_to=address).status_code == 302


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/",
        "http://evil.example:8080/",
        "//evil.example",
        "/path",
        "",
        "127.0.0.1:8080",
        "http:127.0.0.1:8080",
        "https://127.0.0.1:8080/",
        "ftp://127.0.0.1:8080/",
        "javascript://127.0.0.1:8080/%0aalert(1)",
        "dindin://127.0.0.1:8080/",
        "data:text/html,x",
        "http://127.0.0.1/",
        "http://127.0.0.1:/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:080/",
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:-1/",
        "http://127.0.0.1:\u0668\u0660\u0668\u0660/",
        "http://localhost:8080/",
        "http://127.0.0.2:8080/",
        "http://127.1:8080/",
        "http://2130706433:8080/",
        "http://0x7f.0.0.1:8080/",
        "http://0177.0.0.1:8080/",
        "http://0.0.0.0:8080/",
        "http://[::]:8080/",
        "http://[::ffff:127.0.0.1]:8080/",
        "http://[0:0:0:0:0:0:0:1]:8080/",
        "http://[::1%25lo]:8080/",
        "http://::1:8080/",
        "http://127.0.0.1.evil.example:8080/",
        "http://127.0.0.1:8080.evil.example/",
        "http://127.0.0.1:8080@evil.example/",
        "http://127.0.0.1:8080:x@evil.example/",
        "http://user@127.0.0.1:8080/",
        "http://evil.example@127.0.0.1:8080/",
        "http://evil.example#@127.0.0.1:8080/",
        "http://evil.example?@127.0.0.1:8080/",
        "http://evil.example\\@127.0.0.1:8080/",
        "http://127.0.0.1:8080\\@evil.example/",
        "http://127.0.0.1:8080\\.evil.example/",
        "http:\\\\127.0.0.1:8080/",
        "http:/127.0.0.1:8080/",
        "http:///127.0.0.1:8080/",
        "HTTP://127.0.0.1:8080/",
        " http://127.0.0.1:8080/",
        "http://127.0.0.1:8080/ ",
        "http://127.0.0.1:8080/\n",
        "http://127.0.0.1:8080/\r\nSet-Cookie: a=b",
        "http://127.0.0.1:8080/\tx",
        "http://127.0.0.1:8080/\x00",
        "http://127.0.0.1:8080/?code=mine",
        "http://127.0.0.1:8080/#fragment",
        "http://127.0.0.1:8080?x",
        'http://127.0.0.1:8080/"onload=',
        "http://127.0.0.1:8080/<script>",
        "http://127.0.0.1:8080/" + "a" * 600,
        "http://127\u30020\u30020\u30021:8080/",
        "http://\uff11\uff12\uff17.0.0.1:8080/",
    ],
)
def test_nobody_is_sent_anywhere_else(process: Process, issuer: Issuer, address: str) -> None:
    answer = App(process).start(return_to=address)
    assert (answer.status_code, answer.get_json()["code"]) == (422, "invalid_input")
    assert "return_to" in answer.get_json()["errors"][0]["field"]
    assert "Location" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert not issuer.asked


@pytest.mark.parametrize(
    "changed",
    [
        {"challenge": ""},
        {"challenge": "a" * 42},
        {"challenge": "a" * 44},
        {"challenge": "a" * 42 + "="},
        {"challenge": "a" * 43 + "\n"},
        {"state": ""},
        {"state": "a b"},
        {"state": "a\r\nb"},
        {"state": "ü"},
        {"state": "a" * 513},
        {"more": "x"},
    ],
    ids=str,
)
def test_a_start_that_is_not_as_it_should_be_is_named(process: Process, changed: dict[str, str]) -> None:
    assert App(process).start(**changed).status_code == 422


def test_the_apps_state_comes_back_as_it_was(process: Process) -> None:
    app = App(process)
    app.state = "a&b=c#d?e%20f+g"
    state = query_of(app.start())["state"]
    back = app.browser.get(f"/api/v1/auth/oidc/oidc/callback?error=access_denied&state={state}")
    assert query_of(back) == {"error": "access_denied", "state": app.state}


def test_what_a_request_calls_this_server_decides_no_address(
    start_process: Callable[..., Process], issuer: Issuer
) -> None:
    process = start_process(public_url="https://dinner.example", trusted_proxies=0)
    app = App(process)
    begun = app.browser.get(
        "/api/v1/auth/oidc/oidc/start",
        base_url="https://evil.example",
        headers={"X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"},
        query_string={"return_to": RETURN_TO, "challenge": s256(app.verifier), "state": "s"},
    )
    assert query_of(begun)["redirect_uri"] == "https://dinner.example/api/v1/auth/oidc/oidc/callback"
    assert begun.headers["Location"].startswith(f"{issuer.url}/authorize?")
    assert "evil" not in begun.headers["Location"]


def test_the_browsers_secret_is_out_of_reach_of_scripts_and_neighbours(
    start_process: Callable[..., Process],
) -> None:
    app = App(start_process(public_url="https://dinner.example"))
    begun = app.browser.get(
        "/api/v1/auth/oidc/oidc/start",
        base_url="https://dinner.example",
        query_string={"return_to": RETURN_TO, "challenge": s256(app.verifier), "state": "s"},
    )
    cookie = begun.headers["Set-Cookie"]
    assert cookie.startswith("__Host-dindin-log-in=")
    parts = {part.strip() for part in cookie.split(";")[1:]}
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=600"} <= parts
    assert not any(part.startswith("Domain") for part in parts)
    assert "no-store" in begun.headers["Cache-Control"]


@pytest.mark.parametrize("cookie", ["", "short", "x" * 43 + "!", "x" * 200])
def test_a_browsers_secret_that_we_did_not_make_is_replaced(process: Process, cookie: str) -> None:
    app = App(process)
    app.browser.set_cookie("dindin-log-in", cookie)
    app.start()
    kept = app.browser.get_cookie("dindin-log-in")
    assert kept is not None
    assert len(kept.value) == 43


def test_two_log_ins_may_be_under_way_in_one_browser(process: Process, issuer: Issuer) -> None:
    first, second = App(process), App(process)
    second.browser = first.browser
    addresses = [issuer.log_in(app.start().headers["Location"], "somebody") for app in (first, second)]
    for app, address in zip((first, second), addresses, strict=True):
        assert query_of(app.come_back(address))["state"] == app.state


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
