"""The other doors: guests, a provider's page in the browser, forgotten passwords, and what becomes of guests."""

from __future__ import annotations

import threading
import urllib.request
from typing import Any
from urllib.error import URLError
from urllib.parse import parse_qs, urlsplit

import pytest

from client.net.values import Provider
from client.store import actions
from client.store.state import Auth
from tests.client.net.examples import SESSION, snapshot, welcome
from tests.client.net.peer import PATIENCE, Answer, Route, SocketPeer, problem
from tests.client.store.conftest import TOKENS, USER, OpenClient, WholeClient, signed_in
from tests.waiting import eventually

GUEST = {**USER, "email": None, "email_confirmed": False, "role": "guest"}
NEW = {**USER, "email_confirmed": False}
GOOGLE = Provider("google", "Google")
Routes = dict[str, Route]


@pytest.fixture
def guests(routes: Routes) -> Routes:
    """The routes, with a door for guests."""
    routes["POST /auth/guest"] = lambda *_: (201, {**TOKENS, "user": GUEST})
    return routes


def entered(client: WholeClient) -> WholeClient:
    """In as a guest."""
    client.commands.enter_as_guest("Ben")
    client.wait(lambda state: state.auth.status == "signed_in" and not state.busy)
    return client


# Guests


@pytest.mark.usefixtures("guests")
def test_a_guest_with_a_code_is_at_the_table_at_once(client: WholeClient, socket_peer: SocketPeer) -> None:
    code = snapshot()["code"]
    client.commands.enter_as_guest("Ben", code)
    socket_peer.hear()["socket"].send(welcome(seq=1))
    state = client.wait(lambda state: state.session and not state.busy)
    assert state.auth.user is not None
    assert state.auth.user.guest
    assert state.invitation == ""


def test_a_guest_whose_code_is_of_no_use_is_in_and_keeps_it(client: WholeClient, guests: Routes) -> None:
    guests["POST /sessions/join"] = lambda *_: problem(404, "unknown_code", "No session has this code now.")
    client.commands.enter_as_guest("Ben", "K7MQ4P")
    state = client.wait(lambda state: state.notice and not state.busy)
    assert state.auth.status == "signed_in"
    assert (state.notice and state.notice.text, state.invitation) == (
        "No session has this code now.",
        "K7MQ4P",
    )


@pytest.mark.parametrize("route", ["POST /sessions", "POST /sessions/join"])
def test_where_guests_may_not_go_they_are_asked_for_an_account(
    client: WholeClient, guests: Routes, route: str
) -> None:
    guests[route] = lambda *_: problem(403, "account_needed", "Guests cannot do that.")
    entered(client)
    if route.endswith("join"):
        client.commands.join_session("K7MQ4P")
    else:
        client.commands.create_session("both")
    state = client.wait(lambda state: state.account_wish is not None and not state.busy)
    assert (state.account_wish, state.notice) == ("Guests cannot do that.", None)
    client.commands.drop_account_wish()
    assert client.state.account_wish is None


def test_a_guest_becomes_a_user(client: WholeClient, guests: Routes) -> None:
    guests["POST /auth/claim"] = lambda *_: (200, {**TOKENS, "user": NEW})
    entered(client).commands.wish_account()
    assert client.state.account_wish == ""
    client.commands.claim("ben@example.com", "long enough")
    state = client.wait(lambda state: state.notice and not state.busy)
    assert state.auth.user is not None
    assert (state.auth.user.guest, state.account_wish) == (False, None)
    assert state.notice is not None
    assert "ben@example.com" in state.notice.text


def test_what_is_wrong_with_a_claim_is_said_at_its_form(client: WholeClient, guests: Routes) -> None:
    errors = [{"field": "password", "message": "Use at least 10 characters."}]
    guests["POST /auth/claim"] = lambda *_: problem(422, "invalid_input", "Please check.", errors=errors)
    entered(client).commands.wish_account()
    client.commands.claim("ben@example.com", "short")
    auth = client.wait(lambda state: state.auth.error and not state.busy).auth
    assert (auth.status, dict(auth.field_errors)) == (
        "signed_in",
        {"password": "Use at least 10 characters."},
    )
    client.commands.wish_account()
    assert (client.state.auth.error, dict(client.state.auth.field_errors)) == (None, {})


def test_a_guest_who_is_no_longer_one_has_to_log_in(client: WholeClient, guests: Routes) -> None:
    guests["POST /auth/claim"] = lambda *_: problem(401, "unauthenticated", "Your log-in has ended.")
    entered(client).commands.claim("ben@example.com", "long enough")
    state = client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert state.auth.error == "Your log-in has ended."


# Addresses and passwords


def test_a_forgotten_password_is_answered_in_the_same_words_for_everybody(
    client: WholeClient, routes: Routes
) -> None:
    routes["POST /auth/password/forgot"] = lambda *_: (202, None)
    told = []
    for email in ("ben@example.com", "nobody@example.com"):
        client.commands.forget_password(email)
        state = client.wait(lambda state: state.notice and not state.busy)
        told.append((state.notice and (state.notice.kind, state.notice.text), state.auth))
        client.commands.dismiss_notice()
    assert told[0] == told[1]
    assert told[0][0] is not None


def test_who_has_confirmed_meanwhile_is_seen_when_looking_again(client: WholeClient, routes: Routes) -> None:
    routes["POST /auth/login"] = lambda *_: (200, {**TOKENS, "user": NEW})
    assert signed_in(client).state.auth.user is not None
    client.commands.refresh_user()
    state = client.wait(lambda state: state.auth.user and state.auth.user.email_confirmed and not state.busy)
    assert state.auth.status == "signed_in"


def test_nothing_is_asked_where_nothing_is_open(client: WholeClient, http_peer: Any) -> None:
    signed_in(client).commands.refresh_user()
    client.commands.load_preferences()
    client.wait(lambda state: not state.busy)
    assert http_peer.times_asked("GET /auth/verify") == 0


def test_the_mail_can_be_asked_for_once_more(client: WholeClient, routes: Routes) -> None:
    routes["POST /auth/login"] = lambda *_: (200, {**TOKENS, "user": NEW})
    routes["POST /auth/email/confirmation"] = lambda *_: (202, None)
    signed_in(client).commands.ask_to_confirm()
    state = client.wait(lambda state: state.notice and not state.busy)
    assert state.notice is not None
    assert state.notice.kind == "info"
    assert "ben@example.com" in state.notice.text


# A provider's page


class Traveller:
    """A browser in which somebody logs in: it goes to the app's address with what the provider gave."""

    def __init__(self, **brings: str) -> None:
        self._brings = brings
        self._threads: list[threading.Thread] = []
        self.asked: dict[str, str] = {}

    def open(self, address: str) -> bool:
        self.asked = {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}
        query = "&".join(
            f"{name}={value}" for name, value in {**self._brings, "state": self.asked["state"]}.items()
        )
        thread = threading.Thread(target=self._go, args=(f"{self.asked['return_to']}?{query}",))
        self._threads.append(thread)
        thread.start()
        return True

    def arrive(self) -> None:
        for thread in self._threads:
            thread.join(PATIENCE)

    def _go(self, address: str) -> None:
        try:
            urllib.request.urlopen(address, timeout=PATIENCE).close()  # noqa: S310  (the app's own listener)
        except URLError as failure:
            pytest.fail(f"the app's listener did not answer: {failure}")


def test_a_providers_page_leads_in(open_client: OpenClient, routes: Routes) -> None:
    traded: list[dict[str, Any]] = []

    def trade(content: dict[str, Any], _token: str | None) -> Answer:
        traded.append(content)
        return 200, {**TOKENS, "user": USER}

    routes["POST /auth/oidc/token"] = trade
    browser = Traveller(code="a-code")
    client = open_client(open_browser=browser.open)
    client.commands.log_in_through(GOOGLE)
    client.wait(lambda state: state.auth.status == "signed_in" and not state.busy)
    browser.arrive()
    assert [content["code"] for content in traded] == ["a-code"]
    assert "fresh" not in browser.asked


def test_who_logs_in_again_to_prove_who_they_are_is_asked_there(
    open_client: OpenClient, routes: Routes
) -> None:
    routes["POST /auth/oidc/token"] = lambda *_: (200, {**TOKENS, "user": USER})
    browser = Traveller(code="a-code")
    client = open_client(open_browser=browser.open)
    asked: list[str | None] = []
    for log_out in (client.commands.log_out_for_proof, client.commands.log_out):
        client.commands.log_in_through(GOOGLE)
        client.wait(lambda state: state.auth.status == "signed_in" and not state.busy)
        asked.append(browser.asked.get("fresh"))
        log_out()
        client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    browser.arrive()
    client.commands.log_in_through(GOOGLE)
    client.wait(lambda state: state.auth.status == "signed_in" and not state.busy)
    browser.arrive()
    assert [*asked, browser.asked.get("fresh")] == [None, "1", None]


def test_while_the_browser_is_away_the_app_waits_and_can_stop(open_client: OpenClient) -> None:
    opened: list[str] = []
    client = open_client(open_browser=lambda address: not opened.append(address))
    client.commands.log_in_through(GOOGLE)
    client.commands.log_in_through(Provider("facebook", "Facebook"))
    eventually(lambda: opened)
    state = client.state
    assert (state.auth.status, state.auth.elsewhere) == ("signing_in", "Google")
    client.commands.cancel_log_in()
    state = client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert state.auth == Auth(status="signed_out")  # nobody is told of what they did themselves
    assert len(opened) == 1


def test_who_says_no_there_reads_a_sentence(open_client: OpenClient) -> None:
    browser = Traveller(error="access_denied")
    client = open_client(open_browser=browser.open)
    client.commands.log_in_through(GOOGLE)
    state = client.wait(lambda state: state.auth.error and not state.busy)
    browser.arrive()
    assert state.auth.error is not None
    assert "did not agree" in state.auth.error


def test_the_end_of_the_app_waits_for_no_browser(open_client: OpenClient) -> None:
    client = open_client(open_browser=lambda _: True)
    client.commands.log_in_through(GOOGLE)
    client.wait(lambda state: "log_in_through" in state.busy)
    client.commands.shutdown()
    client.wait(lambda state: not state.busy)


def test_providers_are_known_once_asked_for(client: WholeClient, routes: Routes) -> None:
    client.commands.load_providers()
    client.wait(lambda state: not state.busy)
    assert (client.state.providers, client.state.notice) == ((), None)  # this server has no such route
    routes["GET /auth/providers"] = lambda *_: (200, {"items": [{"name": "google", "label": "Google"}]})
    client.commands.load_providers()
    client.wait(lambda state: state.providers == (GOOGLE,))
    client.commands.restore()
    client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert client.state.providers == (GOOGLE,)


def test_an_invitation_waits_until_one_is_in_that_session(
    client: WholeClient, socket_peer: SocketPeer, routes: Routes
) -> None:
    routes["POST /sessions/join"] = lambda *_: (200, snapshot(seq=0, id=SESSION))
    client.store.dispatch(actions.Invited("K7MQ4P"))
    client.commands.restore()
    client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    signed_in(client)
    assert client.state.invitation == "K7MQ4P"
    client.store.dispatch(actions.Invited(snapshot()["code"]))
    client.commands.join_session(snapshot()["code"])
    socket_peer.hear()
    client.wait(lambda state: state.session and not state.busy)
    assert client.state.invitation == ""
