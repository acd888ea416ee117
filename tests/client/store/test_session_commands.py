"""Getting into a session, acting in it and out of it: through both wires to the state screens show."""

from __future__ import annotations

import threading
from typing import Any

from tests.client.net.examples import ANA, SESSION, accepted, card, event, refused, resumed, snapshot, welcome
from tests.client.net.peer import Answer, HttpPeer, SocketPeer, problem
from tests.client.store.conftest import (
    DECK,
    OpenClient,
    WholeClient,
    in_session,
    signed_in,
    swiping,
)


def test_creating_a_session_opens_it_and_its_socket(client: WholeClient, socket_peer: SocketPeer) -> None:
    signed_in(client).commands.create_session("restaurants", [60])
    hello = socket_peer.hear()
    assert (hello["session"], hello["token"]) == (SESSION, "access-1")
    state = client.wait(lambda state: state.session)
    assert state.session is not None
    assert state.session.menu == "restaurants"


def test_a_wrong_code_is_a_notice(client: WholeClient, routes: dict[str, Any]) -> None:
    signed_in(client)
    routes["POST /sessions/join"] = lambda *_: problem(404, "session_not_found", "No session has this code.")
    client.commands.join_session("AAAAAA")
    state = client.wait(lambda state: state.notice)
    assert state.notice is not None
    assert (state.notice.kind, state.notice.text) == ("error", "No session has this code.")
    client.commands.dismiss_notice()
    assert client.state.notice is None


def test_a_command_runs_once_however_often_it_is_pressed(client: WholeClient, http_peer: HttpPeer) -> None:
    signed_in(client)
    go_on = threading.Event()

    def create(_content: dict[str, Any], _token: str | None) -> Answer:
        go_on.wait(5)
        return problem(409, "conflict")

    http_peer.routes["POST /sessions"] = create
    for _ in range(3):
        client.commands.create_session("both")
    assert client.state.busy == {"create_session"}
    go_on.set()
    client.wait(lambda state: not state.busy and state.notice)
    assert http_peer.times_asked("POST /sessions") == 1


def test_voting_and_getting_ready_last_until_the_server_has_answered(
    client: WholeClient, socket_peer: SocketPeer
) -> None:
    peer = in_session(client, socket_peer, my_energy=None)
    client.commands.set_energy("high")
    operation = peer.expect()
    assert (operation["op"], operation["data"]) == ("energy", {"level": "high"})
    assert client.state.busy == {"set_energy"}
    peer.send(accepted(operation, level="high"))
    state = client.wait(lambda state: not state.busy)
    assert state.session is not None
    assert state.session.my_energy == "high"
    client.commands.set_ready(ready=True)
    operation = peer.expect()
    assert (operation["op"], operation["data"]) == ("ready", {"ready": True})
    peer.send(accepted(operation))
    client.wait(lambda state: not state.busy)


def test_a_refused_start_is_explained(client: WholeClient, socket_peer: SocketPeer) -> None:
    peer = in_session(client, socket_peer)
    client.commands.start()
    peer.send(refused(peer.expect(), "not_host", detail="Only the host can start the session."))
    state = client.wait(lambda state: state.notice and not state.busy)
    assert state.notice is not None
    assert state.notice.text == "Only the host can start the session."


def test_a_round_brings_its_cards(client: WholeClient, socket_peer: SocketPeer) -> None:
    peer = in_session(client, socket_peer)
    peer.send(event(2, "round_started"))
    state = client.wait(lambda state: state.session and state.session.deck)
    assert state.session is not None
    assert (state.session.round, len(state.session.deck)) == (1, 3)


def test_cards_that_cannot_be_loaded_at_first_come_later(
    client: WholeClient, socket_peer: SocketPeer, routes: dict[str, Any]
) -> None:
    answers = iter([(503, b""), problem(409, "not_started"), (200, {**DECK, "round": 0}), (200, DECK)])
    routes[f"GET /sessions/{SESSION}/deck"] = lambda *_: next(answers)
    peer = in_session(client, socket_peer)
    peer.send(event(2, "round_started"))
    client.wait(lambda state: state.session and state.session.deck)
    assert client.state.notice is None


def test_leaving_tells_the_server_and_goes_home(
    client: WholeClient, socket_peer: SocketPeer, http_peer: HttpPeer
) -> None:
    peer = in_session(client, socket_peer)
    client.commands.leave()
    client.wait(lambda state: state.session is None and not state.busy)
    assert http_peer.times_asked(f"POST /sessions/{SESSION}/leave") == 1
    assert peer.expect_close() == 1000
    assert client.state.connection.status == "offline"


def test_closing_after_the_outcome_goes_home_and_stays_there(
    open_client: OpenClient, socket_peer: SocketPeer
) -> None:
    client = open_client()
    peer = in_session(client, socket_peer)
    peer.send(event(2, "matched"))
    peer.close(1000)
    client.wait(lambda state: state.connection.status == "offline" and state.session)
    client.commands.close_session()
    assert client.state.session is None
    client.close()
    again = open_client()
    again.commands.restore()
    again.wait(lambda state: state.auth.status == "signed_in" and not state.busy)
    assert again.state.open_session_id is None


def test_being_no_participant_any_more_ends_at_home_with_a_sentence(
    client: WholeClient, socket_peer: SocketPeer
) -> None:
    in_session(client, socket_peer).close(4403)
    state = client.wait(lambda state: state.notice and state.session is None)
    assert state.notice is not None
    assert "not part of this session" in state.notice.text


def test_a_start_that_was_refused_is_said_to_everybody(client: WholeClient, socket_peer: SocketPeer) -> None:
    peer = in_session(client, socket_peer)
    peer.send(event(2, "start_refused", code="deck_too_small", detail="Only 2 cards suit everybody."))
    state = client.wait(lambda state: state.notice)
    assert state.notice is not None
    assert state.notice.text == "Only 2 cards suit everybody."


def test_a_session_taken_over_elsewhere_says_so(client: WholeClient, socket_peer: SocketPeer) -> None:
    in_session(client, socket_peer).close(4409)
    state = client.wait(lambda state: state.notice)
    assert state.session is not None
    assert state.connection.status == "offline"


def test_the_socket_finding_the_log_in_over_signs_out(
    client: WholeClient, socket_peer: SocketPeer, routes: dict[str, Any]
) -> None:
    routes["POST /auth/refresh"] = lambda *_: problem(401, "unauthenticated")
    in_session(client, socket_peer).close(4401)
    state = client.wait(lambda state: state.auth.status == "signed_out")
    assert state.auth.error == "Your log-in has ended. Please log in again."
    assert state.session is None
    signed_in(client)
    assert socket_peer.hear()["session"] == SESSION


def test_a_goodbye_without_its_last_event_is_looked_up(
    client: WholeClient, socket_peer: SocketPeer, routes: dict[str, Any]
) -> None:
    over = {"kind": "match", "items": [card(1)], "decided_at": "2025-11-24T16:00:00.000Z"}
    peer = swiping(client, socket_peer)
    ended = snapshot(status="matched", round=1, seq=2, outcome=over)
    routes[f"GET /sessions/{SESSION}"] = lambda *_: (200, ended)
    peer.close(1000)
    client.wait(lambda state: state.session and state.session.outcome)


def test_leaving_without_the_server_still_goes_home(
    client: WholeClient, socket_peer: SocketPeer, routes: dict[str, Any]
) -> None:
    in_session(client, socket_peer)
    routes[f"POST /sessions/{SESSION}/leave"] = lambda *_: (503, b"")
    client.commands.leave()
    state = client.wait(lambda state: state.session is None and not state.busy)
    assert state.notice is not None
    assert state.notice.kind == "info"


def test_opening_a_session_that_is_over_shows_it_without_a_socket(
    client: WholeClient, socket_peer: SocketPeer, routes: dict[str, Any]
) -> None:
    routes[f"GET /sessions/{SESSION}"] = lambda *_: (200, snapshot(status="expired"))
    signed_in(client).commands.open_session(SESSION)
    state = client.wait(lambda state: state.session)
    assert state.session is not None
    assert socket_peer.nobody_comes(0.2)


def test_after_an_outcome_people_still_talk_and_toss_a_coin(
    client: WholeClient, socket_peer: SocketPeer, routes: dict[str, Any]
) -> None:
    items = [card(1), card(2)]
    tied = [item["id"] for item in items]
    over = {"kind": "closest", "items": items, "decided_at": "2025-11-24T16:00:00.000Z", "tied": tied}
    closest = {"status": "closest", "outcome": over}
    routes[f"GET /sessions/{SESSION}"] = lambda *_: (200, snapshot(**closest))
    signed_in(client).commands.open_session(SESSION)
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=2, **closest), event(3, "chat"), event(4, "coin_tossed", item=tied[1], among=tied))
    state = client.wait(lambda s: s.session and s.session.outcome and s.session.outcome.tossed)
    assert state.session is not None
    assert len(state.session.messages) == 1


def test_votes_and_the_toss_last_until_the_server_has_answered(
    client: WholeClient, socket_peer: SocketPeer
) -> None:
    peer = swiping(client, socket_peer)
    client.commands.vote("skip_round", in_favour=True)
    operation = peer.expect()
    assert (operation["op"], operation["data"]) == ("vote", {"motion": "skip_round", "in_favour": True})
    assert client.state.busy == {"vote"}
    peer.send(refused(operation, "motion_not_possible", detail="Nothing to skip."))
    state = client.wait(lambda state: state.notice and not state.busy)
    assert state.notice is not None
    assert state.notice.text == "Nothing to skip."
    client.commands.toss()
    operation = peer.expect()
    assert (operation["op"], operation["data"]) == ("toss", {})
    peer.send(accepted(operation, item=card(1)["id"]))
    client.wait(lambda state: not state.busy)


def test_what_is_said_is_sent_trimmed_and_shown_when_it_comes_back(
    client: WholeClient, socket_peer: SocketPeer
) -> None:
    peer = in_session(client, socket_peer)
    client.commands.chat("   ")
    client.commands.chat(" Tacos? " + "!" * 600)
    operation = peer.expect()
    assert operation["op"] == "chat"
    assert operation["data"]["text"].startswith("Tacos? !")
    assert len(operation["data"]["text"]) == 500
    peer.send(accepted(operation, message_id="m1"), event(2, "chat", message_id="m1", text="Tacos?"))
    client.wait(lambda state: state.session and [m.text for m in state.session.messages] == ["Tacos?"])


def test_too_many_messages_wait_and_a_refused_one_is_explained(
    client: WholeClient, socket_peer: SocketPeer
) -> None:
    peer = in_session(client, socket_peer)
    client.commands.chat("Tacos?")
    operation = peer.expect()
    peer.send(refused(operation, "too_many_messages", retry_after=0.05))
    assert peer.expect() == operation
    peer.send(refused(operation, "session_over", detail="The session is over."))
    state = client.wait(lambda state: state.notice)
    assert state.notice is not None
    assert state.notice.text == "The session is over."


def test_a_reaction_is_sent_now_or_not_at_all(client: WholeClient, socket_peer: SocketPeer) -> None:
    peer = in_session(client, socket_peer)
    client.commands.react("🔥")
    operation = peer.expect()
    assert (operation["op"], operation["data"]) == ("react", {"emoji": "🔥"})
    peer.send(accepted(operation))
    peer.drop()
    client.wait(lambda state: state.connection.status == "reconnecting")
    client.commands.react("👎")
    peer = socket_peer.hear()["socket"]
    peer.send(resumed(seq=1))
    assert peer.hear_nothing(0.2)


def test_what_was_said_before_is_loaded_with_the_snapshot(
    client: WholeClient, socket_peer: SocketPeer, routes: dict[str, Any]
) -> None:
    message = {"id": "m1", "participant_id": ANA, "text": "Tacos?", "at": "2025-11-24T16:00:00.000Z"}
    page = {"items": [message], "page": 1, "limit": 100, "total": 1, "has_more": False}
    routes[f"GET /sessions/{SESSION}/messages?limit=100"] = lambda *_: (200, page)
    peer = in_session(client, socket_peer)
    peer.send(event(2, "chat", message_id="m1", text="Tacos?"), event(3, "chat", message_id="m2", text="Yes"))
    client.wait(lambda state: state.session and len(state.session.messages) == 2)
