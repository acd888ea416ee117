"""Logging in through the browser: one right answer on loopback, every other end a sentence."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import parse_qs, urlsplit

import pytest

from client.net.api import ApiClient
from client.net.browser_log_in import BrowserLogIn, Grant, challenge_of
from client.net.errors import ApiError
from client.net.fields import Fields
from client.net.tokens import FileTokens
from tests.client.net.peer import PATIENCE, Answer, HttpPeer, problem

SERVER = "https://dindin.example"


class Browser:
    """What the system would start: it is given an address, and goes where the test sends it."""

    def __init__(self) -> None:
        self._sent = threading.Event()
        self.address = ""

    def open(self, address: str) -> bool:
        self.address = address
        self._sent.set()
        return True

    @property
    def asked(self) -> dict[str, str]:
        """What the app's address asks for, once it is there."""
        assert self._sent.wait(PATIENCE)
        return {name: value for name, (value,) in parse_qs(urlsplit(self.address).query).items()}

    def comes_back(self, method: str = "GET", path: str | None = None, **query: str) -> tuple[int, str]:
        """Visit the app's listener; `path` instead of the right one. Returns the status and the page."""
        return self.visit(f"{path or urlsplit(self.asked['return_to']).path}?{self._encoded(query)}", method)

    def visit(self, target: str, method: str = "GET", host: str | None = None) -> tuple[int, str]:
        """Ask the app's listener for anything."""
        answer, page = self.response(target, method, host)
        return answer.status, page

    def response(self, target: str, method: str = "GET", host: str | None = None) -> tuple[HTTPResponse, str]:
        """The whole answer to such a visit."""
        authority = urlsplit(self.asked["return_to"]).netloc
        connection = HTTPConnection(authority, timeout=PATIENCE)
        connection.request(method, target, headers={"Host": host or authority})
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        return answer, page

    @staticmethod
    def _encoded(query: dict[str, str]) -> str:
        return "&".join(f"{name}={value}" for name, value in query.items())


@pytest.fixture
def browser() -> Browser:
    return Browser()


Begin = Callable[..., Future[Grant]]


@pytest.fixture
def begin(browser: Browser) -> Iterator[Begin]:
    """Begin a log-in in a thread of its own; whatever still waits is cancelled after the test."""
    begun: list[BrowserLogIn] = []
    with ThreadPoolExecutor() as pool:

        def start(patience: float = PATIENCE, provider: str = "google") -> Future[Grant]:
            begun.append(BrowserLogIn(SERVER, provider, browser.open, patience))
            return pool.submit(begun[-1].wait)

        yield start
        for log_in in begun:
            log_in.cancel()


def refusal(waiting: Future[Grant]) -> str:
    """With which code it ended."""
    with pytest.raises(ApiError) as caught:
        waiting.result(PATIENCE)
    assert caught.value.status == 0
    assert caught.value.detail.endswith(".")
    return caught.value.code


def test_the_browser_brings_a_code_that_only_this_app_can_use(begin: Begin, browser: Browser) -> None:
    waiting = begin()
    asked = browser.asked
    assert browser.address.startswith(f"{SERVER}/api/v1/auth/oidc/google/start?")
    assert asked["return_to"].startswith("http://127.0.0.1:")
    status, page = browser.comes_back(code="a-code", state=asked["state"])
    assert (status, "You can close this window." in page) == (200, True)
    grant = waiting.result(PATIENCE)
    assert grant.code == "a-code"
    assert challenge_of(grant.verifier) == asked["challenge"]
    assert 43 <= len(grant.verifier) <= 128  # RFC 7636, section 4.1


def test_the_challenge_is_that_of_the_standard() -> None:
    # RFC 7636, appendix B.
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert challenge_of(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_no_two_log_ins_share_a_secret(begin: Begin, browser: Browser) -> None:
    begin()
    first = browser.asked
    browser._sent.clear()
    begin()
    second = browser.asked
    assert all(first[name] != second[name] for name in ("state", "challenge", "return_to"))


def test_a_providers_name_cannot_lead_elsewhere(begin: Begin, browser: Browser) -> None:
    begin(provider="../../evil?x=1")
    assert browser.asked
    assert urlsplit(browser.address).path == "/api/v1/auth/oidc/..%2F..%2Fevil%3Fx%3D1/start"


def test_whatever_else_is_asked_gets_404_and_the_answer_still_counts(begin: Begin, browser: Browser) -> None:
    waiting = begin()
    state = browser.asked["state"]
    path = urlsplit(browser.asked["return_to"]).path
    right = f"{path}?code=good&state={state}"
    strangers = [
        browser.comes_back(code="bad", state="guessed"),
        browser.comes_back(code="bad"),
        browser.comes_back(state=state),
        browser.comes_back(code="bad", error="both", state=state),
        browser.comes_back(code="bad", state="%C3%A9"),
        browser.comes_back(path="/", code="bad", state=state),
        browser.visit("/favicon.ico"),
        browser.visit(f"{right}&state={state}"),
        browser.visit(f"{right}&{'&'.join(f'n{number}=1' for number in range(20))}"),
        browser.visit(right, host="evil.example"),
    ]
    assert {status for status, _ in strangers} == {404}
    assert browser.visit(right, "POST")[0] == 501
    assert browser.visit(right)[0] == 200
    assert waiting.result(PATIENCE).code == "good"


def test_after_the_answer_nobody_listens(begin: Begin, browser: Browser) -> None:
    waiting = begin()
    browser.comes_back(code="a-code", state=browser.asked["state"])
    waiting.result(PATIENCE)
    with pytest.raises(ConnectionRefusedError):
        browser.comes_back(code="another", state=browser.asked["state"])


def test_the_page_loads_nothing_and_tells_nobody(begin: Begin, browser: Browser) -> None:
    begin()
    target = f"{urlsplit(browser.asked['return_to']).path}?code=secret&state={browser.asked['state']}"
    answer, page = browser.response(target)
    assert (answer.headers["Content-Security-Policy"] or "").startswith("default-src 'none'")
    assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
    assert (answer.headers["Server"] or "").strip() == "DinDin"
    assert "secret" not in page
    assert "://" not in page


def test_who_says_no_there_is_told_so(begin: Begin, browser: Browser) -> None:
    waiting = begin()
    status, page = browser.comes_back(error="access_denied", state=browser.asked["state"])
    assert (status, "Not logged in" in page) == (200, True)
    assert refusal(waiting) == "log_in_denied"


def test_a_failure_there_is_no_refusal(begin: Begin, browser: Browser) -> None:
    waiting = begin()
    browser.comes_back(error="server_error", state=browser.asked["state"])
    assert refusal(waiting) == "log_in_failed"


def test_a_browser_that_never_comes_back_is_not_waited_for(begin: Begin) -> None:
    assert refusal(begin(patience=0.05)) == "log_in_timed_out"


def test_an_answer_to_another_log_in_is_named(begin: Begin, browser: Browser) -> None:
    waiting = begin(patience=1.0)
    browser.comes_back(code="theirs", state="theirs")
    assert refusal(waiting) == "wrong_state"


@pytest.mark.parametrize("before", [True, False], ids=["before it begins", "while it waits"])
def test_waiting_can_be_cancelled(browser: Browser, before: bool) -> None:
    log_in = BrowserLogIn(SERVER, "google", browser.open)
    with ThreadPoolExecutor() as pool:
        if before:
            log_in.cancel()
        waiting = pool.submit(log_in.wait)
        if not before:
            assert browser.asked
            log_in.cancel()
        assert refusal(waiting) == "log_in_cancelled"


def test_without_a_browser_there_is_a_way_out() -> None:
    log_in = BrowserLogIn(SERVER, "google", lambda _: False)
    with pytest.raises(ApiError) as caught:
        log_in.wait()
    assert caught.value.code == "no_browser"
    assert "e-mail and password" in caught.value.detail


def test_without_a_port_there_is_a_way_out(monkeypatch: pytest.MonkeyPatch, browser: Browser) -> None:
    def refuse(*_: object) -> None:
        raise OSError("Address already in use")

    # A machine that has used up its ports cannot be had on purpose.
    monkeypatch.setattr("socket.socket.bind", refuse)
    with pytest.raises(ApiError) as caught:
        BrowserLogIn(SERVER, "google", browser.open).wait()
    assert caught.value.code == "no_port"
    assert browser.address == ""


def test_a_connection_that_says_nothing_holds_nobody_up(begin: Begin, browser: Browser) -> None:
    waiting = begin()
    authority = urlsplit(browser.asked["return_to"])
    with socket.create_connection((str(authority.hostname), int(authority.port or 0))):
        browser.comes_back(code="a-code", state=browser.asked["state"])
        assert waiting.result(PATIENCE).code == "a-code"


def test_the_grant_is_traded_for_tokens(http_peer: HttpPeer, tokens: FileTokens) -> None:
    user = {"id": "u1", "email": None, "email_confirmed": False, "display_name": "Ana", "tier": "free"}

    def trade(content: dict[str, object], token: str | None) -> Answer:
        if (content, token) != ({"code": "a-code", "verifier": "its-verifier"}, None):
            return problem(400, "code_not_valid")
        fresh = {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 900}
        return 200, {**fresh, "token_type": "Bearer", "user": user}

    http_peer.routes["POST /auth/oidc/token"] = trade
    api = ApiClient(http_peer.url, tokens)
    assert api.trade("a-code", "its-verifier").email is None
    kept = tokens.load()
    assert kept is not None
    assert kept.access_token == "access-2"
    api.close()


def test_a_log_in_that_ended_does_not_take_a_newer_one_with_it(
    http_peer: HttpPeer, tokens: FileTokens
) -> None:
    api = ApiClient(http_peer.url, tokens)
    fresh = {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 900}

    def refresh(_content: dict[str, object], _token: str | None) -> Answer:
        # While the server answers, another thread becomes somebody with an account.
        api.account.take(Fields(fresh, "tokens"))
        return problem(401, "unauthenticated")

    http_peer.routes["POST /auth/refresh"] = refresh
    assert api.account.renew("access-1") == "access-2"
    assert api.has_tokens()
    api.close()
