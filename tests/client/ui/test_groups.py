"""Groups: invitations to their sessions at home; founding, joining, inviting, leaving in their own place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from kivy.core.clipboard import Clipboard

from client.screens.groups import GroupRow
from client.store import actions, group_actions
from client.store.state import AppState
from client.widgets.invitations import InvitationBanner
from client.widgets.text import Wrapped
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
ESCAPE = 27


def shown(widget: Any) -> bool:
    return widget.get_root_window() is not None


def words_on(widget: Any) -> str:
    return " ".join(part.text for part in widget.walk() if isinstance(part, Wrapped))


def banners(stage: Stage) -> list[InvitationBanner]:
    """From top to bottom."""
    return list(reversed(stage.screen.ids.invitations.children))


def rows(stage: Stage) -> list[GroupRow]:
    return list(reversed(stage.screen.ids.groups.ids.rows.children))


def at_groups(play: Play, state: AppState) -> Stage:
    """In the place Groups."""
    stage = play(state)
    stage.go_to("groups")
    assert stage.screen.name == "groups"
    return stage


# Invitations to sessions


def test_a_session_of_the_group_is_one_tap_away_as_soon_as_it_is_heard_of(play: Play) -> None:
    stage = play(scenes.with_group())
    assert banners(stage) == []
    stage.screen.ids.scroll.scroll_y = 0
    stage.dispatch(group_actions.Notified(scenes.CALLED))
    (banner,) = banners(stage)
    assert banner.words == "Ben started dinner for Family"
    assert stage.screen.ids.scroll.scroll_y == 1
    stage.driver.press(banner.ids.join)
    assert stage.calls == [("join_invitation", scenes.CALLED.id)]


def test_an_invitation_can_be_sent_away(play: Play) -> None:
    stage = play(scenes.called_to_dinner())
    stage.driver.press(banners(stage)[0].ids.dismiss)
    assert stage.calls == [("dismiss_notification", scenes.CALLED.id)]
    stage.dispatch(group_actions.NotificationSeen(scenes.CALLED.id))
    assert banners(stage) == []


def test_the_newest_invitation_comes_first_and_the_others_stay_what_they_are(play: Play) -> None:
    stage = play(scenes.called_to_dinner())
    first = banners(stage)[0]
    about = {**scenes.CALLED.about, "session_id": "6" * 24, "host_name": "Cleo", "group_name": "Flat 🔥"}
    stage.dispatch(group_actions.Notified(replace(scenes.CALLED, id="5" * 24, about=about)))
    assert [banner.words for banner in banners(stage)] == [
        "Cleo started dinner for Flat :fire:",
        "Ben started dinner for Family",
    ]
    assert banners(stage)[1] is first


def test_nobody_joins_twice_at_once(play: Play) -> None:
    stage = play(scenes.called_to_dinner())
    stage.dispatch(actions.CommandStarted("join_invitation"))
    stage.driver.press(banners(stage)[0].ids.join)
    assert stage.calls == []
    stage.dispatch(actions.CommandFinished("join_invitation"))
    stage.driver.press(banners(stage)[0].ids.join)
    assert len(stage.calls) == 1


# One's groups


def test_the_groups_are_asked_for(play: Play) -> None:
    stage = at_groups(play, scenes.at_home())
    panel = stage.screen.ids.groups
    assert ("load_groups",) in stage.commands.calls
    assert (panel.state, panel.ids.skeleton.shown) == ("waiting", True)
    assert "again and again" not in words_on(panel)
    stage.dispatch(group_actions.GroupsLoaded(()))
    assert (panel.state, panel.ids.skeleton.shown) == ("empty", False)
    assert "again and again" in words_on(panel)


def test_groups_that_did_not_come_can_be_asked_for_again(play: Play) -> None:
    stage = at_groups(play, replace(scenes.at_home(), groups_error="No connection."))
    panel = stage.screen.ids.groups
    assert panel.state == "failed"
    assert "No connection." in words_on(panel)
    asked = stage.commands.calls.count(("load_groups",))
    stage.press_below(panel.ids.failure.ids.retry)
    assert stage.commands.calls.count(("load_groups",)) == asked + 1
    stage.dispatch(group_actions.GroupsAsked())
    assert panel.state == "waiting"
    assert "No connection." not in words_on(panel)


def test_known_groups_stay_when_they_do_not_come_again(play: Play) -> None:
    stage = at_groups(play, scenes.with_group())
    stage.dispatch(group_actions.GroupsFailed("No connection."))
    panel = stage.screen.ids.groups
    assert [row.name for row in rows(stage)] == ["Family"]
    assert (panel.state, panel.ids.hint.shown) == ("rows", True)
    stage.dispatch(group_actions.GroupsLoaded((scenes.FAMILY,)))
    assert not panel.ids.hint.shown


def test_guests_who_can_have_no_groups_do_not_wait_for_them(play: Play) -> None:
    stage = at_groups(play, scenes.as_guest())
    assert "again and again" in words_on(stage.screen.ids.groups)


def test_a_group_shows_its_name_and_how_many_they_are(play: Play) -> None:
    alone = replace(scenes.FAMILY, id="4" * 24, name="Flat", members=scenes.FAMILY.members[:1])
    stage = at_groups(play, replace(scenes.with_group(), groups=(alone, scenes.FAMILY)))
    assert [(row.name, row.people) for row in rows(stage)] == [
        ("Flat", "Only you so far"),
        ("Family", "3 people"),
    ]
    assert "again and again" not in words_on(stage.screen.ids.groups)


def test_a_row_follows_its_group_and_goes_with_it(play: Play) -> None:
    stage = at_groups(play, scenes.with_group())
    (row,) = rows(stage)
    row.inviting = True
    stage.dispatch(group_actions.GroupsLoaded((replace(scenes.FAMILY, name="The family"),)))
    assert rows(stage) == [row]
    assert (row.name, row.inviting) == ("The family", True)
    stage.dispatch(group_actions.GroupLeft(scenes.FAMILY.id))
    assert rows(stage) == []


def test_a_session_is_started_for_the_group_with_the_chosen_menu(play: Play) -> None:
    stage = at_groups(play, scenes.with_group())
    stage.screen.ids.groups.menu = "recipes"
    stage.press_below(rows(stage)[0].ids.start)
    assert stage.calls == [("create_session", "recipes", scenes.FAMILY.id)]
    stage.dispatch(actions.CommandStarted("create_session"))
    stage.press_below(rows(stage)[0].ids.start)
    assert len(stage.calls) == 1


def test_the_invite_link_can_be_read_scanned_and_copied(play: Play) -> None:
    stage = at_groups(play, scenes.with_group())
    (row,) = rows(stage)
    assert not shown(row.ids.qr)
    stage.press_below(row.ids.invite)
    assert row.ids.link.text == scenes.FAMILY.invite_link
    assert row.ids.qr.texture is not None
    stage.press_below(row.ids.copy_link)
    assert (Clipboard.paste(), row.copied) == (scenes.FAMILY.invite_link, True)
    stage.press_below(row.ids.invite)
    assert (shown(row.ids.qr), row.copied) == (False, False)


def test_a_row_leads_to_all_about_its_group(play: Play) -> None:
    stage = at_groups(play, scenes.with_group())
    stage.press_below(rows(stage)[0].ids.look)
    assert (stage.screen.name, stage.screen.argument) == ("group", scenes.FAMILY.id)


def test_leaving_is_asked_first(play: Play) -> None:
    stage = at_groups(play, scenes.with_group())
    stage.press_below(rows(stage)[0].ids.leave)
    question = stage.app.root.ids.question
    assert (question.open, question.title) == (True, "Leave Family?")
    assert "come back" in question.words
    assert stage.calls == []
    question.confirm()
    assert stage.calls == [("leave_group", scenes.FAMILY.id)]


def test_the_last_member_is_told_that_the_group_goes(play: Play) -> None:
    alone = replace(scenes.FAMILY, members=scenes.FAMILY.members[:1])
    stage = at_groups(play, replace(scenes.with_group(), groups=(alone,)))
    stage.press_below(rows(stage)[0].ids.leave)
    assert "the group goes with you" in stage.app.root.ids.question.words


# Founding and joining


def test_a_group_is_founded_by_its_name(play: Play) -> None:
    stage = at_groups(play, replace(scenes.at_home(), groups=()))
    panel = stage.screen.ids.groups
    stage.press_below(panel.ids.open_create)
    stage.press_below(panel.ids.create)
    assert (stage.calls, bool(panel.name_error)) == ([], True)
    stage.driver.type_into(panel.ids.name.ids.line, " Family ")
    stage.press_below(panel.ids.create)
    assert (stage.calls, panel.name_error) == ([("create_group", "Family")], "")
    stage.dispatch(group_actions.GroupEntered(scenes.FAMILY))
    assert (panel.form, panel.ids.name.text, len(rows(stage))) == ("", "", 1)


def test_a_pasted_link_leads_into_its_group(play: Play) -> None:
    stage = at_groups(play, scenes.with_group())
    panel = stage.screen.ids.groups
    stage.press_below(panel.ids.open_join)
    stage.driver.type_into(panel.ids.link.ids.line, "https://dindin.example/j/K7MQ4P")
    stage.press_below(panel.ids.join)
    assert stage.calls == []
    assert "/g/" in panel.link_error
    panel.ids.link.text = "https://dindin.example/g/Tok_en-1"
    stage.press_below(panel.ids.join)
    assert (stage.calls, panel.link_error) == ([("join_group", "Tok_en-1")], "")


def test_what_is_under_way_is_not_asked_for_twice(play: Play) -> None:
    stage = at_groups(play, scenes.with_group())
    panel = stage.screen.ids.groups
    stage.dispatch(actions.CommandStarted("create_group"), actions.CommandStarted("join_group"))
    panel.ids.name.text, panel.ids.link.text = "Family", "Tok_en-1"
    panel.create()
    panel.join()
    assert stage.calls == []


@pytest.mark.parametrize("way", ["button", "the other form", "escape"])
def test_a_form_can_be_closed_again(play: Play, way: str) -> None:
    stage = at_groups(play, scenes.with_group())
    panel = stage.screen.ids.groups
    stage.press_below(panel.ids.open_create)
    assert shown(panel.ids.create)
    if way == "escape":
        stage.driver.key(ESCAPE)
    else:
        stage.press_below(panel.ids.open_create if way == "button" else panel.ids.open_join)
    assert not shown(panel.ids.create)
    assert shown(panel.ids.join) == (way == "the other form")
    assert stage.calls == []


# A link to a group that the app was started with


def test_the_link_is_filled_in_and_asked_about(play: Play) -> None:
    stage = play(scenes.asked_into_group())
    panel = stage.screen.ids.groups
    assert "Join the group?" in words_on(panel)
    _, foot = panel.ids.join.to_window(0, panel.ids.join.y)
    assert foot >= 0  # in sight without scrolling
    stage.driver.press(panel.ids.join)
    assert stage.calls == [("join_group", "Kd9_x-2fQwErTyUiOpAsDfGhJkLzXcVb")]
    stage.dispatch(group_actions.GroupEntered(scenes.FAMILY))
    assert (panel.form, panel.invited) == ("", False)


def test_groups_that_come_later_do_not_close_the_question(play: Play) -> None:
    stage = play(replace(scenes.asked_into_group(), groups=None))
    stage.dispatch(group_actions.GroupsLoaded((scenes.FAMILY,)))
    assert shown(stage.screen.ids.groups.ids.join)


def test_the_link_waits_behind_the_welcome_screen(play: Play) -> None:
    stage = play(replace(scenes.signed_out(), group_invitation="Tok_en-1"))
    stage.dispatch(actions.SignedIn(scenes.ANA))
    assert stage.screen.ids.groups.ids.link.text == "dindin://group/Tok_en-1"


@pytest.mark.parametrize("by_key", [False, True], ids=["button", "escape"])
def test_not_now(play: Play, by_key: bool) -> None:
    stage = play(scenes.asked_into_group())
    if by_key:
        stage.driver.key(ESCAPE)
    else:
        stage.press_below(stage.screen.ids.groups.ids.not_now)
    assert stage.calls == [("drop_group_invitation",)]
    stage.dispatch(group_actions.GroupInvitationDropped())
    assert not shown(stage.screen.ids.groups.ids.join)
    stage.driver.key(ESCAPE)
    assert len(stage.calls) == 1
