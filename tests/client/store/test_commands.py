"""Commands end to end: from a method call through both wires to the state that screens show."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from client.net.values import Preferences
from client.store.state import Auth
from tests.client.net.examples import BEN, SESSION, accepted, card, event, refused, resumed, snapshot, welcome
from tests.client.net.peer import Answer, HttpPeer, PeerSocket, SocketPeer, problem
from tests.client.store.conftest import WholeClient

USER = {"id": BEN, "email": "ben@example.com", "display_name": "Ben", "tier": "free"}
TOKENS = {"access_token": "access-1", "refresh_token": "refresh-1", "token_type": "Bearer", "expires_in": 900}
DECK = {"round": 1, "items": [card(1), card(2), card(3)], "swiped": []}
RUNNING = {"status": "swiping", "round": 1, "ends_at": "2025-11-24T16:05:00.000Z"}

OpenClient = Callable[..., WholeClient]


@pytest.fixture(autouse=True)
def routes(http_peer: HttpPeer) -> dict[str, Any]:
    """What the server answers unless a test says otherwise."""
    http_peer.routes |= {
        "POST /auth/register": lambda *_: (201, {**TOKENS, "user": USER}),
        "POST /auth/login": lambda *_: (200, {**TOKENS, "user": USER}),
        "POST /auth/logout": lambda *_: (204, None),
        "GET /auth/verify": lambda *_: (200, {"user": USER}),
        "POST /sessions": lambda content, _: (201, snapshot(menu=content["menu"], seq=0)),
        "POST /sessions/join": lambda *_: (200, snapshot(seq=0)),
        f"GET /sessions/{SESSION}": lambda *_: (200, snapshot(seq=0)),
        f"GET /sessions/{SESSION}/deck": lambda *_: (200, DECK),
        f"POST /sessions/{SESSION}/leave": lambda *_: (200, {"ok": True}),
    }
    return http_peer.routes


def signed_in(client: WholeClient) -> WholeClient:
    client.commands.log_in("ben@example.com", "long enough")
    client.wait(lambda state: state.auth.status == "signed_in" and not state.busy)
    return client


def in_session(client: WholeClient, socket_peer: SocketPeer, **changes: Any) -> PeerSocket:
    """Signed in, joined, and welcomed by the socket."""
    signed_in(client).commands.join_session("k7m 2qx")
    peer: PeerSocket = socket_peer.hear()["socket"]
    peer.send(welcome(seq=1, **changes))
    client.wait(lambda state: state.connection.status == "connected" and state.session and not state.busy)
    return peer


def swiping(client: WholeClient, socket_peer: SocketPeer) -> PeerSocket:
    peer = in_session(client, socket_peer, **RUNNING)
    client.wait(lambda state: state.session and state.session.deck)
    return peer


def current(client: WholeClient) -> str | None:
    session = client.state.session
    assert session is not None
    return None if session.current_card is None else session.current_card.id


# Accounts


def test_without_tokens_the_welcome_screen_follows(client: WholeClient) -> None:
    assert client.state.auth.status == "restoring"
    client.commands.restore()
    client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert client.state.auth.error is None


def test_registering_signs_in(client: WholeClient) -> None:
    client.commands.register("ben@example.com", "long enough", "Ben")
    state = client.wait(lambda state: state.auth.status == "signed_in")
    assert state.auth.user is not None
    assert state.auth.user.display_name == "Ben"


def test_what_is_wrong_with_the_form_is_said_at_its_fields(
    client: WholeClient, routes: dict[str, Any]
) -> None:
    errors = [{"field": "email", "message": "This address is taken."}]
    routes["POST /auth/register"] = lambda *_: problem(422, "invalid_input", "Please check.", errors=errors)
    client.commands.register("ben@example.com", "long enough", "Ben")
    assert client.state.auth.status == "signing_in"
    auth = client.wait(lambda state: state.auth.status == "signed_out").auth
    assert (auth.error, dict(auth.field_errors)) == ("Please check.", {"email": "This address is taken."})


def test_a_wrong_password_is_an_error_of_the_form_and_no_notice(
    client: WholeClient, routes: dict[str, Any]
) -> None:
    routes["POST /auth/login"] = lambda *_: problem(401, "unauthenticated", "E-mail or password is wrong.")
    client.commands.log_in("ben@example.com", "wrong")
    state = client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert (state.auth.error, state.notice) == ("E-mail or password is wrong.", None)


def test_the_next_start_restores_the_log_in_and_the_session(
    open_client: OpenClient, socket_peer: SocketPeer
) -> None:
    first = open_client()
    in_session(first, socket_peer)
    first.close()
    second = open_client()
    second.commands.restore()
    socket_peer.hear()["socket"].send(welcome(seq=1))
    state = second.wait(lambda state: state.connection.status == "connected" and state.session)
    assert state.auth.status == "signed_in"


def test_a_start_without_the_server_still_shows_who_is_signed_in(
    open_client: OpenClient, socket_peer: SocketPeer, routes: dict[str, Any]
) -> None:
    first = open_client()
    in_session(first, socket_peer)
    first.close()
    routes["GET /auth/verify"] = routes[f"GET /sessions/{SESSION}"] = lambda *_: (503, b"")
    second = open_client()
    second.commands.restore()
    state = second.wait(lambda state: state.auth.status == "signed_in" and state.notice)
    assert state.auth.user is not None


def test_a_log_in_that_no_longer_holds_ends_at_the_welcome_screen(
    open_client: OpenClient, routes: dict[str, Any]
) -> None:
    signed_in(open_client()).close()
    routes["GET /auth/verify"] = lambda *_: problem(401, "unauthenticated")
    second = open_client()
    second.commands.restore()
    second.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert second.state.auth == Auth(status="signed_out")


def test_logging_out_forgets_everything(client: WholeClient, socket_peer: SocketPeer) -> None:
    peer = in_session(client, socket_peer)
    client.commands.log_out()
    state = client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert (state.session, state.open_session_id, client.tokens.load()) == (None, None, None)
    assert peer.expect_close() == 1000


def test_a_command_that_finds_the_log_in_over_signs_out_with_a_sentence(
    client: WholeClient, routes: dict[str, Any]
) -> None:
    signed_in(client)
    routes["POST /sessions"] = lambda *_: problem(401, "unauthenticated", "Your log-in has ended.")
    client.commands.create_session("both")
    state = client.wait(lambda state: state.auth.status == "signed_out")
    assert state.auth.error == "Your log-in has ended."


# Sessions


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
    over = {"kind": "match", "items": [card(1)], "decided_at": "2025-11-24T16:00:00.000Z"}
    routes[f"GET /sessions/{SESSION}"] = lambda *_: (200, snapshot(status="matched", outcome=over))
    signed_in(client).commands.open_session(SESSION)
    state = client.wait(lambda state: state.session)
    assert state.session is not None
    assert state.session.outcome is not None
    assert socket_peer.nobody_comes(0.2)


# The rest


def test_preferences_are_loaded_and_saved(client: WholeClient, routes: dict[str, Any]) -> None:
    routes["GET /users/me/preferences"] = lambda *_: (200, {"dietary": ["vegan"]})
    routes["PUT /users/me/preferences"] = lambda content, _: (200, content)
    signed_in(client).commands.load_preferences()
    client.wait(lambda state: state.preferences == Preferences(dietary=("vegan",)))
    client.commands.save_preferences(Preferences(max_price=2))
    state = client.wait(lambda state: state.notice and not state.busy)
    assert state.preferences == Preferences(max_price=2)


def test_a_mistake_of_our_own_is_a_notice_and_no_crash(
    client: WholeClient, routes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("a widget's mistake")

    routes["GET /users/me/preferences"] = lambda *_: (200, {})
    signed_in(client)
    client.store.subscribe(lambda state: state.preferences, fail)
    client.commands.load_preferences()
    state = client.wait(lambda state: state.notice and not state.busy)
    assert state.notice is not None
    assert state.notice.text.startswith("Something went wrong")
    assert "a command failed" in caplog.text


def test_outside_a_session_its_commands_do_nothing(client: WholeClient) -> None:
    before = client.state
    client.commands.swipe(card(1)["id"], "right")
    client.commands.set_energy("low")
    client.commands.start()
    client.commands.leave()
    client.commands.retry_now()
    assert client.state is before
