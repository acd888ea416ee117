"""What the user is told reaches the state: live at home and in sessions, from the list, and never twice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from client.store import actions
from client.store.group_reducer import session_invitations
from client.store.inbox import listener
from client.store.state import AppState
from tests.client.net.examples import (
    SESSION,
    group,
    inbox_welcome,
    live_session,
    notification,
    snapshot,
    told,
    welcome,
)
from tests.client.net.peer import HttpPeer, PeerSocket, SocketPeer, problem
from tests.client.store.conftest import TOKENS, USER, WholeClient, signed_in

GROUPS, INBOX = "GET /groups?limit=100", "GET /users/me/notifications?limit=100"
FIRST = notification(1)["id"]
READ_FIRST = f"POST /users/me/notifications/{FIRST}/read"
Routes = dict[str, Any]


@pytest.fixture(autouse=True)
def quiet(routes: Routes) -> None:
    """An inbox with nothing in it, and one group in which nothing goes on."""
    routes |= {
        GROUPS: lambda *_: (200, {"items": [group()]}),
        INBOX: lambda *_: (200, {"items": []}),
        READ_FIRST: lambda *_: (200, notification(1, read_at="2025-11-24T16:01:00.000Z")),
    }


def invited(state: AppState) -> list[str]:
    return [one.notification_id for one in session_invitations(state)]


def listening(client: WholeClient, inbox_peer: SocketPeer) -> PeerSocket:
    """Signed in, and heard by the inbox."""
    signed_in(client)
    peer: PeerSocket = inbox_peer.hear()["socket"]
    peer.send(inbox_welcome())
    client.wait(lambda state: state.groups is not None)
    return peer


def test_a_session_of_ones_group_is_heard_of_at_once(client: WholeClient, inbox_peer: SocketPeer) -> None:
    listening(client, inbox_peer).send(told(1))
    state = client.wait(invited)
    (invitation,) = session_invitations(state)
    assert (invitation.host_name, invitation.group_name, invitation.code) == ("Ana", "Home", "K7M2QX")
    assert state.notice is None  # it has a place of its own


def test_other_news_is_said_and_shows_in_the_groups(
    client: WholeClient, inbox_peer: SocketPeer, routes: Routes
) -> None:
    peer = listening(client, inbox_peer)
    routes[GROUPS] = lambda *_: (200, {"items": []})
    peer.send(told(1, kind="group_removed", text="You are no longer in Home.", data={"group_name": "Home"}))
    state = client.wait(lambda state: state.notice and state.groups == ())
    assert (state.notice and state.notice.text, invited(state)) == ("You are no longer in Home.", [])


def test_what_came_while_nobody_listened_is_in_the_list(
    client: WholeClient, inbox_peer: SocketPeer, routes: Routes
) -> None:
    over = notification(2, data={**notification()["data"], "session_id": "f" * 24})
    routes[INBOX] = lambda *_: (200, {"items": [over, notification(1)]})
    routes[GROUPS] = lambda *_: (200, {"items": [group(live_session=live_session())]})
    listening(client, inbox_peer)
    assert invited(client.state) == [FIRST]


def test_a_list_that_cannot_be_read_is_read_with_the_next_connection(
    client: WholeClient, inbox_peer: SocketPeer, http_peer: HttpPeer
) -> None:
    signed_in(client)
    answer = http_peer.routes[INBOX]
    http_peer.routes[INBOX] = lambda *_: problem(503, "busy")
    peer = inbox_peer.hear()["socket"]
    peer.send(inbox_welcome())
    http_peer.wait_for(INBOX)
    http_peer.routes[INBOX] = answer
    peer.close(1012)
    inbox_peer.hear()["socket"].send(inbox_welcome())
    state = client.wait(lambda state: state.groups is not None)
    assert (state.notice, state.notifications) == (None, ())


def test_joining_takes_one_step_and_the_invitation_goes(
    client: WholeClient, inbox_peer: SocketPeer, socket_peer: SocketPeer, http_peer: HttpPeer
) -> None:
    joined = []

    def join(content: dict[str, Any], _token: str | None) -> tuple[int, Any]:
        joined.append(content)
        return 200, snapshot(seq=0)

    http_peer.routes["POST /sessions/join"] = join
    peer = listening(client, inbox_peer)
    peer.send(told(1))
    client.wait(invited)
    client.commands.join_invitation(FIRST)
    assert socket_peer.hear()["session"] == SESSION
    state = client.wait(lambda state: state.session and not state.busy)
    assert (joined, state.notifications) == ([{"code": "K7M2QX"}], ())
    http_peer.wait_for(READ_FIRST)
    assert peer.expect_close() == 1000  # the session's socket brings the same from now on


def test_who_joins_by_the_code_needs_no_invitation_any_more(
    client: WholeClient, inbox_peer: SocketPeer, socket_peer: SocketPeer, http_peer: HttpPeer
) -> None:
    listening(client, inbox_peer).send(told(1))
    client.wait(invited)
    client.commands.join_session("K7M2QX")
    socket_peer.hear()
    client.wait(lambda state: state.session and not state.notifications)
    http_peer.wait_for(READ_FIRST)


@pytest.mark.parametrize("code", ["unknown_code", "session_over"])
def test_who_comes_too_late_is_told_kindly(
    client: WholeClient, inbox_peer: SocketPeer, http_peer: HttpPeer, code: str
) -> None:
    http_peer.routes["POST /sessions/join"] = lambda *_: problem(404, code, "No session has this code now.")
    listening(client, inbox_peer).send(told(1))
    client.wait(invited)
    client.commands.join_invitation(FIRST)
    state = client.wait(lambda state: state.notice and not state.busy)
    assert state.notice is not None
    assert (state.notice.kind, invited(state)) == ("info", [])
    assert state.notice.text.startswith("Too late: Ana's session with Home is over.")
    http_peer.wait_for(READ_FIRST)


def test_an_invitation_that_cannot_be_accepted_now_stays(
    client: WholeClient, inbox_peer: SocketPeer, http_peer: HttpPeer
) -> None:
    http_peer.routes["POST /sessions/join"] = lambda *_: problem(409, "too_many_sessions", "Leave it first.")
    listening(client, inbox_peer).send(told(1))
    client.wait(invited)
    client.commands.join_invitation(FIRST)
    state = client.wait(lambda state: state.notice and not state.busy)
    assert (state.notice and state.notice.text, invited(state)) == ("Leave it first.", [FIRST])
    assert http_peer.times_asked(READ_FIRST) == 0


def test_what_is_dismissed_goes_even_if_the_server_cannot_be_told(
    client: WholeClient, inbox_peer: SocketPeer, http_peer: HttpPeer
) -> None:
    http_peer.routes[READ_FIRST] = lambda *_: problem(503, "busy")
    listening(client, inbox_peer).send(told(1))
    client.wait(invited)
    client.commands.dismiss_notification(FIRST)
    assert invited(client.state) == []
    http_peer.wait_for(READ_FIRST)
    client.commands.join_invitation(FIRST)
    assert (client.state.busy, client.state.notice) == (frozenset(), None)


def test_in_a_session_its_socket_tells(
    client: WholeClient, socket_peer: SocketPeer, inbox_peer: SocketPeer
) -> None:
    inbox = listening(client, inbox_peer)
    client.commands.join_session("K7M2QX")
    peer = socket_peer.hear()["socket"]
    peer.send(welcome(seq=1))
    assert inbox.expect_close() == 1000
    other = {**notification()["data"], "session_id": "f" * 24}
    peer.send(told(1, data=other), told(2, kind="group_joined", text="Bo has joined Home."))
    state = client.wait(lambda state: len(state.notifications) == 2)
    assert (invited(state), state.notice) == ([FIRST], None)  # nobody is interrupted while they swipe
    client.commands.close_session()
    assert "session" not in inbox_peer.hear()


def test_logging_out_hangs_up_and_nobody_is_blamed(
    client: WholeClient, inbox_peer: SocketPeer, routes: Routes
) -> None:
    peer = listening(client, inbox_peer)
    client.commands.log_out()
    state = client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert (peer.expect_close(), state.auth.error) == (1000, None)
    routes["POST /auth/login"] = lambda *_: (200, {**TOKENS, "user": USER})
    signed_in(client)
    assert inbox_peer.hear()["op"] == "hello"


def test_a_log_in_that_is_over_is_found_here_too(
    client: WholeClient, inbox_peer: SocketPeer, routes: Routes
) -> None:
    routes["POST /auth/refresh"] = lambda *_: problem(401, "unauthenticated")
    listening(client, inbox_peer).close(4401)
    state = client.wait(lambda state: state.auth.status == "signed_out")
    assert "log in again" in (state.auth.error or "")


def test_a_server_that_knows_no_inbox_costs_nothing(client: WholeClient, inbox_peer: SocketPeer) -> None:
    signed_in(client)
    inbox_peer.hear()["socket"].close(4400)
    assert inbox_peer.nobody_comes(0.2)
    assert (client.state.notice, client.state.auth.status) == (None, "signed_in")


def test_guests_and_those_who_are_not_here_have_no_inbox_to_hear(
    client: WholeClient, inbox_peer: SocketPeer, routes: Routes
) -> None:
    guest = {**USER, "role": "guest", "email": None, "email_confirmed": False}
    routes["POST /auth/login"] = lambda *_: (200, {**TOKENS, "user": guest})
    signed_in(client)
    assert listener(client.state) is None
    assert inbox_peer.nobody_comes(0.2)
    user = client.state.auth.user
    assert user is not None
    client.store.dispatch(actions.SignedIn(replace(user, role="user")))
    assert inbox_peer.hear()["op"] == "hello"
