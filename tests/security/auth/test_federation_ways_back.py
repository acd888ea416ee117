"""Where people are sent to log in and back: to the provider, to their own machine, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from backend.auth.oidc.flow import s256
from tests.federated_app import RETURN_TO, App, Process, query_of
from tests.issuer import Issuer

pytestmark = pytest.mark.security


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
