"""Events over the live connection: in order, resumed without gap or duplicate, whatever the wire brings."""

from __future__ import annotations

from typing import Any

import pytest

from client.net import events
from client.net import signals as told
from client.net.account import Account
from client.net.live import LiveConnection
from client.net.outbox import Outbox
from tests.client.net.conftest import OWNER, QUICK, Connect
from tests.client.net.examples import BEN, SESSION, event, resumed, welcome
from tests.client.net.peer import Recorder, SocketPeer


def numbers(recorder: Recorder) -> list[int | None]:
    return [signal.event.seq for signal in recorder.seen if isinstance(signal, told.EventReceived)]


def test_says_hello_without_origin_and_with_the_token_in_the_first_frame(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    hello = socket_peer.hear()
    peer = hello.pop("socket")
    assert hello == {"op": "hello", "v": 1, "token": "access-1", "session": SESSION}
    headers = {name.lower() for name, _ in peer.request.extra_headers}
    assert b"origin" not in headers
    assert "access-1" not in peer.request.target
    assert signals.next(told.StatusChanged) == told.StatusChanged("connecting")


def test_tells_the_snapshot_and_the_events_in_order(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=4), {"batch": [event(5), event(None, "presence"), event(6, "round_started")]})
    welcomed = signals.next(told.Welcomed)
    assert (welcomed.epoch, welcomed.snapshot.seq, welcomed.snapshot.you) == ("1", 4, BEN)
    signals.event(6)
    assert numbers(signals) == [5, None, 6]
    assert told.StatusChanged("connected") in signals.seen


def test_resumes_where_it_was_after_a_broken_connection(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=4), event(5))
    signals.event(5)
    peer.drop()
    hello = socket_peer.hear()
    assert hello["resume"] == {"epoch": "1", "seq": 5}
    hello["socket"].send(resumed(seq=7), event(6), event(7), event(None, "progress"))
    signals.event(7)
    assert numbers(signals) == [5, 6, 7]


def test_takes_the_snapshot_when_the_server_cannot_resume(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=4))
    signals.next(told.Welcomed)
    peer.drop()
    socket_peer.hear()["socket"].send(welcome(seq=1, epoch="2"), event(2))
    assert signals.next(told.Welcomed).epoch == "2"
    assert signals.next(told.EventReceived).epoch == "2"


def test_a_resume_of_another_numbering_is_not_believed(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=4))
    signals.next(told.Welcomed)
    peer.drop()
    socket_peer.hear()["socket"].send(resumed(seq=9, epoch="2"))
    assert "resume" not in socket_peer.hear()


def test_a_gap_makes_it_resume_and_the_same_gap_again_ask_for_a_snapshot(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    socket_peer.hear()["socket"].send(welcome(seq=4), event(6))
    hello = socket_peer.hear()
    assert hello["resume"] == {"epoch": "1", "seq": 4}
    hello["socket"].send(resumed(seq=6), event(6))
    hello = socket_peer.hear()
    assert "resume" not in hello
    hello["socket"].send(welcome(seq=6), event(7))
    signals.event(7)
    assert numbers(signals) == [7]


def test_an_unreadable_numbered_event_counts_as_a_gap(socket_peer: SocketPeer, connect: Connect) -> None:
    connect()
    socket_peer.hear()["socket"].send(welcome(seq=4), event(5, "round_started", round="one"))
    hello = socket_peer.hear()
    assert hello["resume"] == {"epoch": "1", "seq": 4}


def test_duplicates_and_old_events_are_told_once(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=4), event(5), event(5), event(3), event(6), event(5), event(7))
    signals.event(7)
    assert numbers(signals) == [5, 6, 7]


@pytest.mark.parametrize(
    "garbage",
    [
        "",
        "not json",
        "[]",
        "null",
        "7",
        '"text"',
        "{}",
        '{"batch": 3}',
        '{"batch": [1, null]}',
        '{"re": 5, "ok": true}',
        '{"re": "x"}',
        '{"re": "x", "ok": false}',
        '{"seq": "one", "at": 1, "type": "expired", "data": {}}',
        '{"at": 1e999, "type": "expired", "data": {}}',
        '{"at": NaN, "type": "expired", "data": {}}',
        '{"at": 1, "type": "welcome", "data": {}}',
        '{"at": 1, "type": "swiped", "data": {"participant_id": 3}}',
        '{"at": 1, "type": "from the future", "data": {"a": [1]}}',
        "[" * 5000,
        '{"at": ' + "9" * 5000 + "}",
        "x" * 200_000,
    ],
)
def test_garbage_changes_nothing(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder, garbage: str
) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=4))
    signals.next(told.Welcomed)
    peer.send_text(garbage)
    peer.send_binary(b"\x00\x01")
    peer.ping()
    peer.send(event(5))
    signals.event(5)
    known = [signal for signal in signals.seen if isinstance(signal, told.EventReceived)]
    assert [s.event.seq for s in known if not isinstance(s.event.body, events.UnknownEvent)] == [5]


@pytest.mark.parametrize(
    "raw",
    [
        b"\x81\xff" + b"\xff" * 8,
        b"\x81\x7f" + (1 << 40).to_bytes(8, "big") + b"x" * (2 << 20),
        b"\xf1\x01x",
        b"\x88\x02\x00\x01",
        b"\x81\x02\xc3\x28",
        b"HTTP/1.1 500 Internal Server Error\r\n\r\n",
    ],
    ids=["absurd length", "huge frame", "reserved bits", "bad close code", "bad utf-8", "http in the stream"],
)
def test_bytes_that_are_no_websocket_frames_cost_a_reconnect(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder, raw: bytes
) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=4))
    signals.next(told.Welcomed)
    try:
        peer.send_bytes(raw)
    except ConnectionError:
        # The client has hung up before the end of the flood.
        pass
    finally:
        peer.drop()
    socket_peer.hear()["socket"].send(resumed(seq=5), event(5))
    signals.event(5)


def test_frames_before_the_welcome_are_not_believed(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    socket_peer.hear()["socket"].send(event(1), welcome(seq=4), event(5))
    signals.event(5)
    assert numbers(signals) == [5]


def test_an_unreadable_welcome_makes_it_try_again(socket_peer: SocketPeer, connect: Connect) -> None:
    connect()
    socket_peer.hear()["socket"].send(welcome(status="unheard of"))
    assert socket_peer.hear()["op"] == "hello"


def test_a_listener_that_fails_does_not_break_the_connection(
    socket_peer: SocketPeer, account: Account, outbox: Outbox, signals: Recorder
) -> None:
    fail_once = iter([True])

    def failing(signal: Any) -> None:
        signals(signal)
        if isinstance(signal, told.Welcomed) and next(fail_once, False):
            raise RuntimeError("a listener's mistake")

    live = LiveConnection(
        url=socket_peer.url, owner=OWNER, account=account, outbox=outbox, on_signal=failing, timings=QUICK
    )
    live.start()
    socket_peer.hear()["socket"].send(welcome(seq=4), event(5))
    signals.event(5)
    live.stop(wait_seconds=5)
