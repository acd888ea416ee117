"""A whole client without a screen, between an HTTP peer and socket peers, one for sessions and one for the inbox."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from client.net.api import ApiClient
from client.net.browser_log_in import OpenBrowser
from client.net.connection import Timings
from client.net.live import LiveConnection
from client.net.outbox import Outbox, Owner
from client.net.signals import Signal
from client.net.tokens import FileTokens
from client.store.commands import Commands
from client.store.memory import Memory
from client.store.state import AppState
from client.store.store import Store
from tests.client.net.examples import BEN, SESSION, card, snapshot, welcome
from tests.client.net.peer import PATIENCE, HttpPeer, PeerSocket, Route, SocketPeer

USER = {
    "id": BEN, "email": "ben@example.com", "email_confirmed": True, "display_name": "Ben", "role": "user",
    "tier": "free",
}  # fmt: skip
TOKENS = {"access_token": "access-1", "refresh_token": "refresh-1", "token_type": "Bearer", "expires_in": 900}
DECK = {"round": 1, "items": [card(1), card(2), card(3)], "swiped": []}
RUNNING = {"status": "swiping", "round": 1, "ends_at": "2025-11-24T16:05:00.000Z"}
QUICK = Timings(ping_every=60.0, backoff_base=0.01, backoff_longest=0.05)


def no_browser(_address: str) -> bool:
    """What the system says where no browser is installed."""
    return False


class WholeClient:
    """Commands and store over real parts; may be closed and opened again with the same files."""

    def __init__(
        self,
        home: Path,
        http_url: str,
        socket_url: str,
        inbox_url: str,
        open_browser: OpenBrowser = no_browser,
    ) -> None:
        outbox = Outbox(home / "outbox.sqlite3")
        self.tokens = FileTokens(home, http_url)
        api = self.api = ApiClient(http_url, self.tokens)

        def connect(
            session_id: str | None, user_id: str, on_signal: Callable[[Signal], None]
        ) -> LiveConnection:
            return LiveConnection(
                url=inbox_url if session_id is None else socket_url,
                owner=Owner(user_id, session_id),
                account=api.account,
                outbox=outbox,
                on_signal=on_signal,
                timings=QUICK,
            )

        self.store = Store()
        memory = Memory(home / "memory.sqlite3")
        self.commands = Commands(
            self.store, api, connect, memory, open_browser=open_browser, at_end=outbox.close
        )

    @property
    def state(self) -> AppState:
        return self.store.state

    def wait(self, reached: Callable[[AppState], object]) -> AppState:
        """Wait until the state is as wanted."""
        there = threading.Event()

        def look(state: AppState) -> None:
            if reached(state):
                there.set()

        end = self.store.subscribe(lambda state: state, look, fire_now=True)
        try:
            assert there.wait(PATIENCE), f"never came: {self.state}"
        finally:
            end()
        return self.state

    def close(self) -> None:
        self.commands.shutdown()


@pytest.fixture
def socket_peer() -> Iterator[SocketPeer]:
    peer = SocketPeer()
    yield peer
    peer.close()


@pytest.fixture
def inbox_peer() -> Iterator[SocketPeer]:
    """Where the connection to the inbox goes; it waits there until a test accepts it."""
    peer = SocketPeer()
    yield peer
    peer.close()


@pytest.fixture
def http_peer() -> Iterator[HttpPeer]:
    """With what the server answers unless a test says otherwise."""
    peer = HttpPeer()
    peer.routes |= {
        "POST /auth/register": lambda *_: (201, {**TOKENS, "user": USER}),
        "POST /auth/login": lambda *_: (200, {**TOKENS, "user": USER}),
        "POST /auth/logout": lambda *_: (204, None),
        "GET /auth/verify": lambda *_: (200, {"user": USER}),
        "POST /sessions": lambda content, _: (201, snapshot(menu=content["menu"], seq=0)),
        "POST /sessions/join": lambda *_: (200, snapshot(seq=0)),
        f"GET /sessions/{SESSION}": lambda *_: (200, snapshot(seq=0)),
        f"GET /sessions/{SESSION}/deck": lambda *_: (200, DECK),
        f"POST /sessions/{SESSION}/leave": lambda *_: (200, {"ok": True}),
    }
    yield peer
    peer.close()


@pytest.fixture
def routes(http_peer: HttpPeer) -> dict[str, Route]:
    """The peer's answers, to be changed."""
    return http_peer.routes


@pytest.fixture
def open_client(
    tmp_path: Path, http_peer: HttpPeer, socket_peer: SocketPeer, inbox_peer: SocketPeer
) -> Iterator[Callable[[], WholeClient]]:
    """Open a client on the test's folder; every one is closed after the test."""
    made: list[WholeClient] = []

    def make(http_url: str | None = None, open_browser: OpenBrowser = no_browser) -> WholeClient:
        client = WholeClient(
            tmp_path, http_url or http_peer.url, socket_peer.url, inbox_peer.url, open_browser
        )
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(open_client: Callable[[], WholeClient]) -> WholeClient:
    return open_client()


OpenClient = Callable[..., WholeClient]


def signed_in(client: WholeClient) -> WholeClient:
    client.commands.log_in("ben@example.com", "long enough")
    client.wait(lambda state: state.auth.status == "signed_in" and not state.busy)
    return client


def in_session(client: WholeClient, socket_peer: SocketPeer, **changes: Any) -> PeerSocket:
    """Signed in, joined, and welcomed by the socket."""
    signed_in(client).commands.join_session("k7m 2qx")
    peer: PeerSocket = socket_peer.hear()["socket"]
    peer.send(welcome(seq=1, **changes))
    client.wait(lambda state: state.connection.status == "connected" and state.session and not state.busy)
    return peer


def swiping(client: WholeClient, socket_peer: SocketPeer) -> PeerSocket:
    peer = in_session(client, socket_peer, **RUNNING)
    client.wait(lambda state: state.session and state.session.deck)
    return peer


def current(client: WholeClient) -> str | None:
    session = client.state.session
    assert session is not None
    return None if session.current_card is None else session.current_card.id
