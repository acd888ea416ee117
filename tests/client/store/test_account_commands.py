"""Signing in and out, preferences, and what happens to every command: through both wires to the state."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from client.net.values import Preferences
from client.store.state import Auth
from tests.client.net.examples import SESSION, card, welcome
from tests.client.net.peer import SocketPeer, problem
from tests.client.store.conftest import (
    OpenClient,
    WholeClient,
    in_session,
    signed_in,
)


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
    errors = [{"field": "email", "message": "This is no e-mail address."}]
    routes["POST /auth/register"] = lambda *_: problem(422, "invalid_input", "Please check.", errors=errors)
    client.commands.register("ben@example.com", "long enough", "Ben")
    auth = client.wait(lambda state: state.auth.status == "signed_out" and state.auth.error).auth
    assert (auth.error, dict(auth.field_errors)) == ("Please check.", {"email": "This is no e-mail address."})


def test_a_wrong_password_is_an_error_of_the_form_and_no_notice(
    client: WholeClient, routes: dict[str, Any]
) -> None:
    routes["POST /auth/login"] = lambda *_: problem(401, "unauthenticated", "E-mail or password is wrong.")
    client.commands.log_in("ben@example.com", "wrong")
    state = client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert (state.auth.error, state.notice) == ("E-mail or password is wrong.", None)


def test_a_proxy_of_an_unknown_kind_is_said_where_one_logs_in(
    client: WholeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALL_PROXY", "socks://127.0.0.1:9")
    client.commands.log_in("ben@example.com", "long enough")
    auth = client.wait(lambda state: state.auth.status == "signed_out" and state.auth.error).auth
    assert "ALL_PROXY" in (auth.error or "")


@pytest.mark.parametrize("door", ["log_in", "restore"])
def test_what_nobody_has_foreseen_leaves_nobody_waiting_at_the_door(
    open_client: OpenClient, tmp_path: Path, door: str
) -> None:
    signed_in(open_client()).close()
    client = open_client()
    with closing(sqlite3.connect(tmp_path / "memory.sqlite3")) as memory:
        memory.execute("DROP TABLE remembered")
    if door == "restore":
        client.commands.restore()
    else:
        client.commands.log_in("ben@example.com", "long enough")
    state = client.wait(lambda state: state.auth.status == "signed_out" and not state.busy and state.notice)
    assert state.notice is not None
    assert "Something went wrong" in state.notice.text


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
