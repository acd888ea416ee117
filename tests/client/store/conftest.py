"""A whole client without a screen, between an HTTP peer and a socket peer."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from client.net.api import ApiClient
from client.net.connection import Timings
from client.net.live import LiveConnection
from client.net.outbox import Outbox, Owner
from client.net.signals import Signal
from client.net.tokens import FileTokens
from client.store.commands import Commands
from client.store.memory import Memory
from client.store.state import AppState
from client.store.store import Store
from tests.client.net.peer import PATIENCE, HttpPeer, SocketPeer

QUICK = Timings(ping_every=60.0, backoff_base=0.01, backoff_longest=0.05)


class WholeClient:
    """Commands and store over real parts; may be closed and opened again with the same files."""

    def __init__(self, home: Path, http_url: str, socket_url: str) -> None:
        outbox = Outbox(home / "outbox.sqlite3")
        self.tokens = FileTokens(home, http_url)
        api = ApiClient(http_url, self.tokens)

        def connect(session_id: str, user_id: str, on_signal: Callable[[Signal], None]) -> LiveConnection:
            return LiveConnection(
                url=socket_url,
                owner=Owner(user_id, session_id),
                account=api.account,
                outbox=outbox,
                on_signal=on_signal,
                timings=QUICK,
            )

        self.store = Store()
        memory = Memory(home / "memory.sqlite3")
        self.commands = Commands(self.store, api, connect, memory, at_end=outbox.close)

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
def http_peer() -> Iterator[HttpPeer]:
    peer = HttpPeer()
    yield peer
    peer.close()


@pytest.fixture
def open_client(
    tmp_path: Path, http_peer: HttpPeer, socket_peer: SocketPeer
) -> Iterator[Callable[[], WholeClient]]:
    """Open a client on the test's folder; every one is closed after the test."""
    made: list[WholeClient] = []

    def make(http_url: str | None = None) -> WholeClient:
        client = WholeClient(tmp_path, http_url or http_peer.url, socket_peer.url)
        made.append(client)
        return client

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(open_client: Callable[[], WholeClient]) -> WholeClient:
    return open_client()
