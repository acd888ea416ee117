"""One group: its people, its link, what it has decided, and what its owner may do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from kivy.core.clipboard import Clipboard

from client.screens.group import MemberRow
from client.store import actions, group_actions
from client.store.listing import Fetched, Listing
from client.store.people import actions as people_actions
from tests.client.ui import people_scenes as weeks
from tests.client.ui import scenes
from tests.client.ui.stage import Stage
from tests.client.ui.test_history import opened, press, rows, words_on

Play = Callable[..., Stage]
FAMILY = scenes.FAMILY
ESCAPE = 27


def members(stage: Stage) -> list[MemberRow]:
    return list(reversed(stage.screen.ids.members.children))


def shown(widget: Any) -> bool:
    return widget.get_root_window() is not None


def looking_at(play: Play, state: Any) -> Stage:
    return opened(play, state, "group", FAMILY.id)


def asked(stage: Stage) -> list[tuple[Any, ...]]:
    """What the screen has asked for, without looking at the group."""
    return [call for call in stage.people.calls if call[0] != "open_group"]


def test_everybody_is_there_and_who_looks_after_it(play: Play) -> None:
    stage = looking_at(play, weeks.with_open_group())
    assert stage.people.calls == [("open_group", FAMILY.id)]
    assert [(row.name, row.detail, row.may_go) for row in members(stage)][:2] == [
        ("Ana Lindqvist", "You · Looks after the group", False),
        ("Ben", "", True),
    ]


def test_others_groups_are_only_looked_at(play: Play) -> None:
    stage = looking_at(play, weeks.with_open_group(owned=False))
    assert not any(row.may_go for row in members(stage))
    assert not shown(stage.screen.ids.rename)
    assert not shown(stage.screen.ids.renew)


def test_somebody_is_shown_out_after_a_question(play: Play) -> None:
    stage = looking_at(play, weeks.with_open_group())
    press(stage, members(stage)[1].ids.show_out)
    question = stage.app.root.ids.question
    assert (question.title, asked(stage)) == ("Show Ben out?", [])
    question.confirm()
    assert asked(stage) == [("remove_member", FAMILY.id, scenes.BEN.id)]
    without = replace(FAMILY, members=(FAMILY.members[0], *FAMILY.members[2:]))
    stage.dispatch(people_actions.GroupCame(without))
    assert [row.name for row in members(stage)] == ["Ana Lindqvist", "Cleo"]


def test_the_link_is_copied_scanned_and_changed(play: Play) -> None:
    stage = looking_at(play, weeks.with_open_group())
    press(stage, stage.screen.ids.copy_link)
    assert (Clipboard.paste(), stage.screen.copied) == (FAMILY.invite_link, True)
    before = stage.screen.ids.qr.texture
    press(stage, stage.screen.ids.renew)
    stage.app.root.ids.question.confirm()
    assert asked(stage) == [("renew_invite", FAMILY.id)]
    stage.dispatch(people_actions.GroupCame(replace(FAMILY, invite_link="https://dindin.example/g/new")))
    assert stage.screen.ids.link.text == "https://dindin.example/g/new"
    assert not stage.screen.copied
    assert stage.screen.ids.qr.texture is not before


def test_the_name_is_changed_by_its_owner(play: Play) -> None:
    stage = looking_at(play, weeks.with_open_group())
    stage.driver.press(stage.screen.ids.rename)
    stage.driver.wait(0.2)
    field = stage.screen.ids.name
    assert field.text == "Family"
    field.text = "  "
    press(stage, stage.screen.ids.save_name)
    assert (asked(stage), bool(field.error)) == ([], True)
    field.text = " The table "
    press(stage, stage.screen.ids.save_name)
    assert asked(stage) == [("rename_group", FAMILY.id, "The table")]
    stage.dispatch(people_actions.GroupCame(replace(FAMILY, name="The table")))
    assert (stage.screen.renaming, stage.screen.name_shown) == (False, "The table")


def test_escape_closes_the_form_first_and_then_the_screen(play: Play) -> None:
    stage = looking_at(play, weeks.with_open_group())
    stage.driver.press(stage.screen.ids.rename)
    stage.driver.key(ESCAPE)
    assert (stage.screen.name, stage.screen.renaming) == ("group", False)
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.5)
    assert stage.screen.name == "home"


def test_dinner_is_found_together(play: Play) -> None:
    stage = looking_at(play, weeks.with_open_group())
    press(stage, stage.screen.ids.start)
    assert ("create_session", "both", FAMILY.id) in stage.calls
    stage.dispatch(actions.CommandStarted("create_session"))
    press(stage, stage.screen.ids.start)
    assert stage.calls.count(("create_session", "both", FAMILY.id)) == 1


def test_leaving_is_asked_first_and_then_seen(play: Play) -> None:
    stage = looking_at(play, weeks.with_open_group())
    press(stage, stage.screen.ids.leave)
    question = stage.app.root.ids.question
    assert question.title == "Leave Family?"
    question.confirm()
    assert ("leave_group", FAMILY.id) in stage.calls
    stage.dispatch(group_actions.GroupLeft(FAMILY.id))
    assert "You are not in this group any more." in words_on(stage.screen)


def test_the_latest_decisions_are_shown_and_lead_to_all(play: Play) -> None:
    stage = looking_at(play, weeks.with_open_group())
    titles = [row.title for row in reversed(stage.screen.ids.decisions.ids.rows.children)]
    assert titles == [scenes.CARDS[0].title, scenes.CARDS[1].title, scenes.CARDS[2].title]
    press(stage, stage.screen.ids.decisions.ids.all)
    stage.driver.wait(0.5)
    assert stage.screen.name == "group_history"
    assert [row.title for row in rows(stage)] == [card.title for card in scenes.CARDS]
    assert asked(stage) == []


def test_the_list_of_all_asks_for_what_it_has_not(play: Play) -> None:
    listing = Listing(weeks.DECISIONS, "loaded", next_page=2, total=40)
    stage = opened(play, weeks.with_open_group(decisions=listing), "group_history", FAMILY.id)
    assert stage.people.calls == [("load_more_decisions",)]
    other = opened(play, scenes.with_group(), "group_history", FAMILY.id)
    assert other.people.calls == [("open_group", FAMILY.id)]


@pytest.mark.parametrize(
    ("decisions", "words"),
    [
        (Listing(status="loading"), "Looking it up"),
        (Listing(status="failed", error="No."), "It has not come."),
        (Listing(status="loaded", next_page=None), "Nothing yet"),
    ],
)
def test_decisions_that_are_not_there(play: Play, decisions: Any, words: str) -> None:
    stage = looking_at(play, weeks.with_open_group(decisions=decisions))
    assert words in stage.screen.ids.decisions.ids.words.text
    assert shown(stage.screen.ids.decisions.ids.retry) == (decisions.status == "failed")


def test_a_group_that_has_not_come(play: Play) -> None:
    failed: Fetched[Any] = Fetched(status="failed", error="No connection.")
    stage = looking_at(play, weeks.with_open_group(group=failed))
    assert "No connection." in words_on(stage.screen)
    stage.driver.press(stage.screen.ids.failure.ids.retry)
    assert stage.people.calls == [("open_group", FAMILY.id)] * 2


def test_what_was_known_is_shown_while_there_is_no_connection(play: Play) -> None:
    stale = Fetched(FAMILY, "failed", "No connection.")
    stage = looking_at(play, weeks.with_open_group(group=stale))
    assert stage.screen.ids.hint.shown
    assert len(members(stage)) == 3
