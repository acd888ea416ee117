"""The settings screen: each choice shows at once; another server is looked at first and asked about."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from client.store.settings.file import read_settings
from client.store.settings.state import ServerCheck
from client.theme.active import theme
from client.theme.palette import DARK, LIGHT
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]


@pytest.fixture
def stage(play: Play) -> Iterator[Stage]:
    """With the settings on top of Me."""
    state = scenes.at_home()
    stage = play(replace(state, settings=replace(state.settings, server="https://home.example")))
    stage.go_to("me")
    stage.press_below(stage.screen.ids.settings)
    assert stage.screen.name == "settings"
    yield stage
    theme.dark = theme.reduced_motion = False


def test_the_dark_theme_is_chosen_and_kept(stage: Stage, tmp_path: object) -> None:
    stage.press_below(stage.screen.ids.dark)
    assert tuple(theme.paper) == DARK.paper
    assert read_settings(tmp_path / "settings.json").look == "dark"
    stage.press_below(stage.screen.ids.light)
    assert tuple(theme.paper) == LIGHT.paper


def test_the_app_may_follow_the_system(stage: Stage) -> None:
    stage.press_below(stage.screen.ids.system)
    assert tuple(theme.paper) == LIGHT.paper
    stage.around.dark = True
    stage.app.on_resume()
    stage.driver.wait(0.2)
    assert tuple(theme.paper) == DARK.paper
    assert stage.screen.ids.system.chosen


def test_less_motion_is_chosen(stage: Stage) -> None:
    stage.press_below(stage.screen.ids.calm)
    assert (theme.reduced_motion, stage.screen.ids.calm.chosen) == (True, True)
    stage.press_below(stage.screen.ids.lively)
    assert not theme.reduced_motion


def test_one_sees_which_server_it_is(stage: Stage) -> None:
    assert stage.screen.ids.server.text == "https://home.example"


def test_who_is_told_of_errors_is_named_where_somebody_is(play: Play) -> None:
    state = scenes.at_home()
    for host in ("", "errors.example"):
        stage = play(replace(state, settings=replace(state.settings, reports_go_to=host)))
        stage.go_to("me")
        stage.press_below(stage.screen.ids.settings)
        words = stage.screen.ids.reports
        assert (words.get_root_window() is not None) == bool(host)
    assert "errors.example" in words.text


def test_another_server_is_found_asked_about_and_moved_to(stage: Stage) -> None:
    stage.driver.type_into(stage.screen.ids.address.ids.line, "dindin.example")
    stage.press_below(stage.screen.ids.check)
    question = stage.app.root.ids.question
    assert question.open
    assert "https://dindin.example" in question.title
    assert stage.calls == []
    question.confirm()
    assert stage.calls == [("log_out",)]
    assert stage.store.state.settings.moving_to == "https://dindin.example"


def test_who_says_no_stays(stage: Stage) -> None:
    stage.driver.type_into(stage.screen.ids.address.ids.line, "dindin.example")
    stage.press_below(stage.screen.ids.check)
    stage.app.root.ids.question.close()
    assert (stage.calls, stage.store.state.settings.moving_to) == ([], "")


@pytest.mark.parametrize("typed", ["away.example", "http://"])
def test_what_is_wrong_with_an_address_stands_at_its_field(stage: Stage, typed: str) -> None:
    stage.driver.type_into(stage.screen.ids.address.ids.line, typed)
    stage.press_below(stage.screen.ids.check)
    assert stage.screen.ids.address.error
    stage.driver.key(27)
    stage.driver.wait(0.4)
    stage.press_below(stage.screen.ids.settings)
    assert (stage.screen.ids.address.text, stage.screen.ids.address.error) == ("", "")
    assert stage.store.state.settings.check == ServerCheck()


def test_the_app_moves_in_with_another_server(stage: Stage) -> None:
    old = stage.app.root
    stage.app.move_in(stage.app.ports)
    stage.driver.wait(0.3)
    assert stage.app.root is not old
    assert old.get_root_window() is None
    assert stage.screen.name == "home"
    assert stage.commands.calls[-4:].count(("restore",)) == 1
