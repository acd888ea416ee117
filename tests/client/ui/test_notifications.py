"""The inbox as a screen: what is in it, where it leads, and what is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from client.store.listing import Listing
from client.store.people import actions as people_actions
from client.store.settings.state import Chosen, Settings
from client.widgets.text import Snug
from tests.client.ui import people_scenes as weeks
from tests.client.ui import scenes
from tests.client.ui.stage import Stage
from tests.client.ui.test_history import opened, rows, words_on

Play = Callable[..., Stage]


def test_what_was_told_stands_there_with_its_day(play: Play) -> None:
    stage = opened(play, weeks.with_inbox(), "notifications")
    assert stage.people.calls == [("load_inbox",)]
    first, second, *read = rows(stage)
    assert (first.words, first.day, first.unread) == (
        "Ben is finding dinner with Family. Join in!",
        "Today",
        True,
    )
    assert (second.day, second.unread) == ("Yesterday", True)
    assert [row.unread for row in read] == [False, False]


def test_a_session_is_joined(play: Play) -> None:
    stage = opened(play, weeks.with_inbox(), "notifications")
    stage.driver.press(rows(stage)[0])
    assert stage.people.calls[1:] == [("mark_read", weeks.INBOX[0].id)]
    assert ("join_session", "K7MQ4P") in stage.calls


def test_a_group_is_looked_at(play: Play) -> None:
    stage = opened(play, weeks.with_inbox(), "notifications")
    stage.driver.press(rows(stage)[2])
    stage.driver.wait(0.5)
    assert (stage.screen.name, stage.screen.argument) == ("group", scenes.FAMILY.id)
    # It was read already.
    assert ("mark_read", weeks.INBOX[2].id) not in stage.people.calls


def test_what_is_over_leads_nowhere(play: Play) -> None:
    stage = opened(play, weeks.with_inbox(), "notifications")
    stage.driver.press(rows(stage)[3])
    assert (stage.screen.name, stage.people.calls) == ("notifications", [("load_inbox",)])


def test_all_can_be_read_at_once(play: Play) -> None:
    stage = opened(play, weeks.with_inbox(), "notifications")
    stage.driver.press(stage.screen.ids.read_all)
    assert ("mark_all_read",) in stage.people.calls
    stage.dispatch(people_actions.MarkedRead())
    assert not any(row.unread for row in rows(stage))
    stage.driver.press(stage.screen.ids.read_all)
    assert stage.people.calls.count(("mark_all_read",)) == 1


@pytest.mark.parametrize(
    ("inbox", "words"),
    [
        (Listing(status="loaded", next_page=None), "Nothing new."),
        (Listing(status="failed", error="No connection."), "No connection."),
    ],
)
def test_an_inbox_without_rows_says_why(play: Play, inbox: Any, words: str) -> None:
    stage = opened(play, weeks.with_inbox(inbox=inbox, unread=0), "notifications")
    assert words in words_on(stage.screen)
    assert stage.screen.ids.read_all.disabled


@pytest.mark.parametrize(
    ("unread", "badge"), [(0, ""), (7, "7"), (100, "99+")], ids=["none", "some", "very many"]
)
def test_how_many_are_unread_stands_where_they_are_opened(play: Play, unread: int, badge: str) -> None:
    chosen = Settings(chosen=Chosen(text_percent=200))
    stage = play(replace(weeks.with_inbox(unread=unread), settings=chosen))
    stage.go_to("me")
    assert ("load_inbox",) in stage.people.calls
    row = stage.screen.ids.notifications
    shown = [part.text for part in row.walk() if isinstance(part, Snug) and part.text]
    assert shown == ([badge] if badge else [])
    # One line still: the badge leaves the word its room.
    assert row.ids.words.height < 2 * row.ids.words.font_size
    if badge:
        stage.dispatch(people_actions.MarkedRead())
        assert row.ids.badge.parent is None or not row.ids.badge.get_root_window()
