"""Welcome, home and preferences: what is typed and chosen becomes a command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from client.net.values import Preferences
from client.store import actions
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]


def fill(stage: Stage, **texts: str) -> None:
    for field, words in texts.items():
        stage.driver.type_into(stage.screen.ids[field].ids.line, words)


def test_log_in(play: Play) -> None:
    stage = play(scenes.signed_out())
    fill(stage, email=" ana@example.com ", password="correct horse")
    stage.driver.press(stage.screen.ids.submit)
    assert stage.calls == [("log_in", "ana@example.com", "correct horse")]


def test_register_asks_for_a_name(play: Play) -> None:
    stage = play(scenes.signed_out())
    stage.screen.switch("register")
    stage.driver.wait(0.2)
    fill(stage, email="ana@example.com", password="correct horse")
    stage.driver.press(stage.screen.ids.submit)
    assert stage.calls == []
    assert stage.screen.name_error
    fill(stage, display_name="Ana")
    stage.driver.press(stage.screen.ids.submit)
    assert stage.calls == [("register", "ana@example.com", "correct horse", "Ana")]


def test_enter_goes_from_field_to_field_and_submits(play: Play) -> None:
    stage = play(scenes.signed_out())
    fill(stage, email="ana@example.com")
    stage.screen.ids.email.dispatch("on_submit")
    stage.driver.step()
    assert stage.screen.ids.password.ids.line.focus
    fill(stage, password="correct horse")
    stage.screen.ids.password.dispatch("on_submit")
    assert [call[0] for call in stage.calls] == ["log_in"]


def test_what_is_plainly_missing_is_said_at_its_field(play: Play) -> None:
    stage = play(scenes.signed_out())
    stage.driver.press(stage.screen.ids.submit)
    assert stage.calls == []
    assert "@" in stage.screen.email_error
    assert stage.screen.password_error


def test_the_servers_errors_stand_at_their_fields(play: Play) -> None:
    stage = play(scenes.signed_out())
    stage.dispatch(
        actions.SignInFailed("Some fields need another look.", {"email": "This is no e-mail address."})
    )
    assert stage.screen.email_error == "This is no e-mail address."
    assert stage.screen.error == ""
    stage.dispatch(actions.SignInFailed("The server is away."))
    assert stage.screen.error == "The server is away."
    assert stage.screen.ids.error.parent is not None


def test_while_signing_in_nothing_is_sent_twice(play: Play) -> None:
    stage = play(scenes.signed_out())
    fill(stage, email="ana@example.com", password="correct horse")
    stage.dispatch(actions.SigningIn())
    stage.driver.press(stage.screen.ids.submit)
    assert stage.calls == []


def test_the_password_can_be_looked_at(play: Play) -> None:
    stage = play(scenes.signed_out())
    field = stage.screen.ids.password
    assert field.ids.line.password
    field.revealed = True
    assert not field.ids.line.password


def test_the_folded_name_field_cannot_be_touched(play: Play) -> None:
    stage = play(scenes.signed_out())
    assert stage.screen.ids.display_name.get_root_window() is None
    stage.screen.switch("register")
    assert stage.screen.ids.display_name.get_root_window() is not None


def tiles(screen: Any) -> dict[str, Any]:
    return {widget.text: widget for widget in screen.walk() if type(widget).__name__ == "ChoiceTile"}


def test_a_session_is_created_with_the_chosen_menu(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.driver.press(tiles(stage.screen)["Cook"])
    assert [name for name, tile in tiles(stage.screen).items() if tile.chosen] == ["Cook"]
    stage.driver.press(stage.screen.ids.create)
    assert stage.calls == [("create_session", "recipes")]


def test_a_code_can_be_typed_in_any_way(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.driver.press(stage.screen.ids.join)
    stage.driver.type_into(stage.screen.ids.code.ids.line, "k7m q4p")
    assert stage.screen.ids.code.text == "K7MQ4P"
    stage.driver.press(stage.screen.ids.join)
    assert stage.calls == [("join_session", "K7MQ4P")]


def test_a_tap_on_the_boxes_starts_typing_and_stays(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.driver.press(stage.screen.ids.code.ids.row)
    assert stage.screen.ids.code.ids.line.focus
    assert [box.current for box in reversed(stage.screen.ids.code.ids.row.children)] == [True] + [False] * 5


def test_logging_out_is_asked_first(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.go_to("me")
    stage.press_below(stage.screen.ids.log_out)
    question = stage.app.root.ids.question
    assert question.open
    assert stage.calls == []
    question.confirm()
    assert stage.calls == [("log_out",)]


def preferences(play: Play) -> Stage:
    stage = play(scenes.at_home())
    stage.app.root.navigator.open_on_top("preferences")
    stage.driver.wait(0.4)
    return stage


def chip(stage: Stage, group: str, value: str) -> Any:
    return next(chip for chip in stage.screen.ids[group].children if chip.value == value)


def test_chips_show_and_change_the_preferences(play: Play) -> None:
    stage = preferences(play)
    assert chip(stage, "dietary", "vegetarian").chosen
    assert stage.screen.ids.save.disabled
    stage.driver.press(chip(stage, "dietary", "halal"))
    stage.driver.press(chip(stage, "dietary", "vegetarian"))
    assert not stage.screen.ids.save.disabled
    stage.driver.press(stage.screen.ids.save)
    assert stage.calls[-1] == ("save_preferences", Preferences(("halal",), ("peanuts",)))


def test_saved_preferences_have_nothing_to_save(play: Play) -> None:
    stage = preferences(play)
    stage.driver.press(chip(stage, "allergies", "milk"))
    stage.dispatch(actions.PreferencesLoaded(Preferences(("vegetarian",), ("peanuts", "milk"))))
    assert stage.screen.ids.save.disabled


def test_back_leads_home(play: Play) -> None:
    stage = preferences(play)
    stage.driver.key(27)
    stage.driver.wait(0.4)
    assert stage.screen.name == "home"
