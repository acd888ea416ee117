"""Silence, failures, close codes and tokens: what the live connection does when it cannot go on."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import pytest

from client.net import signals as told
from client.net.account import Account
from client.net.live import LiveConnection
from client.net.outbox import Outbox
from client.net.tokens import FileTokens
from tests.client.net.conftest import OWNER, QUICK, Connect
from tests.client.net.examples import accepted, event, welcome
from tests.client.net.peer import HttpPeer, Recorder, SocketPeer, problem

RENEWED = {
    "access_token": "access-2",
    "refresh_token": "refresh-2",
    "token_type": "Bearer",
    "expires_in": 900,
}


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


def test_a_line_that_died_in_a_sleep_is_found_out_and_replaced_at_once(
    socket_peer: SocketPeer, connect: Connect
) -> None:
    slow = {
        "ping_every": 10_000.0,
        "watchdog": 10_000.0,
        "backoff_base": 10_000.0,
        "backoff_longest": 10_000.0,
    }
    live = connect(replace(QUICK, proof=0.2, **slow))
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=4))
    peer.expect(but="nothing")  # the ping that follows a welcome, which stays without an answer
    live.retry_now()
    assert peer.expect(but="nothing")["op"] == "ping"
    peer.send(event(5))  # what was on its way before the sleep proves nothing
    assert socket_peer.hear()["resume"] == {"epoch": "1", "seq": 5}


def test_a_line_that_outlived_the_sleep_is_kept_and_waits_its_turn_later(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    live = connect(
        replace(QUICK, proof=0.3, ping_every=10_000.0, backoff_base=10_000.0, backoff_longest=10_000.0)
    )
    peer = socket_peer.hear()["socket"]
    peer.send(welcome())
    peer.expect(but="nothing")
    live.retry_now()
    ping = peer.expect(but="nothing")
    peer.send(accepted(ping, t=0, server_ms=0))
    assert socket_peer.nobody_comes(0.6)
    peer.drop()
    assert signals.next(told.StatusChanged, lambda status: status.retry_at is not None)
    assert socket_peer.nobody_comes(0.2)  # not in a hurry any more


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
    signals.event(1)


def test_without_the_server_an_ending_token_is_no_reason_to_sign_out(
    socket_peer: SocketPeer, http_peer: HttpPeer, connect: Connect, signals: Recorder
) -> None:
    http_peer.routes["POST /auth/refresh"] = lambda *_: (503, b"")
    connect(replace(QUICK, renew_before_end=3700.0))
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(), event(1))
    signals.event(1)
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
