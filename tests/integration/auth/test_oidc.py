"""Log in through an OpenID provider: the app, a browser, and a provider of others' making."""

from __future__ import annotations

import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import httpx
import pytest
import svcs

from tests.federated_app import RETURN_TO, App, Process, query_of
from tests.waiting import eventually


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The URL of a provider that is a program of its own."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    program = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true"]
    with subprocess.Popen(
        program, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
    ) as one:
        url = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            try:
                return httpx.get(f"{url}/.well-known/openid-configuration").is_success
            except httpx.TransportError:
                return False

        try:
            eventually(answers, seconds=60)
            yield url
        finally:
            one.terminate()


@pytest.fixture
def process(services: svcs.Container, provider: str) -> Iterator[Callable[[], Process]]:
    """Start API processes that know the provider."""
    started: list[Process] = []

    def start() -> Process:
        started.append(
            Process(services, oidc_issuer=provider, oidc_client_id="dindin", oidc_client_secret="any secret")
        )
        return started[-1]

    yield start
    for one in started:
        one.close()


def somebody_at(provider: str, **claims: object) -> str:
    """Have an account there; returns its subject."""
    subject = secrets.token_hex(8)
    assert httpx.put(f"{provider}/users/{subject}", json=claims).is_success
    return subject


def log_in_there(location: str, subject: str, action: str = "") -> str:
    """Fill in the provider's form. Returns where it sends the browser."""
    form = {"action": action} if action else {"sub": subject}
    answer = httpx.post(location, data=form)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def test_nothing_is_offered_where_nothing_is_set_up(services: svcs.Container) -> None:
    bare = Process(services)
    assert bare.somebody().get("/api/v1/auth/providers").get_json() == {"items": []}
    assert App(bare).start().get_json()["code"] == "provider_not_offered"
    bare.close()


def test_what_is_set_up_is_offered(services: svcs.Container) -> None:
    both = Process(
        services,
        google_client_id="g",
        google_client_secret="s",
        facebook_client_id="f",
        facebook_client_secret="s",
    )
    assert both.somebody().get("/api/v1/auth/providers").get_json() == {
        "items": [{"name": "google", "label": "Google"}, {"name": "facebook", "label": "Facebook"}]
    }
    both.close()


def test_somebody_new_gets_an_account_and_the_same_one_the_next_time(
    process: Callable[[], Process], provider: str
) -> None:
    here = process()
    email = f"{secrets.token_hex(6)}@example.com"
    subject = somebody_at(provider, name="  Grace  Hopper ", email=email, email_verified=True)
    seen = []
    for _ in range(2):
        app = App(here)
        begun = app.start()
        assert begun.headers["Location"].startswith(f"{provider}/oauth2/authorize?")
        back = app.come_back(log_in_there(begun.headers["Location"], subject))
        assert back.headers["Location"].startswith(f"{RETURN_TO}?")
        assert query_of(back)["state"] == app.state
        answer = app.redeem(query_of(back)["code"])
        assert answer.status_code == 200, answer.text
        seen.append(answer.get_json()["user"])
        bearer = {"Authorization": f"Bearer {answer.get_json()['access_token']}"}
        assert here.somebody().get("/api/v1/auth/verify", headers=bearer).get_json()["user"] == seen[-1]
    assert seen[0] == seen[1]
    assert (seen[0]["display_name"], seen[0]["role"]) == ("Grace Hopper", "user")
    assert (seen[0]["email"], seen[0]["email_confirmed"]) == (email, True)


def test_each_step_may_come_to_another_process(process: Callable[[], Process], provider: str) -> None:
    first, second, third = process(), process(), process()
    app = App(first)
    address = log_in_there(app.start().headers["Location"], somebody_at(provider, name="Ada"))
    cookie = app.browser.get_cookie("dindin-log-in")
    assert cookie is not None
    elsewhere = second.somebody()
    elsewhere.set_cookie("dindin-log-in", cookie.value)
    back = app.come_back(address, elsewhere)
    app.process = third
    assert app.redeem(query_of(back)["code"]).get_json()["user"]["display_name"] == "Ada"


def test_an_address_that_is_not_verified_is_not_believed(
    process: Callable[[], Process], provider: str
) -> None:
    app = App(process())
    subject = somebody_at(provider, name="Mallory", email="ada@example.com")
    back = app.come_back(log_in_there(app.start().headers["Location"], subject))
    user = app.redeem(query_of(back)["code"]).get_json()["user"]
    assert (user["email"], user["email_confirmed"]) == (None, False)


@pytest.mark.parametrize("claims", [{}, {"name": "\u202e\u200b"}, {"name": "ada@example.com"}])
def test_who_gives_no_name_gets_a_friendly_one(
    process: Callable[[], Process], provider: str, claims: dict[str, object]
) -> None:
    app = App(process())
    back = app.come_back(log_in_there(app.start().headers["Location"], somebody_at(provider, **claims)))
    name = app.redeem(query_of(back)["code"]).get_json()["user"]["display_name"]
    assert re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+", name)


def test_whoever_says_no_there_is_sent_back_to_the_app(process: Callable[[], Process]) -> None:
    app = App(process())
    address = log_in_there(app.start().headers["Location"], "", action="deny")
    if "state=" not in address:  # this provider forgets it; others must not
        state = query_of(app.start())["state"]
        address = f"{urlsplit(address).path}?error=access_denied&state={state}"
    back = app.come_back(address)
    assert query_of(back) == {"error": "access_denied", "state": app.state}
