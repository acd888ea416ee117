"""The inbox as a screen: what is in it, where it leads, and what is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from client.store.listing import Listing
from client.store.people import actions as people_actions
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
