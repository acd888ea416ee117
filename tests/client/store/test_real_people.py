"""History, inbox and one group in full, with the real server: after an evening of two."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from client.join_code import group_token
from client.net.people_values import Opinion
from client.store.people.state import People
from tests.client.store.test_real_groups import finds, only_group
from tests.client.store.test_real_server import Person, agree, person
from tests.waiting import eventually

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
__all__ = ["person"]  # the fixture, for pytest to find


def sees(someone: Person, reached: Callable[[People], object]) -> People:
    """Wait until somebody's app shows what is wanted and nothing is under way."""
    return finds(someone, lambda state: reached(state.people)).people


def decide_something(ada: Person, bo: Person, group_id: str) -> None:
    """An evening that ends at once, with the closest three."""
    ada.client.commands.create_session("recipes", group_id=group_id)
    ada.sees(lambda session: session.status == "lobby")
    bo.client.commands.join_session(ada.session.code)
    for one in (ada, bo):
        one.sees(lambda session: len(session.participants) == 2)
        one.client.commands.set_energy("medium")
        one.client.commands.set_ready(True)
    for one in (ada, bo):
        one.sees(lambda session: session.round == 1 and session.deck_loaded)
    agree("end_now", ada, bo)
    for one in (ada, bo):
        one.sees(lambda session: session.outcome is not None)


def test_what_stays_of_an_evening(person: Callable[[str], Person]) -> None:
    ada, bo = person("Mara"), person("Nils")
    ada.client.commands.create_group("Family")
    group = only_group(ada)
    bo.client.commands.join_group(group_token(group.invite_link))
    only_group(bo)
    decide_something(ada, bo, group.id)
    session_id = ada.session.id

    # One's own history, with what one thinks of it for oneself.
    people = ada.client.people
    people.load_history()
    (entry,) = sees(ada, lambda known: known.history.rows).history.rows
    assert (entry.decision.id, entry.group_name, set(entry.decision.people)) == (
        session_id, "Family", {"Mara", "Nils"},
    )  # fmt: skip
    assert entry.decision.card is not None
    people.follow_up(session_id, True)
    people.rate(session_id, Opinion(4, " More lime. "))
    # The server cleans what people write: so it has answered.
    sees(ada, lambda known: known.history.rows[0].opinion == Opinion(4, "More lime."))
    ada.restart()
    finds(ada, lambda state: state.auth.status == "signed_in")
    ada.client.people.load_history()
    (again,) = sees(ada, lambda known: known.history.rows).history.rows
    assert again.opinion == Opinion(4, "More lime.")
    bo.client.people.load_history()
    (other,) = sees(bo, lambda known: known.history.rows).history.rows
    assert other.opinion == Opinion()

    # The group, with what it has decided.
    ada.client.people.open_group(group.id)
    opened = sees(ada, lambda known: known.open_group and known.open_group.decisions.rows).open_group
    assert opened is not None
    assert [decision.id for decision in opened.decisions.rows] == [session_id]
    ada.client.people.rename_group(group.id, "The table")
    finds(ada, lambda state: state.groups and state.groups[0].name == "The table")
    ada.client.people.renew_invite(group.id)
    finds(ada, lambda state: state.groups and state.groups[0].invite_link != group.invite_link)
    bo_id = bo.client.store.state.auth.user
    assert bo_id is not None
    ada.client.people.remove_member(group.id, bo_id.id)
    finds(ada, lambda state: state.groups and len(state.groups[0].members) == 1)
    bo.client.people.open_group(group.id)
    sees(bo, lambda known: known.open_group and known.open_group.gone)

    # The inbox.
    bo.client.people.load_inbox()
    told = sees(bo, lambda known: any(one.kind == "group_removed" for one in known.inbox.rows))
    assert told.unread > 0
    bo.client.people.mark_all_read()
    assert sees(bo, lambda known: known.unread == 0).inbox.rows[0].read

    def all_read() -> bool:
        bo.client.people.load_inbox()
        known = sees(bo, lambda known: known.inbox.status == "loaded")
        return known.unread == 0 and all(one.read for one in known.inbox.rows)

    eventually(all_read)

    # Another name, and the others see it.
    bo.client.people.rename_self("Nelson")
    state = finds(bo, lambda state: state.people.name_form.status == "done")
    assert state.auth.user is not None
    assert state.auth.user.display_name == "Nelson"
