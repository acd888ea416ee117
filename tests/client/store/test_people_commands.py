"""History, inbox and one's name, through HTTP to the state."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from client.net.people_values import Opinion
from client.net.values import User
from client.store import actions, group_actions
from client.store.people.state import People
from tests.client.net.examples import BEN, SESSION, notification
from tests.client.net.peer import PATIENCE, HttpPeer, problem
from tests.client.net.people_examples import entry, page, running
from tests.client.store.conftest import WholeClient
from tests.client.store.person import (
    DOWN,
    HISTORY,
    INBOX,
    MUTED,
    MUTING,
    RATING,
    Gate,
    Person,
    Routes,
    with_answers,
)
from tests.waiting import eventually


@pytest.fixture
def person(client: WholeClient, routes: Routes) -> Person:
    return with_answers(client, routes)


def with_history(person: Person) -> Person:
    person.does.load_history()
    person.sees(lambda people: people.history.status == "loaded" and people.due)
    return person


def opinion(person: Person) -> Opinion:
    return person.people.history.rows[0].opinion


# What was decided


def test_the_history_comes_with_what_the_server_would_like_to_hear(person: Person) -> None:
    with_history(person)
    assert [one.group_name for one in person.people.history.rows] == ["Home"]
    assert person.people.due == {SESSION}


def test_what_home_shows_is_what_runs_and_what_was_decided_last(person: Person, routes: Routes) -> None:
    kept = running("2" * 24, status="paused")
    sessions = [running("1" * 24, status="matched"), kept, running("3" * 24, left=True)]
    routes["GET /sessions?limit=10"] = lambda *_: (200, page(sessions))
    person.does.load_recent()
    seen = person.sees(lambda people: people.history.status == "loaded")
    assert [(one.id, one.people) for one in seen.running] == [("2" * 24, ("Ana", "Ben"))]
    assert len(seen.history.rows) == 1
    routes["GET /sessions?limit=10"] = lambda *_: DOWN
    person.does.load_recent()
    seen = person.sees(lambda people: people.history.status == "failed")
    assert (len(seen.running), len(seen.history.rows)) == (1, 1)


def test_the_next_page_is_fetched_until_there_is_none(person: Person, routes: Routes) -> None:
    routes[HISTORY] = lambda *_: (200, page([entry()], more=True))
    routes["GET /users/me/history?page=2&limit=30"] = lambda *_: (200, page([entry(id="2" * 24)], 2))
    with_history(person).does.load_more_history()
    seen = person.sees(lambda people: len(people.history.rows) == 2)
    assert seen.history.next_page is None
    person.does.load_more_history()
    assert person.client.state.busy == frozenset()


def test_a_history_that_does_not_come_says_why_and_keeps_what_was_there(
    person: Person, routes: Routes
) -> None:
    with_history(person)
    routes[HISTORY] = lambda *_: DOWN
    person.does.load_history()
    seen = person.sees(lambda people: people.history.status == "failed")
    assert (seen.history.error, len(seen.history.rows)) == ("Not now.", 1)


def test_a_rating_shows_before_the_server_has_it(person: Person, routes: Routes) -> None:
    gate = routes[RATING] = Gate()
    with_history(person).does.rate(SESSION, Opinion(4, " Hm. "))
    assert opinion(person) == Opinion(4, " Hm. ")
    assert gate.asked.get(timeout=PATIENCE) == {"rating": 4, "note": " Hm. "}
    gate.answer((200, entry(rating=4, note="Hm.")))
    # The server cleans what people write.
    person.sees(lambda _: opinion(person) == Opinion(4, "Hm."))


def test_a_refused_rating_goes_back_and_says_why(person: Person, routes: Routes) -> None:
    routes[HISTORY] = lambda *_: (200, page([entry(rating=2)]))
    routes[RATING] = lambda *_: DOWN
    with_history(person).does.rate(SESSION, Opinion(5))
    person.is_told("Not now.")
    assert opinion(person) == Opinion(2)


def test_however_fast_one_changes_ones_mind_the_last_word_is_kept(person: Person, routes: Routes) -> None:
    gate = routes[RATING] = Gate()
    with_history(person).does.rate(SESSION, Opinion(1))
    assert gate.asked.get(timeout=PATIENCE)["rating"] == 1
    person.does.rate(SESSION, Opinion(2))
    person.does.rate(SESSION, Opinion(3))
    gate.answer((200, entry(rating=1)))
    # One request at a time, and the one in the middle is not needed any more.
    assert gate.asked.get(timeout=PATIENCE)["rating"] == 3
    gate.answer(DOWN)
    person.is_told("Not now.")
    assert opinion(person) == Opinion(1)
    assert gate.asked.empty()


def test_a_list_that_was_read_before_the_rating_arrived_does_not_hide_it(
    person: Person, routes: Routes
) -> None:
    gate = routes[RATING] = Gate()
    with_history(person).does.rate(SESSION, Opinion(4))
    gate.asked.get(timeout=PATIENCE)
    person.does.load_history()
    person.sees(lambda _: opinion(person) == Opinion())
    gate.answer((200, entry(rating=4)))
    person.sees(lambda _: opinion(person) == Opinion(4))


def test_nothing_is_sent_where_nothing_changes(person: Person, http_peer: HttpPeer) -> None:
    with_history(person).does.rate(SESSION, Opinion())
    person.does.rate("0" * 24, Opinion(3))
    with_history(person)
    assert http_peer.times_asked(RATING) == 0


def test_whether_it_was_cooked_shows_at_once_and_goes_back_if_refused(person: Person, routes: Routes) -> None:
    gate = routes[f"POST /sessions/{SESSION}/feedback"] = Gate()
    with_history(person).does.follow_up(SESSION, True)
    assert person.people.followed == {SESSION: True}
    person.does.follow_up(SESSION, False)
    assert person.people.followed == {SESSION: True}
    gate.answer((200, {}))
    person.client.wait(lambda state: not state.busy)
    person.does.follow_up(SESSION, False)
    assert person.people.followed == {SESSION: False}
    gate.answer(DOWN)
    person.is_told("Not now.")
    assert person.people.followed == {SESSION: True}


# What one was told


def with_inbox(person: Person) -> Person:
    person.does.load_inbox()
    person.sees(lambda people: people.inbox.status == "loaded")
    return person


def unread(person: Person) -> list[bool]:
    return [not one.read for one in person.people.inbox.rows]


def test_a_notification_counts_as_read_at_once(person: Person, routes: Routes) -> None:
    one = notification(1)
    gate = routes[f"POST /users/me/notifications/{one['id']}/read"] = Gate()
    with_inbox(person).does.mark_read(one["id"])
    assert (unread(person), person.people.unread) == ([False, True], 4)
    gate.answer(DOWN)
    person.is_told("Not now.")
    assert (unread(person), person.people.unread) == ([True, True], 5)


@pytest.mark.parametrize("answer", [(204, None), DOWN], ids=["taken", "refused"])
def test_all_of_them_count_as_read(person: Person, routes: Routes, answer: Any) -> None:
    gate = routes["POST /users/me/notifications/read"] = Gate()
    with_inbox(person).does.mark_all_read()
    assert (unread(person), person.people.unread) == ([False, False], 0)
    gate.answer(answer)
    if answer is DOWN:
        person.is_told("Not now.")
        assert (unread(person), person.people.unread) == ([True, True], 5)


@pytest.mark.parametrize("all_of_them", [True, False], ids=["all", "one"])
def test_what_is_unread_after_all_is_on_home_again(person: Person, routes: Routes, all_of_them: bool) -> None:
    older = with_inbox(person).people.inbox.rows[0]
    newer = replace(older, id="f" * 24, created_at=older.created_at + 1)
    for one in (older, newer):
        person.client.store.dispatch(group_actions.Notified(one))
    marking = "/read" if all_of_them else f"/{newer.id}/read"
    gate = routes[f"POST /users/me/notifications{marking}"] = Gate()
    if all_of_them:
        person.does.mark_all_read()
    else:
        person.does.mark_read(newer.id)
    assert newer not in person.client.state.notifications
    gate.answer(DOWN)
    person.is_told("Not now.")
    assert person.client.state.notifications == (newer, older)


def test_those_on_pages_that_are_not_known_count_as_unread_again(person: Person, routes: Routes) -> None:
    seen = notification(1, read_at="2025-11-24T16:00:00.000Z")
    routes[INBOX] = lambda *_: (200, page([seen], more=True, unread=3))
    routes["POST /users/me/notifications/read"] = lambda *_: DOWN
    with_inbox(person).does.mark_all_read()
    person.is_told("Not now.")
    assert (unread(person), person.people.unread) == ([False], 3)


def test_what_is_seen_elsewhere_is_seen_here(person: Person) -> None:
    seen = notification(2)["id"]
    with_inbox(person).client.store.dispatch(group_actions.NotificationSeen(seen))
    assert (unread(person), person.people.unread) == ([True, False], 4)


def test_what_is_told_live_stands_on_top_once(person: Person, routes: Routes) -> None:
    routes[INBOX] = lambda *_: (200, page([notification(1)], more=True, unread=1))
    routes["GET /users/me/notifications?page=2&limit=30"] = lambda *_: (
        200, page([notification(1), notification(9)], 2, unread=3),
    )  # fmt: skip
    told = with_inbox(person).people.inbox.rows[0]
    newer = replace(told, id="f" * 24)
    for _ in range(2):
        person.client.store.dispatch(group_actions.Notified(newer))
    assert ([one.id for one in person.people.inbox.rows], person.people.unread) == ([newer.id, told.id], 2)
    # It has moved one to the second page, which is not shown twice.
    person.does.load_more_inbox()
    seen = person.sees(lambda people: len(people.inbox.rows) > 2)
    assert [one.id for one in seen.inbox.rows] == [newer.id, told.id, notification(9)["id"]]


def test_a_muted_kind_shows_at_once_and_comes_back_if_the_server_refuses(
    person: Person, routes: Routes
) -> None:
    routes[MUTED] = lambda *_: (200, {"muted": ["group_joined"]})
    person.does.load_muted()
    person.sees(lambda people: people.muted.status == "loaded")
    gate = Gate()
    routes[MUTING] = gate
    person.does.mute("group_owned", muted=True)
    assert person.people.muted.thing == {"group_joined", "group_owned"}
    assert gate.asked.get(timeout=PATIENCE) == {"muted": ["group_joined", "group_owned"]}
    person.does.mute("group_joined", muted=False)
    gate.answer((200, {"muted": ["group_joined", "group_owned"]}))
    assert gate.asked.get(timeout=PATIENCE) == {"muted": ["group_owned"]}
    gate.answer(DOWN)
    person.is_told("Not now.")
    assert person.people.muted.thing == {"group_joined", "group_owned"}


def test_settings_that_do_not_come_say_why(person: Person, routes: Routes) -> None:
    routes[MUTED] = lambda *_: DOWN
    person.does.load_muted()
    seen = person.sees(lambda people: people.muted.status == "failed")
    assert seen.muted.error == "Not now."
    person.does.mute("group_owned", muted=True)
    assert person.people.muted.thing is None


# Oneself


def test_another_name_is_ones_own_from_then_on(person: Person, routes: Routes) -> None:
    user = {"id": BEN, "email": "ben@example.com", "display_name": "Benno", "tier": "free"}
    routes["PATCH /users/me"] = lambda *_: (200, user)
    person.does.rename_self("Benno")
    person.sees(lambda people: people.name_form.status == "done")
    signed_in_user = person.client.state.auth.user
    assert signed_in_user is not None
    assert signed_in_user.display_name == "Benno"


def test_a_refused_name_says_why_at_its_field(person: Person, routes: Routes) -> None:
    errors = [{"field": "display_name", "message": "Too long."}]
    routes["PATCH /users/me"] = lambda *_: problem(422, "invalid", errors=errors)
    person.does.rename_self("x" * 99)
    assert person.sees(lambda people: people.name_form.error).name_form.error == "Too long."


def test_what_comes_after_somebody_else_has_signed_in_is_not_told(person: Person, routes: Routes) -> None:
    gate = routes[HISTORY] = Gate()
    person.does.load_history()
    gate.asked.get(timeout=PATIENCE)
    person.client.store.dispatch(actions.SignedOut())
    gate.answer((200, page([entry()])))
    eventually(lambda: not person.client.state.busy)
    assert person.people == People()


def test_a_note_that_waited_is_not_kept_in_the_name_of_who_comes_next(person: Person, routes: Routes) -> None:
    gate = routes[RATING] = Gate()
    with_history(person).does.rate(SESSION, Opinion(1))
    assert gate.asked.get(timeout=PATIENCE)["rating"] == 1
    person.does.rate(SESSION, Opinion(1, "Never again with Ana."))
    person.client.store.dispatch(actions.SignedOut())
    person.client.store.dispatch(actions.SignedIn(User("another", "ana@example.com", "Ana", "free")))
    gate.answer((200, entry(rating=1)))
    # She was there as well, and what she thinks of it is sent although something else was on its way.
    with_history(person).does.rate(SESSION, Opinion(5))
    assert gate.asked.get(timeout=PATIENCE) == {"rating": 5, "note": None}
    gate.answer((200, entry(rating=5, note="Kept.")))
    person.sees(lambda _: opinion(person) == Opinion(5, "Kept."))
    assert gate.asked.empty()
