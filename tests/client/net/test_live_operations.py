"""Operations over the live connection: sent until answered, answered once, kept over a killed app."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from client.net import signals as told
from client.net.account import Account
from client.net.live import LiveConnection
from client.net.outbox import Outbox
from tests.client.net.conftest import OWNER, QUICK, Connect
from tests.client.net.examples import accepted, event, refused, resumed, welcome
from tests.client.net.peer import Recorder, SocketPeer


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
    signals.event(1)
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
