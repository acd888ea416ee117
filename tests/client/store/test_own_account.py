"""Another password, and the devices one is logged in on: through the wire to the state."""

from __future__ import annotations

from typing import Any

import pytest

from client.join_code import Invitation
from client.net.values import Device
from client.store.state import PasswordForm
from tests.client.net.peer import Route, SocketPeer, problem
from tests.client.store.conftest import WholeClient, in_session, signed_in

Routes = dict[str, Route]
MOMENT = "2026-05-09T19:00:00.000Z"


def device(number: int, *, current: bool = False) -> dict[str, Any]:
    return {
        "id": f"d{number}", "name": "DinDin", "logged_in_at": MOMENT, "last_used_at": MOMENT, "current": current,
    }  # fmt: skip


@pytest.fixture
def member(client: WholeClient, routes: Routes) -> WholeClient:
    """Signed in on two devices, of which this is the first."""
    routes["GET /users/me/devices"] = lambda *_: (200, {"items": [device(1, current=True), device(2)]})
    return signed_in(client)


def known(client: WholeClient) -> list[str]:
    return [one.id for one in client.state.devices or ()]


def test_devices_are_listed(member: WholeClient) -> None:
    assert member.state.devices is None
    member.commands.load_devices()
    member.wait(lambda state: state.devices and not state.busy)
    assert member.state.devices is not None
    assert member.state.devices[0] == Device("d1", "DinDin", 1778353200.0, 1778353200.0, current=True)


def test_a_new_password_holds_and_ends_the_other_log_ins(member: WholeClient, routes: Routes) -> None:
    asked: list[dict[str, Any]] = []

    def change(content: dict[str, Any], _token: str | None) -> tuple[int, None]:
        asked.append(content)
        routes["GET /users/me/devices"] = lambda *_: (200, {"items": [device(1, current=True)]})
        return 204, None

    routes["POST /auth/password"] = change
    member.commands.change_password("as it was", "as it shall be")
    state = member.wait(lambda state: state.devices and not state.busy)
    assert asked == [{"current": "as it was", "new": "as it shall be"}]
    assert (state.password_form, known(member)) == (PasswordForm("done"), ["d1"])
    assert state.notice is not None
    assert state.notice.kind == "info"


def test_a_password_that_holds_is_not_refused_because_the_list_did_not_come(
    member: WholeClient, routes: Routes
) -> None:
    routes["POST /auth/password"] = lambda *_: (204, None)
    routes["GET /users/me/devices"] = lambda *_: problem(503, "busy", "Later, please.")
    member.commands.change_password("as it was", "as it shall be")
    state = member.wait(lambda state: state.notice and state.notice.kind == "error" and not state.busy)
    assert state.password_form == PasswordForm("done")


ERRORS = [{"field": "new", "message": "Use at least 10 characters."}]


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        (problem(403, "wrong_password", "It is wrong."), ("It is wrong.", {"current": "It is wrong."})),
        (
            problem(422, "invalid_input", "Please check.", errors=ERRORS),
            ("Please check.", {"new": "Use at least 10 characters."}),
        ),
        (problem(409, "password_changed", "Changed elsewhere."), ("Changed elsewhere.", {})),
    ],
    ids=["wrong", "too short", "changed elsewhere"],
)
def test_a_refused_password_is_said_at_its_form(
    member: WholeClient, routes: Routes, answer: Any, form: tuple[str, dict[str, str]]
) -> None:
    routes["POST /auth/password"] = lambda *_: answer
    member.commands.change_password("as it was", "as it shall be")
    state = member.wait(lambda state: state.password_form.status == "refused" and not state.busy)
    assert (state.password_form.error, dict(state.password_form.field_errors)) == form
    assert state.notice is None


def test_errors_go_with_the_next_try(member: WholeClient, routes: Routes) -> None:
    routes["POST /auth/password"] = lambda *_: problem(403, "wrong_password", "It is wrong.")
    member.commands.change_password("as it was", "as it shall be")
    member.wait(lambda state: state.password_form.status == "refused" and not state.busy)
    seen: list[PasswordForm] = []
    member.store.subscribe(lambda state: state.password_form, seen.append)
    routes["POST /auth/password"] = lambda *_: (204, None)
    member.commands.change_password("as it is", "as it shall be")
    member.wait(lambda state: state.password_form.status == "done" and not state.busy)
    assert seen == [PasswordForm(), PasswordForm("done")]


@pytest.mark.parametrize("gone", [False, True], ids=["logged out now", "logged out already"])
def test_another_device_is_logged_out(member: WholeClient, routes: Routes, gone: bool) -> None:
    missing = problem(404, "device_not_found", "No such device.")
    routes["DELETE /users/me/devices/d2"] = lambda *_: missing if gone else (204, None)
    member.commands.load_devices()
    member.wait(lambda state: state.devices and not state.busy)
    member.commands.log_out_device("d2")
    member.wait(lambda state: len(state.devices or ()) == 1 and not state.busy)
    assert (known(member), member.state.notice) == (["d1"], None)


def test_a_device_that_could_not_be_logged_out_stays_in_the_list(member: WholeClient, routes: Routes) -> None:
    routes["DELETE /users/me/devices/d2"] = lambda *_: problem(503, "busy", "Later, please.")
    member.commands.load_devices()
    member.wait(lambda state: state.devices and not state.busy)
    member.commands.log_out_device("d2")
    member.wait(lambda state: state.notice and not state.busy)
    assert known(member) == ["d1", "d2"]


def test_logging_out_everywhere_ends_all_of_it_here(
    client: WholeClient, socket_peer: SocketPeer, routes: Routes
) -> None:
    peer = in_session(client, socket_peer)
    routes["POST /auth/logout-all"] = lambda *_: (204, None)
    client.commands.log_out_everywhere()
    state = client.wait(lambda state: state.auth.status == "signed_out" and not state.busy)
    assert (state.auth.error, state.session, state.open_session_id) == (None, None, None)
    assert client.tokens.load() is None
    assert peer.expect_close() == 1000


def test_without_the_server_nobody_is_logged_out(
    client: WholeClient, socket_peer: SocketPeer, routes: Routes
) -> None:
    in_session(client, socket_peer)
    routes["POST /auth/logout-all"] = lambda *_: problem(503, "busy", "Later, please.")
    client.commands.log_out_everywhere()
    state = client.wait(lambda state: state.notice and not state.busy)
    assert (state.auth.status, state.connection.status) == ("signed_in", "connected")
    assert client.tokens.load() is not None


# Links opened while the app runs


def test_a_link_opened_at_home_is_asked_about(client: WholeClient) -> None:
    client.commands.follow(Invitation(code="K7MQ4P"))
    client.commands.follow(Invitation(group_token="Kd9_x-2f"))
    state = client.state
    assert (state.invitation, state.group_invitation, state.notice) == ("K7MQ4P", "Kd9_x-2f", None)


def test_a_link_opened_in_a_session_waits_at_home(client: WholeClient, socket_peer: SocketPeer) -> None:
    in_session(client, socket_peer)
    client.commands.follow(Invitation(code="H3R9WD"))
    state = client.wait(lambda state: state.notice)
    assert (state.invitation, bool(state.session)) == ("H3R9WD", True)
