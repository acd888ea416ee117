"""The live connection against a scripted server: reconnecting, resuming, the outbox, and a hostile wire."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from client.net import events
from client.net import signals as told
from client.net.account import Account
from client.net.live import LiveConnection
from client.net.outbox import Outbox
from client.net.tokens import FileTokens
from tests.client.net.conftest import OWNER, QUICK, Connect
from tests.client.net.examples import BEN, SESSION, accepted, event, refused, resumed, welcome
from tests.client.net.peer import HttpPeer, Recorder, SocketPeer, problem

RENEWED = {
    "access_token": "access-2",
    "refresh_token": "refresh-2",
    "token_type": "Bearer",
    "expires_in": 900,
}


def numbers(recorder: Recorder) -> list[int | None]:
    return [signal.event.seq for signal in recorder.seen if isinstance(signal, told.EventReceived)]


def wait_for_event(recorder: Recorder, seq: int) -> None:
    recorder.next(told.EventReceived, lambda signal: signal.event.seq == seq)


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
    wait_for_event(signals, 6)
    assert numbers(signals) == [5, None, 6]
    assert told.StatusChanged("connected") in signals.seen


def test_resumes_where_it_was_after_a_broken_connection(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=4), event(5))
    wait_for_event(signals, 5)
    peer.drop()
    hello = socket_peer.hear()
    assert hello["resume"] == {"epoch": "1", "seq": 5}
    hello["socket"].send(resumed(seq=7), event(6), event(7), event(None, "progress"))
    wait_for_event(signals, 7)
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
    wait_for_event(signals, 7)
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
    wait_for_event(signals, 7)
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
    wait_for_event(signals, 5)
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
    wait_for_event(signals, 5)


def test_frames_before_the_welcome_are_not_believed(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    socket_peer.hear()["socket"].send(event(1), welcome(seq=4), event(5))
    wait_for_event(signals, 5)
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
    wait_for_event(signals, 5)
    live.stop(wait_seconds=5)


# Operations and the outbox


def test_an_operation_is_sent_once_and_its_reply_told_once(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    live = connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    swipe = live.submit("swipe", {"item": "c1", "direction": "right"})
    sent = peer.expect()
    assert sent == {"op": "swipe", "id": swipe.id, "data": {"item": "c1", "direction": "right"}}
    peer.send(accepted(sent, swiped=1), accepted(sent, swiped=1), event(1))
    assert signals.next(told.Replied) == told.Replied(swipe, {"swiped": 1})
    wait_for_event(signals, 1)
    assert sum(isinstance(signal, told.Replied) for signal in signals.seen) == 1
    assert live.pending() == ()


def test_what_was_not_answered_is_sent_again_under_the_same_id_in_the_same_order(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    live = connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    signals.next(told.Welcomed)
    first, second = (live.submit("swipe", {"item": item, "direction": "left"}) for item in ("c1", "c2"))
    assert [peer.expect()["id"], peer.expect()["id"]] == [first.id, second.id]
    peer.send({"re": first.id, "ok": True, "data": {}})
    signals.next(told.Replied)
    peer.drop()
    third = live.submit("swipe", {"item": "c3", "direction": "up"})
    peer = socket_peer.hear()["socket"]
    peer.send(resumed(seq=0))
    assert [peer.expect()["id"], peer.expect()["id"]] == [second.id, third.id]
    assert peer.hear_nothing(0.3)


def test_nothing_is_sent_before_the_welcome(socket_peer: SocketPeer, connect: Connect) -> None:
    live = connect()
    peer = socket_peer.hear()["socket"]
    swipe = live.submit("swipe", {"item": "c1", "direction": "right"})
    assert peer.hear_nothing(0.2)
    peer.send(welcome())
    assert peer.expect()["id"] == swipe.id


def test_a_refusal_is_told_with_its_reason(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    live = connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    live.submit("start", {})
    peer.send(refused(peer.expect(), "not_host"))
    reply = signals.next(told.Replied)
    assert (reply.operation.name, reply.error_code, reply.detail) == ("start", "not_host", "Not now.")
    assert live.pending() == ()


def test_a_refusal_for_now_is_tried_again_when_told(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    live = connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    live.submit("swipe", {"item": "c1", "direction": "right"})
    first = peer.expect()
    peer.send(refused(first, "busy", retry_after=0.05))
    again = peer.expect()
    assert again == first
    peer.send(accepted(again))
    assert signals.next(told.Replied).error_code is None


SWIPE_AND_DIE = """
import os, sys
from pathlib import Path
from client.net.outbox import Outbox, Owner
from client.net.signals import Operation
outbox = Outbox(Path(sys.argv[1]))
owner = Owner(sys.argv[2], sys.argv[3])
outbox.add(owner, Operation("01SWIPE", "swipe", {"item": "c1", "direction": "right"}))
outbox.add(owner, Operation("01READY", "ready", {"ready": True}))
outbox.add(Owner("somebody else", sys.argv[3]), Operation("01OTHER", "swipe", {"item": "c2"}))
os.kill(os.getpid(), 9)
"""


def test_a_swipe_survives_the_death_of_the_app_and_a_passing_wish_does_not(
    socket_peer: SocketPeer, account: Account, signals: Recorder, tmp_path: Path
) -> None:
    path = tmp_path / "killed.sqlite3"
    arguments = [sys.executable, "-c", SWIPE_AND_DIE, str(path), OWNER.user_id, OWNER.session_id]
    killed = subprocess.run(arguments, check=False, cwd=Path(__file__).parents[3])
    assert killed.returncode == -9
    outbox = Outbox(path)
    live = LiveConnection(
        url=socket_peer.url, owner=OWNER, account=account, outbox=outbox, on_signal=signals, timings=QUICK
    )
    live.start()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    sent = peer.expect()
    assert sent == {"op": "swipe", "id": "01SWIPE", "data": {"item": "c1", "direction": "right"}}
    assert peer.hear_nothing(0.2)
    peer.send(accepted(sent))
    signals.next(told.Replied)
    assert live.pending() == ()
    live.stop(wait_seconds=5)
    outbox.close()


# Time


def test_welcome_and_pings_tell_how_far_the_clocks_are_apart(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send({**welcome(), "at": (time.time() + 5) * 1000})
    for _ in range(3):
        ping = peer.expect(but="nothing")
        assert ping["op"] == "ping"
        peer.send(accepted(ping, t=ping["data"]["t"], server_ms=ping["data"]["t"] + 5000))
    for _ in range(4):
        assert signals.next(told.ClockMeasured).offset == pytest.approx(5.0, abs=0.5)


def test_silence_makes_it_connect_again(socket_peer: SocketPeer, connect: Connect) -> None:
    connect(replace(QUICK, watchdog=0.2))
    socket_peer.hear()["socket"].send(welcome(seq=4))
    assert socket_peer.hear()["resume"] == {"epoch": "1", "seq": 4}


def test_a_server_that_never_welcomes_is_left(socket_peer: SocketPeer, connect: Connect) -> None:
    connect(replace(QUICK, connect=0.2))
    socket_peer.hear()
    assert socket_peer.hear()["op"] == "hello"


def test_a_ping_is_a_sign_of_life(socket_peer: SocketPeer, connect: Connect, signals: Recorder) -> None:
    connect(replace(QUICK, watchdog=0.4, ping_every=60.0))
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    signals.next(told.Welcomed)
    for _ in range(4):
        assert socket_peer.nobody_comes(0.2)
        peer.ping()
    assert peer.hear_nothing(0.01)


# Failures in a row


def test_after_five_failures_the_user_is_told_and_a_success_ends_that(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    for _ in range(6):
        socket_peer.refuse(503)
    hinted = signals.next(told.StatusChanged, lambda status: status.give_hint)
    assert (hinted.status, hinted.attempts) == ("reconnecting", 5)
    assert hinted.retry_at is not None
    socket_peer.hear()["socket"].send(welcome())
    assert signals.next(told.StatusChanged, lambda s: s.status == "connected").give_hint is False


def test_retry_now_ends_the_wait(socket_peer: SocketPeer, connect: Connect, signals: Recorder) -> None:
    forever = replace(QUICK, backoff_base=10_000.0, backoff_longest=10_000.0)
    live = connect(forever)
    socket_peer.refuse(503)
    signals.next(told.StatusChanged, lambda status: status.retry_at is not None)
    live.retry_now()
    assert socket_peer.hear()["op"] == "hello"


def test_stop_closes_the_socket_and_ends_the_signals(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    live = connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    signals.next(told.Welcomed)
    live.stop(wait_seconds=5)
    assert peer.expect_close() == 1000
    signals.rest(object)
    live.submit("swipe", {"item": "c1", "direction": "right"})
    live.retry_now()
    assert signals.rest(object) == []
    assert socket_peer.nobody_comes(0.1)


# Close codes


@pytest.mark.parametrize(
    ("code", "reason"),
    [(1000, "ended"), (4400, "refused"), (4403, "not_a_participant"), (4409, "taken_over")],
)
def test_close_codes_that_end_it(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder, code: int, reason: str
) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    peer.close(code)
    assert signals.next(told.Stopped).reason == reason
    assert told.StatusChanged("offline") in signals.seen
    assert socket_peer.nobody_comes(0.2)


@pytest.mark.parametrize(
    ("code", "reason"),
    [(1001, ""), (1011, ""), (1012, json.dumps({"retry_after": 0.05})), (1012, "?"), (4408, "")],
)
def test_close_codes_after_which_it_resumes(
    socket_peer: SocketPeer, connect: Connect, code: int, reason: str
) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=4))
    peer.close(code, reason)
    assert socket_peer.hear()["resume"] == {"epoch": "1", "seq": 4}


def test_4429_waits_as_long_as_told(socket_peer: SocketPeer, connect: Connect, signals: Recorder) -> None:
    connect()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    signals.next(told.Welcomed)
    peer.close(4429, json.dumps({"retry_after": 0.5}))
    assert socket_peer.nobody_comes(0.4)
    assert socket_peer.hear()["op"] == "hello"


def test_a_refused_origin_ends_it(socket_peer: SocketPeer, connect: Connect, signals: Recorder) -> None:
    connect()
    socket_peer.refuse(403)
    assert signals.next(told.Stopped).reason == "refused"


def test_a_redirect_is_not_followed(socket_peer: SocketPeer, connect: Connect) -> None:
    connect()
    socket_peer.refuse(302, {"Location": "ws://127.0.0.1:1/elsewhere"})
    assert socket_peer.hear()["op"] == "hello"


# Tokens


def test_4401_renews_the_token_once(
    socket_peer: SocketPeer, http_peer: HttpPeer, connect: Connect, signals: Recorder
) -> None:
    http_peer.routes["POST /auth/refresh"] = lambda *_: (200, RENEWED)
    connect()
    peer = socket_peer.hear()["socket"]
    peer.close(4401)
    hello = socket_peer.hear()
    assert hello["token"] == "access-2"
    hello["socket"].close(4401)
    assert signals.next(told.Stopped).reason == "signed_out"
    assert http_peer.times_asked("POST /auth/refresh") == 1


def test_a_refresh_that_is_refused_signs_out(
    socket_peer: SocketPeer, http_peer: HttpPeer, connect: Connect, signals: Recorder, tokens: FileTokens
) -> None:
    http_peer.routes["POST /auth/refresh"] = lambda *_: problem(401, "unauthenticated")
    connect()
    socket_peer.hear()["socket"].close(4401)
    assert signals.next(told.Stopped).reason == "signed_out"
    assert tokens.load() is None


def test_a_token_about_to_end_is_renewed_on_the_standing_connection(
    socket_peer: SocketPeer, http_peer: HttpPeer, connect: Connect, signals: Recorder
) -> None:
    http_peer.routes["POST /auth/refresh"] = lambda *_: (200, RENEWED)
    connect(replace(QUICK, renew_before_end=3700.0, renew_again=60.0))
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    renewal = peer.expect()
    assert (renewal["op"], renewal["token"]) == ("reauth", "access-2")
    peer.send(accepted(renewal), event(1))
    wait_for_event(signals, 1)


def test_without_the_server_an_ending_token_is_no_reason_to_sign_out(
    socket_peer: SocketPeer, http_peer: HttpPeer, connect: Connect, signals: Recorder
) -> None:
    http_peer.routes["POST /auth/refresh"] = lambda *_: (503, b"")
    connect(replace(QUICK, renew_before_end=3700.0))
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(), event(1))
    wait_for_event(signals, 1)
    http_peer.routes["POST /auth/refresh"] = lambda *_: (200, RENEWED)
    assert peer.expect()["token"] == "access-2"


def test_without_tokens_it_does_not_even_connect(
    socket_peer: SocketPeer, account: Account, connect: Connect, signals: Recorder
) -> None:
    account.forget()
    connect()
    assert signals.next(told.Stopped).reason == "signed_out"
    assert socket_peer.nobody_comes(0.1)


def test_a_connection_that_was_never_started_can_be_stopped(
    socket_peer: SocketPeer, account: Account, outbox: Outbox, signals: Recorder
) -> None:
    LiveConnection(url=socket_peer.url, owner=OWNER, account=account, outbox=outbox, on_signal=signals).stop(
        wait_seconds=1
    )
    assert signals.rest(object) == []
