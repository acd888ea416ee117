"""Swipes from the finger to the server and back: at once, once, and never lost."""

from __future__ import annotations

from typing import Any

from tests.client.net.examples import (
    ANA,
    BEN,
    SESSION,
    accepted,
    card,
    event,
    refused,
    resumed,
    snapshot,
    welcome,
)
from tests.client.net.peer import HttpPeer, SocketPeer
from tests.client.store.conftest import (
    RUNNING,
    OpenClient,
    WholeClient,
    current,
    in_session,
    swiping,
)


def test_a_swipe_leaves_at_once_and_is_confirmed_later(client: WholeClient, socket_peer: SocketPeer) -> None:
    peer = swiping(client, socket_peer)
    client.commands.swipe(card(1)["id"], "right")
    assert current(client) == card(2)["id"]
    operation = peer.expect()
    assert operation["data"] == {"item": card(1)["id"], "direction": "right", "round": 1}
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


def test_an_undo_brings_the_card_back_at_once_and_is_sent_after_its_swipe(
    client: WholeClient, socket_peer: SocketPeer
) -> None:
    peer = swiping(client, socket_peer)
    client.commands.swipe(card(1)["id"], "right")
    client.commands.undo()
    assert current(client) == card(1)["id"]
    client.commands.swipe(card(1)["id"], "left")
    assert current(client) == card(2)["id"]
    swipe = peer.expect()
    peer.send(accepted(swipe, item=card(1)["id"]))
    undo = peer.expect()
    assert undo["op"] == "undo"
    peer.send(accepted(undo, item=card(1)["id"]))
    assert peer.expect()["data"]["direction"] == "left"
    assert current(client) == card(2)["id"]


def test_a_refused_undo_puts_the_card_away_again_with_a_sentence(
    client: WholeClient, socket_peer: SocketPeer
) -> None:
    peer = swiping(client, socket_peer)
    client.commands.swipe(card(1)["id"], "right")
    client.commands.undo()
    peer.send(accepted(peer.expect(), item=card(1)["id"]))
    peer.send(refused(peer.expect(), "nothing_to_undo"))
    state = client.wait(lambda state: state.notice)
    assert state.notice is not None
    assert state.notice.text == "That could not be taken back: Not now."
    assert current(client) == card(2)["id"]


def test_there_is_nothing_to_undo_before_the_first_swipe(
    client: WholeClient, socket_peer: SocketPeer
) -> None:
    peer = swiping(client, socket_peer)
    client.commands.undo()
    client.commands.swipe(card(1)["id"], "right")
    assert peer.expect()["op"] == "swipe"


def test_swipes_and_undos_before_a_restart_are_done_in_their_order(
    open_client: OpenClient, socket_peer: SocketPeer
) -> None:
    first = open_client()
    peer = swiping(first, socket_peer)
    first.commands.swipe(card(1)["id"], "right")
    first.commands.swipe(card(2)["id"], "right")
    first.commands.undo()
    peer.expect()
    first.close()
    second = open_client()
    second.commands.restore()
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=1, **RUNNING))
    swipes = [peer.expect(), peer.expect()]
    second.wait(lambda state: state.session and state.session.deck)
    assert current(second) == card(2)["id"]
    peer.send(*(accepted(operation) for operation in swipes))
    undo = peer.expect()
    assert undo["op"] == "undo"
    peer.send(accepted(undo, item=card(2)["id"]))
    second.wait(lambda state: state.pending_swipes == 0)
    assert current(second) == card(2)["id"]


def test_a_swipe_of_an_earlier_round_does_not_count_in_the_next(
    client: WholeClient, socket_peer: SocketPeer, routes: dict[str, Any]
) -> None:
    peer = swiping(client, socket_peer)
    peer.drop()
    client.wait(lambda state: state.connection.status == "reconnecting")
    client.commands.swipe(card(1)["id"], "right")
    client.wait(lambda state: state.pending_swipes == 1)
    routes[f"GET /sessions/{SESSION}/deck"] = lambda *_: (
        200,
        {"round": 2, "items": [card(1), card(4)], "swiped": []},
    )
    peer = socket_peer.hear()["socket"]
    peer.send(resumed(seq=2), event(2, "round_started", round=2, deck=[], deck_sizes={ANA: 2, BEN: 2}))
    operation = peer.expect()
    client.wait(lambda state: state.session and state.session.round == 2 and state.session.deck)
    assert current(client) == card(1)["id"]
    peer.send(refused(operation, "unknown_item"))
    state = client.wait(lambda state: state.notice)
    assert state.notice is not None
    assert "round was over" in state.notice.text
    assert current(client) == card(1)["id"]


def test_a_swipe_that_met_a_pause_is_sent_again_and_counts(
    client: WholeClient, socket_peer: SocketPeer
) -> None:
    peer = swiping(client, socket_peer)
    client.commands.swipe(card(1)["id"], "right")
    operation = peer.expect()
    peer.send(event(2, "paused"), refused(operation, "paused", retry_after=0.05))
    again = peer.expect()
    assert again == operation
    assert client.state.pending_swipes == 1
    peer.send(event(3, "resumed"), accepted(again, item=card(1)["id"]))
    state = client.wait(lambda state: state.pending_swipes == 0)
    assert state.notice is None
    assert current(client) == card(2)["id"]


def test_cards_are_loaded_during_a_pause_too(client: WholeClient, socket_peer: SocketPeer) -> None:
    pause = {"reason": "vote", "remaining_ms": 5000}
    in_session(client, socket_peer, status="paused", round=1, pause=pause)
    client.wait(lambda state: state.session and state.session.deck)


def test_who_watches_loads_no_cards(
    client: WholeClient, socket_peer: SocketPeer, http_peer: HttpPeer
) -> None:
    watching = [{**person, "spectator": True} for person in snapshot()["participants"]]
    peer = in_session(client, socket_peer, **RUNNING, participants=watching)
    peer.send(event(2, "chat"))
    client.wait(lambda state: state.session and state.session.messages)
    assert http_peer.times_asked(f"GET /sessions/{SESSION}/deck") == 0
