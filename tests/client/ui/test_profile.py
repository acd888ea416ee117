"""One's name and address, and a guest's way to an account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from client.store import actions
from client.store.people import actions as people_actions
from tests.client.ui import people_scenes as weeks
from tests.client.ui import scenes
from tests.client.ui.stage import Stage
from tests.client.ui.test_group import shown
from tests.client.ui.test_history import opened, press, words_on

Play = Callable[..., Stage]


def test_another_name_is_saved(play: Play) -> None:
    stage = opened(play, scenes.at_home(), "profile")
    screen = stage.screen
    assert (screen.ids.name.text, screen.ids.save.disabled) == ("Ana Lindqvist", True)
    screen.ids.name.text = " Ana "
    press(stage, screen.ids.save)
    assert stage.people.calls == [("rename_self", "Ana")]
    stage.dispatch(actions.SignedIn(replace(scenes.ANA, display_name="Ana")), people_actions.NameChanged())
    assert (screen.ids.name.text, screen.changed) == ("Ana", False)


def test_no_name_is_no_name(play: Play) -> None:
    stage = opened(play, scenes.at_home(), "profile")
    stage.screen.ids.name.text = "  "
    press(stage, stage.screen.ids.save)
    assert stage.people.calls == []
    assert "What shall the others call you?" in words_on(stage.screen)


def test_what_the_server_says_stands_at_the_field(play: Play) -> None:
    stage = opened(play, scenes.at_home(), "profile")
    stage.screen.ids.name.text = "x" * 60
    stage.dispatch(people_actions.NameRefused("At most 40 characters."))
    assert stage.screen.ids.name.error == "At most 40 characters."
    # What was typed is still there to be mended.
    assert stage.screen.ids.name.text == "x" * 60


def test_news_about_the_account_do_not_disturb_who_is_typing(play: Play) -> None:
    stage = opened(play, scenes.at_home(), "profile")
    stage.screen.ids.name.text = "Annie"
    stage.dispatch(actions.SignedIn(replace(scenes.ANA, tier="pro")))
    assert stage.screen.ids.name.text == "Annie"
    assert "DinDin Pro" in words_on(stage.screen)


def test_a_guest_is_shown_the_way_to_an_account(play: Play) -> None:
    stage = opened(play, weeks.guest(scenes.at_home()), "profile")
    press(stage, stage.screen.ids.keep)
    assert ("wish_account",) in stage.calls
    assert not shown(stage.screen.ids.email)


def test_an_address_waits_to_be_confirmed(play: Play) -> None:
    stage = opened(play, weeks.unconfirmed(scenes.at_home()), "profile")
    press(stage, stage.screen.ids.ask_to_confirm)
    assert ("ask_to_confirm",) in stage.calls
    stage.dispatch(actions.SignedIn(scenes.ANA))
    assert not shown(stage.screen.ids.ask_to_confirm)


def test_it_leads_to_what_else_is_about_oneself(play: Play) -> None:
    stage = opened(play, scenes.at_home(), "profile")
    press(stage, stage.screen.ids.preferences)
    stage.driver.wait(0.5)
    assert stage.screen.name == "preferences"
