"""One group and what it has decided, through HTTP to the state."""

from __future__ import annotations

import pytest

from client.store import group_actions
from tests.client.net.examples import BEN, SESSION, group
from tests.client.net.peer import problem
from tests.client.store.conftest import WholeClient
from tests.client.store.person import (
    DECISIONS,
    DOWN,
    FAMILY,
    GROUP_ID,
    Person,
    Routes,
    with_answers,
)


@pytest.fixture
def person(client: WholeClient, routes: Routes) -> Person:
    return with_answers(client, routes)


def with_group(person: Person) -> Person:
    person.does.open_group(GROUP_ID)
    person.sees(lambda people: people.open_group and people.open_group.decisions.status == "loaded")
    return person


def test_a_group_comes_with_what_it_has_decided(person: Person) -> None:
    opened = with_group(person).people.open_group
    assert opened is not None
    assert opened.group.thing is not None
    assert (opened.group.thing.name, [one.id for one in opened.decisions.rows]) == ("Home", [SESSION])


@pytest.mark.parametrize(("code", "gone"), [("group_not_found", True), ("busy", False)])
def test_a_group_that_does_not_come(person: Person, routes: Routes, code: str, gone: bool) -> None:
    routes[FAMILY] = lambda *_: problem(404, code, "No such group.")
    person.does.open_group(GROUP_ID)
    opened = person.sees(
        lambda people: people.open_group and people.open_group.group.status == "failed"
    ).open_group
    assert opened is not None
    assert (opened.group.error, opened.gone) == ("No such group.", gone)


def test_decisions_that_do_not_come_leave_the_group_there(person: Person, routes: Routes) -> None:
    routes[DECISIONS] = lambda *_: DOWN
    person.does.open_group(GROUP_ID)
    opened = person.sees(lambda people: people.open_group and people.open_group.decisions.error).open_group
    assert opened is not None
    assert (opened.group.status, opened.decisions.error) == ("loaded", "Not now.")


def test_a_change_shows_in_the_list_of_groups_too(person: Person, routes: Routes) -> None:
    routes["GET /groups?limit=100"] = lambda *_: (200, {"items": [group()]})
    routes[f"PATCH /groups/{GROUP_ID}"] = lambda content, _: (200, group(name=content["name"]))
    routes[f"DELETE /groups/{GROUP_ID}/members/{BEN}"] = lambda *_: (200, group(members=[], name="Empty"))
    person.client.commands.load_groups()
    person.client.wait(lambda state: state.groups)
    with_group(person).does.rename_group(GROUP_ID, "Flat")
    state = person.client.wait(lambda state: state.groups and state.groups[0].name == "Flat")
    opened = state.people.open_group
    assert opened is not None
    assert opened.group.thing is not None
    assert opened.group.thing.name == "Flat"
    person.client.wait(lambda state: not state.busy)
    person.does.remove_member(GROUP_ID, BEN)
    person.client.wait(lambda state: state.groups and state.groups[0].members == ())


def test_a_new_link_is_told(person: Person, routes: Routes) -> None:
    routes[f"POST /groups/{GROUP_ID}/invite"] = lambda *_: (
        200,
        group(invite_link="https://dindin.example/g/2"),
    )
    with_group(person).does.renew_invite(GROUP_ID)
    person.is_told("The group has a new invite link. The one before leads nowhere now.")
    opened = person.people.open_group
    assert opened is not None
    assert opened.group.thing is not None
    assert opened.group.thing.invite_link.endswith("/2")


def test_a_name_that_the_server_does_not_take_is_said(person: Person, routes: Routes) -> None:
    errors = [{"field": "name", "message": "At most 40 characters."}]
    routes[f"PATCH /groups/{GROUP_ID}"] = lambda *_: problem(422, "invalid", errors=errors)
    with_group(person).does.rename_group(GROUP_ID, "x" * 99)
    person.is_told("At most 40 characters.")


def test_who_leaves_the_open_group_is_not_in_it_any_more(person: Person) -> None:
    with_group(person).client.store.dispatch(group_actions.GroupLeft(GROUP_ID))
    opened = person.people.open_group
    assert opened is not None
    assert opened.gone
