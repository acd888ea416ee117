"""Whatever a server says, nothing is raised into the app, the connection's thread lives on, and it comes back."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from random import Random

import pytest

from client.net import signals as told
from tests.client.net.conftest import QUICK, Connect
from tests.client.net.examples import accepted, event, welcome
from tests.client.net.hostile_server import INSTEAD_OF_AN_UPGRADE, SAID, Chunks, frame, text
from tests.client.net.peer import PATIENCE, PeerSocket, Recorder, SocketPeer

IMPATIENT = replace(QUICK, connect=0.5, watchdog=1.0)
KEPT_AT_MOST = 8 * 2**20
"""What the socket's buffers hold on both sides comes on top of what the client keeps, which is 1 MiB."""


def say(peer: PeerSocket, chunks: Iterable[bytes]) -> int:
    """Send until the client has had enough; how many bytes it took, or its buffers did."""
    sent = 0
    with suppress(OSError):
        for chunk in chunks:
            peer.send_bytes(chunk)
            sent += len(chunk)
    return sent


def well_again(socket_peer: SocketPeer, signals: Recorder, epoch: str) -> PeerSocket:
    """Serve the client as it should be, and see that it takes it; connections it has given up are passed over."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with suppress(OSError):
            peer = socket_peer.hear()["socket"]
            peer.send(welcome(seq=3, epoch=epoch), event(4))
            signals.next(told.EventReceived, lambda signal: signal.epoch == epoch and signal.event.seq == 4)
            return peer
    raise AssertionError("the client never came back")


@pytest.fixture(autouse=True)
def _nothing_unexpected(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """The last line of defence, which logs what it caught, must not have been needed."""
    yield
    errors = [one for one in caplog.get_records("call") if one.levelno >= logging.ERROR]
    assert [one.getMessage() for one in errors] == []


@pytest.mark.parametrize("say_what", SAID, ids=lambda said: said.__name__.strip("_"))
@pytest.mark.parametrize("welcomed", [False, True], ids=["before the welcome", "after the welcome"])
def test_it_outlives_whatever_is_said(
    socket_peer: SocketPeer,
    connect: Connect,
    signals: Recorder,
    say_what: Callable[[Random], Chunks],
    welcomed: bool,
) -> None:
    live = connect(IMPATIENT)
    peer = socket_peer.hear()["socket"]
    if welcomed:
        peer.send(welcome())
        signals.next(told.Welcomed)
    assert say(peer, say_what(Random(say_what.__name__))) < KEPT_AT_MOST
    peer.drop()
    again = well_again(socket_peer, signals, "well")
    operation = live.submit("swipe", {"item": "c1", "direction": "right"})
    asked = again.expect()
    assert asked["id"] == operation.id
    again.send(accepted(asked))
    assert signals.next(told.Replied).error_code is None


@pytest.mark.parametrize("say_what", INSTEAD_OF_AN_UPGRADE, ids=lambda said: said.__name__.strip("_"))
def test_it_outlives_whatever_comes_instead_of_an_upgrade(
    socket_peer: SocketPeer,
    connect: Connect,
    signals: Recorder,
    say_what: Callable[[Random], Chunks],
) -> None:
    connect(IMPATIENT)
    for seed in range(10):
        peer = socket_peer.accept_unanswered()
        assert say(peer, say_what(Random(seed))) < KEPT_AT_MOST
        peer.drop()
    well_again(socket_peer, signals, "well")


@pytest.mark.parametrize("seed", range(6))
def test_it_outlives_a_long_evening_of_all_that(
    socket_peer: SocketPeer,
    connect: Connect,
    signals: Recorder,
    seed: int,
) -> None:
    chance = Random(seed)
    connect(IMPATIENT)
    for number in range(12):
        with suppress(OSError):
            peer = socket_peer.accept_unanswered()
            if chance.random() < 0.2:
                say(peer, chance.choice(INSTEAD_OF_AN_UPGRADE)(chance))
            else:
                peer.answer_upgrade()
                if chance.random() < 0.7:
                    peer.send(welcome(epoch=f"hostile {number}"))
                for said in chance.sample(SAID, 3):
                    say(peer, said(chance))
            peer.drop()
    well_again(socket_peer, signals, "well")


@pytest.mark.parametrize(
    "drops",
    [
        b"HTTP/1.1 101 Switching Protocols\r\nX: " + bytes([120]) * 10_000,
        frame(0x1, b"x" * 10_000),
        text({"x": "y"}),
    ],
    ids=["upgrade", "long message", "short message"],
)
def test_what_comes_drop_by_drop_is_given_up(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder, drops: bytes
) -> None:
    """Each byte would be in time, the whole never."""
    connect(replace(IMPATIENT, connect=0.3, watchdog=0.4))
    peer = socket_peer.accept_unanswered()
    if not drops.startswith(b"HTTP"):
        peer.answer_upgrade()
        peer.send(welcome())
        drops = drops[:-1]  # the last one never comes
    with suppress(OSError):
        for drop in drops:
            peer.send_bytes(bytes([drop]))
            if not socket_peer.nobody_comes(0.05):
                break
    well_again(socket_peer, signals, "well")
