"""Plays one scenario of the transport in a process of its own, where greenlets may run; prints what came of it.

Each scenario talks through a pair of connected sockets: ours, and that of a peer which notes every frame it reads.
"""

from __future__ import annotations

import gc
import json
import random
import sys
import time
from collections.abc import Callable
from typing import Any

import gevent

from backend.infra import socket_outbox
from tests.unit.infra.transport_peer import SECONDS, Notes, Peer

_TOO_LONG = 15.0


def _wait_too_long() -> None:
    """From now on, what waits waits longer than a peer reads for it."""
    socket_outbox._PATIENCE_SECONDS = socket_outbox._TICK_SECONDS = _TOO_LONG


def _warmed_up(*, small_buffers: bool = False) -> Peer:
    """A peer that has just been written to."""
    peer = Peer(small_buffers=small_buffers)
    peer.ws.send('"first"')
    peer.read_until(1)
    return peer


def idle_socket() -> dict[str, Any]:
    """What may wait does not where nothing was written lately."""
    peer = Peer()
    _wait_too_long()
    peer.ws.send_lazily('"lazy"')
    peer.read_until(1)
    return {"frames": peer.frames}


def on_the_heels() -> dict[str, Any]:
    """What follows on a write's heels waits and travels together, and leaves by itself."""
    peer = _warmed_up()
    started = time.monotonic()
    for number in range(3):
        peer.ws.send_lazily(str(number))
        gevent.sleep(0)
    peer.read_until(4)
    return {"frames": peer.frames, "seconds": time.monotonic() - started}


def hurried() -> dict[str, Any]:
    """What is hurried does not wait, and takes along what waits before it."""
    peer = _warmed_up()
    _wait_too_long()
    peer.ws.send_lazily('"lazy"')
    gevent.sleep(0)
    peer.ws.send('"hurried"')
    peer.read_until(3)
    return {"frames": peer.frames}


def lazy_again_after_hurried() -> dict[str, Any]:
    """A wait that something hurried ended does not make what comes next wait for nobody."""
    socket_outbox._PATIENCE_SECONDS = 0.3
    peer = _warmed_up()
    peer.ws.send_lazily('"lazy"')
    gevent.sleep(0.15)  # well into the window, so that the next one ends well after it
    peer.ws.send('"hurried"')
    peer.read_until(3)
    peer.ws.send_lazily('"later"')
    peer.read_until(4)
    return {"texts": peer.texts}


def flushed() -> dict[str, Any]:
    """A flush waits for the network, not for the window."""
    peer = _warmed_up()
    _wait_too_long()
    peer.ws.send_lazily('"lazy"')
    with gevent.Timeout(SECONDS):
        peer.ws.flush()
    peer.read_until(2)
    return {"texts": peer.texts}


def closed() -> dict[str, Any]:
    """Closing takes along what waits, and does not wait."""
    peer = _warmed_up()
    _wait_too_long()
    peer.ws.send_lazily('"lazy"')
    peer.ws.close(4401, "enough")
    peer.ws.send('"too late"')
    peer.read_to_the_end()
    return {"texts": peer.texts, "close_code": peer.close_code}


def any_mixture() -> dict[str, Any]:
    """Whatever is mixed, however the peer reads: all of it, once, in order."""
    chance = random.Random(7)
    peer, many = Peer(small_buffers=True), 20_000
    reader = gevent.spawn(peer.read_until, many)
    for number in range(many):
        (peer.ws.send if chance.random() < 0.3 else peer.ws.send_lazily)(str(number))
        if number % 200 == 0:
            peer.ws.flush()
        elif chance.random() < 0.1:
            gevent.sleep(chance.choice((0, 0.001)))
    reader.join(SECONDS)
    return {
        "in_order": peer.texts == list(range(many)),
        "frames": len(peer.frames),
        "largest": max(peer.sizes),
    }


def deaf_peer() -> dict[str, Any]:
    """Who reads nothing is cut off once too much waits, and holds up nobody."""
    deaf, other = _warmed_up(small_buffers=True), _warmed_up()
    _wait_too_long()
    text, sent = json.dumps("x" * 1000), 0
    while not deaf.ws.closed and sent < 10_000:
        deaf.ws.send(text) if sent % 2 else deaf.ws.send_lazily(text)
        sent += 1
        gevent.sleep(0)
    other.ws.send('"unharmed"')
    other.read_until(2)
    return {"closed": deaf.ws.closed, "sent": sent, "other": other.texts}


def too_many_lazy() -> dict[str, Any]:
    """Waiting is bounded inside the window, too."""
    peer = _warmed_up()
    _wait_too_long()
    sent = 0
    while not peer.ws.closed and sent < 10_000:
        peer.ws.send_lazily("1")
        sent += 1
    peer.read_to_the_end()
    return {"sent": sent, "close_code": peer.close_code}


def gone_peer() -> dict[str, Any]:
    """A peer that hung up ends its own socket, in the middle of everybody's turn."""
    peers = [_warmed_up() for _ in range(3)]
    peers[1].socket.close()
    for peer in peers:
        peer.ws.send('"second"')
    peers[0].read_until(2)
    peers[2].read_until(2)
    return {"closed": [peer.ws.closed for peer in peers]}


def crowd() -> dict[str, Any]:
    """However many wait, a single greenlet looks after them; none is left when all is written."""
    peers = [Peer() for _ in range(50)]
    before = _greenlets()
    while True:
        started = time.monotonic()
        for peer in peers:
            peer.ws.send('"first"')
        gevent.sleep(0)
        for peer in peers:
            peer.ws.send_lazily("1")
        gevent.sleep(0)
        waiting = _greenlets() - before
        counted_in_time = time.monotonic() - started < socket_outbox._PATIENCE_SECONDS
        for peer in peers:
            peer.read_until(len(peer.texts) + 2)
        with gevent.Timeout(SECONDS):
            while _greenlets() > before:
                gevent.sleep(0.01)
        if counted_in_time:
            return {"greenlets": waiting, "texts": [peer.texts[-2:] for peer in peers]}
        # The machine is so busy that the window was over before the count.
        socket_outbox._PATIENCE_SECONDS *= 2


def listener() -> dict[str, Any]:
    """What comes before and after a socket is handed over: all of it, in order, one at a time; then its end, once."""
    peer, notes = Peer(), Notes()
    peer.say("hello", "together with it")
    hello = peer.ws.receive(timeout=SECONDS)
    peer.ws.hand_over(notes)
    peer.say(*map(str, range(50)))
    notes.wait(lambda: len(notes.taken) == 51)
    peer.socket.close()
    notes.wait(lambda: notes.ends > 0)
    gevent.sleep(0)
    return {
        "hello": hello,
        "in_order": notes.taken == ["together with it", *map(str, range(50))],
        "most_at_once": notes.most_at_once,
        "ends": notes.ends,
        "closed": peer.ws.closed,
    }


def failing_listener() -> dict[str, Any]:
    """An error of the listener ends its socket with 1011, and nothing more is passed on."""
    peer, notes = Peer(), Notes(fails_on="bad")
    peer.ws.hand_over(notes)
    peer.say("good", "bad", "after that")
    peer.read_to_the_end()
    peer.socket.close()
    notes.wait(lambda: notes.ends > 0)
    return {"taken": notes.taken, "close_code": peer.close_code, "ends": notes.ends}


def closed_listener() -> dict[str, Any]:
    """A socket closed from our side tells its listener, too."""
    peer, notes = Peer(), Notes()
    peer.ws.hand_over(notes)
    peer.ws.close(1012, "elsewhere")
    peer.read_to_the_end()
    notes.wait(lambda: notes.ends > 0)
    return {"close_code": peer.close_code, "ends": notes.ends}


def quiet_listeners() -> dict[str, Any]:
    """Sockets on which nothing is said have no greenlet."""
    before = _greenlets()
    peers = [Peer() for _ in range(20)]
    for peer in peers:
        peer.ws.hand_over(Notes())
    with gevent.Timeout(SECONDS):
        while _greenlets() > before:
            gevent.sleep(0.01)
    return {"open": sum(not peer.ws.closed for peer in peers)}


def _greenlets() -> int:
    gc.collect()
    return sum(isinstance(thing, gevent.Greenlet) and not thing.dead for thing in gc.get_objects())


_SCENARIOS: dict[str, Callable[[], dict[str, Any]]] = {
    scenario.__name__: scenario
    for scenario in (
        idle_socket,
        on_the_heels,
        hurried,
        lazy_again_after_hurried,
        flushed,
        closed,
        any_mixture,
        deaf_peer,
        too_many_lazy,
        gone_peer,
        crowd,
        listener,
        failing_listener,
        closed_listener,
        quiet_listeners,
    )
}

if __name__ == "__main__":
    sys.stdout.write(json.dumps(_SCENARIOS[sys.argv[1]]()))
