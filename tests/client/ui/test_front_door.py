"""Guests, provider buttons, forgotten passwords, invitations, and how a guest comes to keep the account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from kivy.core.window import Window

from client.net.values import Provider
from client.store import actions
from client.store.state import AppState
from client.widgets.buttons import QuietButton
from client.widgets.text import Wrapped
from tests.client.ui import scenes
from tests.client.ui.stage import Stage
from tests.client.ui.test_forms import fill

Play = Callable[..., Stage]
ESCAPE = 27


def shown(widget: Any) -> bool:
    """Whether it is on the screen, not folded away."""
    return widget.get_root_window() is not None


def words_on(stage: Stage) -> str:
    """All that can be read."""
    return " ".join(widget.text for widget in stage.screen.walk() if isinstance(widget, Wrapped))


# Guests


def test_a_guest_gives_a_name_and_may_have_a_code(play: Play) -> None:
    stage = play(scenes.signed_out())
    stage.driver.press(stage.screen.ids.guest)
    fill(stage, display_name=" Dev ", code="k7m q4p")
    stage.driver.press(stage.screen.ids.submit)
    assert stage.calls == [("enter_as_guest", "Dev", "K7MQ4P")]


def test_a_guest_needs_no_code_but_a_name(play: Play) -> None:
    stage = play(scenes.signed_out())
    stage.driver.press(stage.screen.ids.guest)
    stage.driver.press(stage.screen.ids.submit)
    assert (stage.calls, bool(stage.screen.name_error)) == ([], True)
    fill(stage, display_name="Dev")
    stage.driver.press(stage.screen.ids.submit)
    assert stage.calls == [("enter_as_guest", "Dev", "")]


def test_half_a_code_is_said_at_its_boxes(play: Play) -> None:
    stage = play(scenes.signed_out())
    stage.driver.press(stage.screen.ids.guest)
    fill(stage, display_name="Dev", code="k7m")
    stage.driver.press(stage.screen.ids.submit)
    assert stage.calls == []
    assert "six" in stage.screen.ids.code.error


def test_a_link_opens_the_guests_form_with_its_code(play: Play) -> None:
    stage = play(replace(scenes.signed_out(), invitation="K7MQ4P"))
    assert shown(stage.screen.ids.code)
    assert stage.screen.ids.code.text == "K7MQ4P"
    stage.driver.press(stage.screen.ids.back)
    assert shown(stage.screen.ids.password)


def test_who_is_logged_in_finds_the_links_code_at_home(play: Play) -> None:
    stage = play(replace(scenes.at_home(), invitation="K7MQ4P"))
    stage.driver.press(stage.screen.ids.join)
    assert stage.calls == [("join_session", "K7MQ4P")]


@pytest.mark.parametrize("opener", ["guest", "forgot"])
def test_back_leads_to_the_log_in(play: Play, opener: str) -> None:
    stage = play(scenes.signed_out())
    stage.driver.press(stage.screen.ids[opener])
    assert stage.screen.mode == opener
    stage.driver.key(ESCAPE)
    assert stage.screen.mode == "log_in"


def test_a_password_is_not_left_in_the_form(play: Play) -> None:
    stage = play(scenes.signed_out())
    fill(stage, email="ana@example.com", password="correct horse")
    stage.dispatch(actions.SignedIn(scenes.ANA))
    stage.dispatch(actions.SignedOut())
    assert (stage.screen.name, stage.screen.ids.password.text) == ("welcome", "")


# Forgotten passwords


def test_a_forgotten_password_needs_an_address_only(play: Play) -> None:
    stage = play(scenes.signed_out())
    fill(stage, email="ana@example.com")
    stage.driver.press(stage.screen.ids.forgot)
    assert not shown(stage.screen.ids.password)
    stage.driver.press(stage.screen.ids.submit)
    assert stage.calls == [("forget_password", "ana@example.com")]
    stage.dispatch(actions.CommandStarted("forget_password"))
    stage.driver.press(stage.screen.ids.submit)
    assert len(stage.calls) == 1


# Providers


def provider_buttons(stage: Stage) -> dict[str, Any]:
    return {
        button.text: button
        for button in stage.screen.ids.providers.children
        if isinstance(button, QuietButton) and shown(button)
    }


def test_what_the_server_does_not_offer_is_not_shown(play: Play) -> None:
    stage = play(scenes.signed_out())
    assert provider_buttons(stage) == {}
    assert "go on with" not in words_on(stage)
    assert ("load_providers",) in stage.commands.calls


def test_a_provider_is_one_press_away(play: Play) -> None:
    stage = play(scenes.signed_out())
    stage.dispatch(actions.ProvidersLoaded((Provider("google", "Google"), Provider("oidc", "The club"))))
    assert provider_buttons(stage).keys() == {"Google", "The club"}
    stage.driver.press(provider_buttons(stage)["Google"])
    assert stage.calls == [("log_in_through", Provider("google", "Google"))]


@pytest.mark.parametrize("by_key", [False, True], ids=["button", "escape"])
def test_waiting_for_the_browser_can_be_stopped(play: Play, by_key: bool) -> None:
    stage = play(scenes.in_the_browser())
    assert "Google" in words_on(stage)
    assert not shown(stage.screen.ids.submit)
    if by_key:
        stage.driver.key(ESCAPE)
    else:
        stage.driver.press(stage.screen.ids.stop_waiting)
    assert stage.calls == [("cancel_log_in",)]
    stage.dispatch(actions.SignInFailed(None))
    assert shown(stage.screen.ids.submit)
    assert stage.screen.error == ""


# Home


def test_a_guest_sees_at_home_what_a_guest_is(play: Play) -> None:
    stage = play(scenes.as_guest())
    assert "Dev" in words_on(stage)
    assert "guest" in words_on(stage)
    stage.driver.press(stage.screen.ids.keep)
    assert stage.calls == [("wish_account",)]


def test_a_guest_is_warned_before_logging_out_for_good(play: Play) -> None:
    stage = play(scenes.as_guest())
    stage.go_to("me")
    stage.screen.ask_log_out()
    assert "could not log in again" in stage.app.root.ids.question.words


@pytest.mark.parametrize("state", [scenes.at_home(), scenes.as_guest()], ids=["confirmed", "guest"])
def test_nobody_is_asked_to_confirm_what_is_confirmed_or_not_there(play: Play, state: AppState) -> None:
    stage = play(state)
    assert not shown(stage.screen.ids.ask_to_confirm)
    assert shown(stage.screen.ids.keep) == stage.screen.guest


def test_an_address_can_be_confirmed(play: Play) -> None:
    stage = play(scenes.unconfirmed())
    assert "ana@example.com" in words_on(stage)
    stage.driver.press(stage.screen.ids.ask_to_confirm)
    assert stage.calls == [("ask_to_confirm",)]
    stage.dispatch(actions.SignedIn(scenes.ANA))
    assert not shown(stage.screen.ids.ask_to_confirm)


def test_who_comes_back_from_the_mail_is_looked_up_again(play: Play) -> None:
    stage = play(scenes.unconfirmed())
    Window._focus = False
    before = stage.commands.calls.count(("refresh_user",))
    Window._focus = True
    assert stage.commands.calls.count(("refresh_user",)) == before + 1


def test_guests_may_keep_their_account_from_the_preferences_too(play: Play) -> None:
    stage = play(scenes.as_guest())
    stage.app.root.navigator.open_on_top("preferences")
    stage.driver.wait(0.4)
    stage.screen.ids.keep.dispatch("on_release")
    assert stage.calls[-1] == ("wish_account",)
    stage.dispatch(actions.AccountWished())
    assert stage.screen.name == "claim"
    stage.dispatch(actions.AccountWishDropped())
    assert stage.screen.name == "preferences"  # where they were


# Keeping the account


def test_where_guests_may_not_go_the_form_says_why(play: Play) -> None:
    stage = play(scenes.as_guest())
    stage.driver.press(stage.screen.ids.create)
    assert stage.calls == [("create_session", "both")]
    stage.dispatch(actions.AccountWished("Guests cannot do that."))
    assert stage.screen.name == "claim"
    assert "Guests cannot do that." in words_on(stage)


def test_an_account_is_kept_with_address_and_password(play: Play) -> None:
    stage = play(scenes.keeping_account())
    stage.driver.press(stage.screen.ids.submit)
    assert stage.calls == []
    assert stage.screen.email_error
    assert stage.screen.password_error
    fill(stage, email=" dev@example.com ", password="correct horse")
    stage.driver.press(stage.screen.ids.submit)
    assert stage.calls == [("claim", "dev@example.com", "correct horse")]
    stage.dispatch(actions.AccountRefused("Please check.", {"password": "Use at least 10 characters."}))
    assert stage.screen.password_error == "Use at least 10 characters."
    stage.dispatch(actions.AccountRefused("The server is away.", {}))
    assert stage.screen.error == "The server is away."
    stage.dispatch(actions.SignedIn(scenes.ANA))
    assert stage.screen.name == "home"


def test_a_guest_may_stay_one(play: Play) -> None:
    stage = play(scenes.keeping_account())
    fill(stage, password="correct horse")
    claim = stage.screen
    stage.driver.key(ESCAPE)
    assert stage.calls == [("drop_account_wish",)]
    stage.dispatch(actions.AccountWishDropped())
    assert (stage.screen.name, claim.ids.password.text) == ("home", "")
