"""HTTP: typed answers, every failure a sentence, one refresh however many threads need it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from client.net.account import Account
from client.net.api import ApiClient
from client.net.errors import ApiError
from client.net.tokens import FileTokens, Tokens
from client.net.transport import HttpTransport
from client.net.values import Location, Preferences
from tests.client.net.examples import CARD, snapshot
from tests.client.net.peer import Answer, HttpPeer, problem

USER = {"id": "u1", "email": "ana@example.com", "display_name": "Ana", "tier": "free"}
FRESH = {"access_token": "access-2", "refresh_token": "refresh-2", "token_type": "Bearer", "expires_in": 900}


@pytest.fixture
def api(http_peer: HttpPeer, tokens: FileTokens) -> Iterator[ApiClient]:
    api = ApiClient(http_peer.url, tokens)
    yield api
    api.close()


def test_registering_signs_in_and_keeps_the_tokens(
    api: ApiClient, http_peer: HttpPeer, tokens: FileTokens
) -> None:
    received = []

    def register(content: dict[str, object], token: str | None) -> Answer:
        received.append((content, token))
        return 201, {**FRESH, "user": USER}

    http_peer.routes["POST /auth/register"] = register
    user = api.register("ana@example.com", "long enough", "Ana")
    assert (user.id, user.tier) == ("u1", "free")
    content = {"email": "ana@example.com", "password": "long enough", "display_name": "Ana"}
    assert received == [(content, None)]
    kept = tokens.load()
    assert kept is not None
    assert kept.access_token == "access-2"
    assert kept.expires_at == pytest.approx(time.time() + 900, abs=30)


def test_answers_become_values(api: ApiClient, http_peer: HttpPeer) -> None:
    http_peer.routes |= {
        "POST /sessions": lambda content, _: (
            201,
            snapshot(menu=content["menu"], deck_size=content["deck_size"]),
        ),
        "POST /sessions/join": lambda content, _: (200, snapshot(code=content["code"])),
        "GET /sessions/s1": lambda *_: (200, snapshot(id="s1")),
        "GET /sessions/s1/deck": lambda *_: (200, {"round": 1, "items": [CARD], "swiped": [CARD["id"]]}),
        "GET /auth/verify": lambda *_: (200, {"user": USER}),
    }
    created = api.create_session("recipes", [60], deck_size=7)
    assert (created.menu, created.deck_size) == ("recipes", 7)
    assert api.join_session("ABC234").code == "ABC234"
    assert api.session("s1").id == "s1"
    deck = api.deck("s1")
    assert (deck.items[0].title, deck.swiped) == ("Shakshuka", frozenset({CARD["id"]}))
    assert api.verify().display_name == "Ana"


def test_preferences_go_there_and_back(api: ApiClient, http_peer: HttpPeer) -> None:
    http_peer.routes["PUT /users/me/preferences"] = lambda content, _: (200, content)
    http_peer.routes["GET /users/me/preferences"] = lambda *_: (200, {"max_price": None})
    wanted = Preferences(("vegan",), ("nuts",), ("thai",), (), 2, Location(33.7, -84.4))
    assert api.save_preferences(wanted) == wanted
    assert api.preferences() == Preferences()


def test_what_one_does_in_a_session_is_sent(api: ApiClient, http_peer: HttpPeer) -> None:
    sent = {}
    for action in ("energy", "ready", "start", "swipes", "leave"):
        http_peer.routes[f"POST /sessions/s1/{action}"] = lambda content, _, name=action: (
            200,
            sent.setdefault(name, content),
        )
    api.vote_energy("s1", "low")
    api.set_ready("s1", ready=True)
    api.start("s1")
    api.swipe("s1", "01OP", "c1", "up")
    api.leave("s1")
    assert sent == {
        "energy": {"level": "low"},
        "ready": {"ready": True},
        "start": {},
        "swipes": {"op_id": "01OP", "item_id": "c1", "direction": "up"},
        "leave": {},
    }


def test_a_problem_keeps_its_code_sentence_fields_and_wait(api: ApiClient, http_peer: HttpPeer) -> None:
    errors = [{"field": "password", "message": "Use at least 10 characters."}]
    http_peer.routes["POST /auth/login"] = lambda *_: problem(422, "invalid_input", "Check.", errors=errors)
    with pytest.raises(ApiError) as caught:
        api.log_in("a", "b")
    error = caught.value
    assert (error.status, error.code, error.detail) == (422, "invalid_input", "Check.")
    assert dict(error.field_errors) == {"password": "Use at least 10 characters."}
    http_peer.routes["POST /auth/login"] = lambda *_: problem(429, "too_many_requests", retry_after=2.5)
    with pytest.raises(ApiError) as caught:
        api.log_in("a", "b")
    assert caught.value.retry_after == 2.5


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"<html>Log in to this Wi-Fi</html>", "bad_answer"),
        (200, {"no": "user"}, "bad_answer"),
        (200, b"[]", "bad_answer"),
        (302, b"", "bad_answer"),
        (404, b"not found", "bad_answer"),
        (500, b"<h1>oops</h1>", "server_error"),
        (502, b"", "server_error"),
    ],
)
def test_answers_that_are_not_dindins_become_sentences(
    api: ApiClient, http_peer: HttpPeer, status: int, body: object, code: str
) -> None:
    http_peer.routes["POST /auth/login"] = lambda *_: (status, body)
    with pytest.raises(ApiError) as caught:
        api.log_in("a", "b")
    assert caught.value.code == code
    assert caught.value.detail.endswith(".")


def test_retry_after_of_a_proxy_is_understood(api: ApiClient, http_peer: HttpPeer) -> None:
    http_peer.headers["Retry-After"] = "7"
    http_peer.routes["POST /auth/login"] = lambda *_: (503, b"")
    with pytest.raises(ApiError) as caught:
        api.log_in("a", "b")
    assert caught.value.retry_after == 7.0


def test_without_a_server_there_is_a_friendly_sentence(tokens: FileTokens) -> None:
    api = ApiClient("http://127.0.0.1:9", tokens)
    with pytest.raises(ApiError) as caught:
        api.log_in("a", "b")
    assert caught.value.unreachable
    assert "127.0.0.1:9 cannot be reached" in caught.value.detail
    api.close()


def test_an_expired_token_is_renewed_once_and_the_request_repeated(
    api: ApiClient, http_peer: HttpPeer, tokens: FileTokens
) -> None:
    def verify(_content: dict[str, object], token: str | None) -> Answer:
        return (200, {"user": USER}) if token == "access-2" else problem(401, "token_expired")

    http_peer.routes["GET /auth/verify"] = verify
    http_peer.routes["POST /auth/refresh"] = lambda content, _: (
        (200, FRESH) if content == {"refresh_token": "refresh-1"} else problem(401, "unauthenticated")
    )
    assert api.verify().id == "u1"
    assert api.verify().id == "u1"
    assert http_peer.times_asked("POST /auth/refresh") == 1
    kept = tokens.load()
    assert kept is not None
    assert kept.refresh_token == "refresh-2"


def test_a_token_that_stays_expired_is_not_renewed_forever(api: ApiClient, http_peer: HttpPeer) -> None:
    http_peer.routes["GET /auth/verify"] = lambda *_: problem(401, "token_expired")
    http_peer.routes["POST /auth/refresh"] = lambda *_: (200, FRESH)
    with pytest.raises(ApiError) as caught:
        api.verify()
    assert caught.value.signed_out
    assert http_peer.times_asked("POST /auth/refresh") == 1


def test_many_threads_with_a_stale_token_ask_for_one_refresh(account: Account, http_peer: HttpPeer) -> None:
    threads = 12
    together = threading.Barrier(threads)

    def refresh(content: dict[str, object], _token: str | None) -> Answer:
        first = content == {"refresh_token": "refresh-1"}
        return (200, FRESH) if first else problem(401, "unauthenticated", "used twice")

    http_peer.routes["POST /auth/refresh"] = refresh

    def use_stale_token(_: int) -> str:
        together.wait()
        return account.renew("access-1")

    with ThreadPoolExecutor(threads) as pool:
        renewed = set(pool.map(use_stale_token, range(threads)))
    assert renewed == {"access-2"}
    assert http_peer.times_asked("POST /auth/refresh") == 1


def test_a_token_about_to_end_is_renewed_before_it_is_used(http_peer: HttpPeer, tokens: FileTokens) -> None:
    tokens.save(Tokens("access-1", "refresh-1", 1000.0))
    http_peer.routes["POST /auth/refresh"] = lambda *_: (200, FRESH)
    transport = HttpTransport(http_peer.url)
    account = Account(transport, tokens, clock=lambda: 960.0)
    assert account.access_token() == "access-1"
    assert account.access_token(seconds_left=41.0) == "access-2"
    assert account.expires_at == 1860.0
    transport.close()


def test_a_refused_refresh_signs_out_and_an_unreachable_server_does_not(
    account: Account, http_peer: HttpPeer, tokens: FileTokens
) -> None:
    http_peer.routes["POST /auth/refresh"] = lambda *_: (503, b"")
    with pytest.raises(ApiError) as caught:
        account.renew("access-1")
    assert not caught.value.signed_out
    assert tokens.load() is not None
    http_peer.routes["POST /auth/refresh"] = lambda *_: problem(401, "unauthenticated")
    with pytest.raises(ApiError) as caught:
        account.renew("access-1")
    assert caught.value.signed_out
    assert (tokens.load(), account.present, account.expires_at) == (None, False, 0.0)


def test_logging_out_works_without_the_server(
    api: ApiClient, http_peer: HttpPeer, tokens: FileTokens
) -> None:
    http_peer.routes["POST /auth/logout"] = lambda *_: (503, b"")
    api.log_out()
    assert (tokens.load(), api.has_tokens()) == (None, False)
    api.log_out()
    assert http_peer.times_asked("POST /auth/logout") == 1


def test_logging_out_tells_the_server(api: ApiClient, http_peer: HttpPeer) -> None:
    heard = []
    http_peer.routes["POST /auth/logout"] = lambda _, token: (heard.append(token), (204, None))[1]
    api.log_out()
    assert heard == ["access-1"]
