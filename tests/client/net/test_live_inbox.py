"""The live connection without a session: it brings what the user is told, and comes back like any other."""

from __future__ import annotations

from client.net import events
from client.net import signals as told_us
from client.net.outbox import Owner
from tests.client.net.conftest import Connect
from tests.client.net.examples import BEN, event, inbox_welcome, told, welcome
from tests.client.net.peer import Recorder, SocketPeer

INBOX = Owner(BEN, None)


def test_the_inbox_is_opened_and_tells(socket_peer: SocketPeer, connect: Connect, signals: Recorder) -> None:
    connect(owner=INBOX)
    hello = socket_peer.hear()
    peer = hello.pop("socket")
    assert hello == {"op": "hello", "v": 1, "token": "access-1"}
    peer.send(inbox_welcome(), told(7))
    signals.next(told_us.InboxOpened)
    body = signals.next(told_us.EventReceived).event.body
    assert isinstance(body, events.Notified)
    assert (body.notification.id, body.notification.kind) == (f"{7:024x}", "session_started")
    assert told_us.StatusChanged("connected") in signals.seen


def test_it_comes_back_asking_for_nothing_but_the_inbox(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect(owner=INBOX)
    peer = socket_peer.hear()["socket"]
    peer.send(inbox_welcome())
    signals.next(told_us.InboxOpened)
    peer.drop()
    again = socket_peer.hear()
    assert again.keys() == {"socket", "op", "v", "token"}
    again["socket"].send(inbox_welcome(), inbox_welcome(), told())
    signals.next(told_us.InboxOpened)
    signals.next(told_us.EventReceived)
    assert [kind for kind in signals.seen if isinstance(kind, told_us.InboxOpened)] == [
        told_us.InboxOpened()
    ] * 2


def test_an_event_of_a_session_has_no_place_in_it(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect(owner=INBOX)
    socket_peer.hear()["socket"].send(inbox_welcome(), event(1))
    socket_peer.hear()["socket"].send(inbox_welcome(), told())
    assert isinstance(signals.next(told_us.EventReceived).event.body, events.Notified)


def test_who_asked_for_a_session_is_not_content_with_an_inbox(
    socket_peer: SocketPeer, connect: Connect, signals: Recorder
) -> None:
    connect()
    socket_peer.hear()["socket"].send(inbox_welcome())
    socket_peer.hear()["socket"].send(welcome())
    signals.next(told_us.Welcomed)
    assert told_us.InboxOpened() not in signals.seen
