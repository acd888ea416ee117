"""Swipes from the finger to the server and back: at once, once, and never lost."""

from __future__ import annotations

from tests.client.net.examples import accepted, card, event, refused, resumed, welcome
from tests.client.net.peer import SocketPeer
from tests.client.store.conftest import (
    RUNNING,
    OpenClient,
    WholeClient,
    current,
    swiping,
)


def test_a_swipe_leaves_at_once_and_is_confirmed_later(client: WholeClient, socket_peer: SocketPeer) -> None:
    peer = swiping(client, socket_peer)
    client.commands.swipe(card(1)["id"], "right")
    assert current(client) == card(2)["id"]
    operation = peer.expect()
    assert operation["data"] == {"item": card(1)["id"], "direction": "right"}
    client.wait(lambda state: state.pending_swipes == 1)
    peer.send(accepted(operation, item=card(1)["id"], swiped=1))
    client.wait(lambda state: state.pending_swipes == 0)
    assert current(client) == card(2)["id"]


def test_a_card_can_be_swiped_only_once(client: WholeClient, socket_peer: SocketPeer) -> None:
    peer = swiping(client, socket_peer)
    client.commands.swipe(card(1)["id"], "right")
    client.commands.swipe(card(1)["id"], "left")
    client.commands.swipe(card(2)["id"], "up")
    assert [peer.expect()["data"]["item"] for _ in range(2)] == [card(1)["id"], card(2)["id"]]


def test_a_rejected_swipe_brings_its_card_back_with_a_sentence(
    client: WholeClient, socket_peer: SocketPeer
) -> None:
    peer = swiping(client, socket_peer)
    client.commands.swipe(card(1)["id"], "right")
    client.commands.swipe(card(2)["id"], "right")
    peer.send(refused(peer.expect(), "round_over"))
    state = client.wait(lambda state: state.notice)
    assert current(client) == card(1)["id"]
    assert state.notice is not None
    assert state.notice.text == "That swipe did not count: Not now."
    peer.send(accepted(peer.expect()))
    client.wait(lambda state: state.pending_swipes == 0)


def test_a_refusal_after_the_match_is_no_news(client: WholeClient, socket_peer: SocketPeer) -> None:
    peer = swiping(client, socket_peer)
    client.commands.swipe(card(1)["id"], "right")
    operation = peer.expect()
    peer.send(event(2, "matched"), refused(operation, "session_over"))
    state = client.wait(lambda state: state.session and state.session.outcome and not state.pending_swipes)
    client.wait(lambda state: state.session and card(1)["id"] not in state.session.swiped_ids)
    assert state.notice is None


def test_what_is_swiped_offline_is_sent_when_the_connection_is_back(
    client: WholeClient, socket_peer: SocketPeer
) -> None:
    peer = swiping(client, socket_peer)
    peer.drop()
    client.wait(lambda state: state.connection.status == "reconnecting")
    client.commands.swipe(card(1)["id"], "right")
    client.commands.swipe(card(2)["id"], "left")
    client.wait(lambda state: state.pending_swipes == 2)
    peer = socket_peer.hear()["socket"]
    peer.send(resumed(seq=1))
    operations = [peer.expect(), peer.expect()]
    assert [operation["data"]["direction"] for operation in operations] == ["right", "left"]
    peer.send({"batch": [accepted(operation) for operation in operations]})
    client.wait(lambda state: state.pending_swipes == 0 and state.connection.status == "connected")


def test_what_was_swiped_before_a_restart_stays_swiped_and_is_sent(
    open_client: OpenClient, socket_peer: SocketPeer
) -> None:
    first = open_client()
    peer = swiping(first, socket_peer)
    first.commands.swipe(card(1)["id"], "right")
    peer.expect()
    first.close()
    second = open_client()
    second.commands.restore()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=1, **RUNNING))
    assert peer.expect()["data"]["item"] == card(1)["id"]
    state = second.wait(lambda state: state.session and state.session.deck and state.pending_swipes == 1)
    assert current(second) == card(2)["id"]
    assert state.session is not None
