"""A peer for the socket, one for HTTP, and a live connection between them and the test."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from client.net.account import Account
from client.net.connection import Timings
from client.net.live import LiveConnection
from client.net.outbox import Outbox, Owner
from client.net.tokens import FileTokens, Tokens
from client.net.transport import HttpTransport
from tests.client.net.examples import BEN, SESSION
from tests.client.net.peer import HttpPeer, Recorder, SocketPeer

OWNER = Owner(BEN, SESSION)
QUICK = Timings(
    connect=30.0, watchdog=60.0, ping_every=0.05, renew_again=0.05, backoff_base=0.01, backoff_longest=0.05
)


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
def tokens(tmp_path: Path, http_peer: HttpPeer) -> FileTokens:
    """A log-in that is good for an hour."""
    store = FileTokens(tmp_path, http_peer.url)
    store.save(Tokens("access-1", "refresh-1", time.time() + 3600))
    return store


@pytest.fixture
def account(http_peer: HttpPeer, tokens: FileTokens) -> Iterator[Account]:
    transport = HttpTransport(http_peer.url)
    yield Account(transport, tokens)
    transport.close()


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    outbox = Outbox(tmp_path / "outbox.sqlite3")
    yield outbox
    outbox.close()


@pytest.fixture
def signals() -> Recorder:
    return Recorder()


Connect = Callable[..., LiveConnection]


@pytest.fixture
def connect(
    socket_peer: SocketPeer, account: Account, outbox: Outbox, signals: Recorder
) -> Iterator[Connect]:
    """Start a live connection to the socket peer; it is stopped after the test."""
    made: list[LiveConnection] = []

    def start(timings: Timings = QUICK, url: str | None = None, owner: Owner = OWNER) -> LiveConnection:
        live = LiveConnection(
            url=url or socket_peer.url,
            owner=owner,
            account=account,
            outbox=outbox,
            on_signal=signals,
            timings=timings,
        )
        made.append(live)
        live.start()
        return live

    yield start
    for live in made:
        live.stop(wait_seconds=5.0)
