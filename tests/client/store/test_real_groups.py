"""A group's evening with the real server: founded, joined by its link, called to dinner, joined with one tap."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from client.join_code import group_token
from client.store.group_reducer import session_invitations
from client.store.state import AppState, Group
from tests.client.store.test_real_server import Person, person
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
__all__ = ["person"]  # the fixture, for pytest to find


def finds(someone: Person, reached: Callable[[AppState], object]) -> AppState:
    """Wait until somebody's app shows what is wanted and nothing is under way."""
    store = someone.client.store
    eventually(lambda: reached(store.state) and not store.state.busy, seconds=30)
    return store.state


def only_group(someone: Person) -> Group:
    (group,) = finds(someone, lambda state: state.groups).groups or ()
    return group


def test_a_group_is_called_to_dinner(person: Callable[[str], Person]) -> None:
    ada, bo = person("Ada"), person("Bo")
    ada.client.commands.create_group("Family")
    link = only_group(ada).invite_link

    bo.client.commands.join_group(group_token(link))
    assert [member.display_name for member in only_group(bo).members] == ["Ada", "Bo"]
    # Ada hears of it through her inbox.
    state = finds(ada, lambda state: len((state.groups or ())[0].members) == 2 and state.notice)
    assert state.notice is not None
    assert state.notice.text == "Bo has joined Family."

    # A free account is in one group at a time, and the server says so.
    bo.client.commands.create_group("Flat")
    state = finds(bo, lambda state: state.notice and state.notice.kind == "error")
    assert state.notice is not None
    assert "Leave one first" in state.notice.text

    ada.client.commands.create_session("recipes", group_id=only_group(ada).id)
    ada.sees(lambda session: session.status == "lobby")
    (invitation,) = session_invitations(finds(bo, session_invitations))
    assert (invitation.host_name, invitation.group_name) == ("Ada", "Family")
    assert invitation.session_id == ada.session.id

    # An app that was closed meanwhile finds the same in its list.
    bo.restart()
    (again,) = session_invitations(finds(bo, session_invitations))
    assert again == invitation

    bo.client.commands.join_invitation(invitation.notification_id)
    for one in (ada, bo):
        one.sees(lambda session: len(session.participants) == 2)
    assert finds(bo, lambda state: not state.notifications).session is not None

    # What was accepted is not offered again.
    bo.client.commands.close_session()
    finds(bo, lambda state: state.groups and state.session is None)
    bo.restart()
    assert session_invitations(finds(bo, lambda state: state.groups is not None)) == ()


def test_who_comes_too_late_finds_nobody_at_the_table(person: Callable[[str], Person]) -> None:
    eve, fay = person("Eve"), person("Fay")
    eve.client.commands.create_group("Flat")
    fay.client.commands.join_group(group_token(only_group(eve).invite_link))
    only_group(fay)
    eve.client.commands.create_session("both", group_id=only_group(eve).id)
    eve.sees(lambda session: session.status == "lobby")
    (invitation,) = session_invitations(finds(fay, session_invitations))
    eve.client.commands.leave()
    finds(eve, lambda state: state.session is None)
    fay.client.commands.join_invitation(invitation.notification_id)
    state = finds(fay, lambda state: state.notice and state.notice.text.startswith("Too late"))
    assert session_invitations(state) == ()

    fay.client.commands.leave_group(only_group(fay).id)
    assert finds(fay, lambda state: state.groups == ()).notifications == ()
