"""Account and devices: another password, and ending log-ins here and elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from client.net.values import Device
from client.screens.account import DeviceRow
from client.store import account_actions, actions
from client.store.state import AppState
from client.widgets.text import Wrapped
from tests.client.ui import scenes
from tests.client.ui.stage import Stage
from tests.client.ui.test_forms import fill

Play = Callable[..., Stage]
ESCAPE = 27
HERE = Device("1" * 24, "DinDin (Linux)", scenes.EVENING, scenes.EVENING, current=True)
BROWSER = Device("2" * 24, "Mozilla/5.0 " * 20, scenes.EVENING, scenes.EVENING, current=False)


def opened(play: Play, state: AppState) -> Stage:
    """With the account on top of Me."""
    stage = play(state)
    stage.go_to("me")
    stage.press_below(stage.screen.ids.account)
    assert stage.screen.name == "account"
    return stage


def calls(stage: Stage) -> list[tuple[Any, ...]]:
    """Without what the screen looks up by itself."""
    return [call for call in stage.calls if call != ("load_devices",)]


def shown(widget: Any) -> bool:
    return widget.get_root_window() is not None


def words_on(widget: Any) -> str:
    return " ".join(part.text for part in widget.walk() if isinstance(part, Wrapped))


def rows(stage: Stage) -> list[DeviceRow]:
    """From top to bottom."""
    return list(reversed(stage.screen.ids.devices.children))


def agree(stage: Stage) -> None:
    question = stage.app.root.ids.question
    assert question.open
    question.confirm()


def test_it_says_whether_the_address_is_confirmed(play: Play) -> None:
    stage = opened(play, scenes.unconfirmed())
    assert "ana@example.com" in words_on(stage.screen)
    assert "Not confirmed" in stage.screen.ids.standing.text
    stage.press_below(stage.screen.ids.ask_to_confirm)
    assert calls(stage) == [("ask_to_confirm",)]
    stage.dispatch(actions.SignedIn(scenes.ANA))
    assert stage.screen.ids.standing.text.startswith("Confirmed")
    assert not shown(stage.screen.ids.ask_to_confirm)


def test_a_password_is_changed_with_the_old_one(play: Play) -> None:
    stage = opened(play, scenes.at_home())
    stage.press_below(stage.screen.ids.change)
    assert (calls(stage), bool(stage.screen.current_error), bool(stage.screen.new_error)) == ([], True, True)
    fill(stage, current="as it was", new="as it shall be")
    stage.press_below(stage.screen.ids.change)
    assert calls(stage) == [("change_password", "as it was", "as it shall be")]
    assert (stage.screen.current_error, stage.screen.new_error) == ("", "")
    stage.dispatch(actions.CommandStarted("change_password"))
    stage.press_below(stage.screen.ids.change)
    assert len(calls(stage)) == 1
    stage.dispatch(account_actions.PasswordChanged(), actions.CommandFinished("change_password"))
    assert (stage.screen.ids.current.text, stage.screen.ids.new.text) == ("", "")


def test_what_the_server_says_about_a_password_stands_at_its_field(play: Play) -> None:
    stage = opened(play, scenes.at_home())
    fill(stage, current="as it was", new="short")
    stage.dispatch(account_actions.PasswordRefused("Please check.", {"new": "Use at least 10 characters."}))
    assert (stage.screen.new_error, stage.screen.error) == ("Use at least 10 characters.", "")
    stage.dispatch(account_actions.PasswordRefused("The password is wrong.", {"current": "It is wrong."}))
    assert (stage.screen.current_error, stage.screen.new_error) == ("It is wrong.", "")
    stage.dispatch(account_actions.PasswordRefused("The server is away.", {}))
    assert "The server is away." in words_on(stage.screen)
    assert stage.screen.ids.new.text == "short"


def test_neither_passwords_nor_errors_are_left_lying_around(play: Play) -> None:
    stage = opened(play, scenes.at_home())
    account = stage.screen
    fill(stage, current="as it was", new="as it shall be")
    stage.dispatch(account_actions.PasswordRefused("The server is away.", {}))
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.5)
    assert (stage.screen.name, account.ids.current.text, account.ids.new.text) == ("me", "", "")
    stage.press_below(stage.screen.ids.account)
    assert (stage.screen.name, stage.screen.error) == ("account", "")


def test_this_device_comes_first_and_others_can_be_logged_out(play: Play) -> None:
    stage = opened(play, scenes.at_home())
    assert ("load_devices",) in stage.calls
    stage.dispatch(account_actions.DevicesLoaded((BROWSER, HERE)))
    here, browser = rows(stage)
    assert (here.name, here.used, shown(here.ids.log_out)) == ("DinDin (Linux)", "This one", False)
    assert (browser.used, len(browser.name) <= 60) == ("Last used today", True)
    stage.press_below(browser.ids.log_out)
    assert calls(stage) == []
    agree(stage)
    assert calls(stage) == [("log_out_device", BROWSER.id)]
    stage.dispatch(account_actions.DeviceLoggedOut(BROWSER.id))
    assert [row.device for row in rows(stage)] == [HERE]


def test_a_list_that_has_not_come_can_be_asked_for_again(play: Play) -> None:
    stage = opened(play, scenes.at_home())
    before = stage.calls.count(("load_devices",))
    stage.press_below(stage.screen.ids.retry)
    assert stage.calls.count(("load_devices",)) == before + 1
    stage.dispatch(actions.CommandStarted("load_devices"))
    assert not shown(stage.screen.ids.retry)
    stage.dispatch(account_actions.DevicesLoaded((HERE,)))
    assert "has not come" not in words_on(stage.screen)


@pytest.mark.parametrize(
    ("state", "warning"), [(scenes.at_home(), "this one too"), (scenes.as_guest(), "could not log in again")],
    ids=["user", "guest"],
)  # fmt: skip
def test_logging_out_everywhere_is_asked_about_first(play: Play, state: AppState, warning: str) -> None:
    stage = opened(play, state)
    stage.press_below(stage.screen.ids.everywhere)
    assert calls(stage) == []
    assert warning in stage.app.root.ids.question.words
    agree(stage)
    assert calls(stage) == [("log_out_everywhere",)]


def test_guests_have_no_password_but_may_keep_the_account(play: Play) -> None:
    stage = opened(play, replace(scenes.as_guest(), devices=(HERE,)))
    assert not shown(stage.screen.ids.change)
    assert not shown(stage.screen.ids.standing)
    stage.press_below(stage.screen.ids.keep)
    assert calls(stage) == [("wish_account",)]
