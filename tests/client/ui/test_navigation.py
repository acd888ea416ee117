"""Moving about: the bar at the foot, stacks of screens, back, and arguments that screens are opened with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from kivy.core.window import Window

from client.screens import table
from client.screens.base import AppScreen
from client.screens.places import open_places
from client.store import actions, group_actions
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
ESCAPE = 27


class NotedScreen(AppScreen):
    """Notes what it was opened with."""

    def __init__(self, **properties: Any) -> None:
        self.noted: list[str] = []
        super().__init__(**properties)
        self.watch(lambda state: state.auth.user, lambda _user: self.noted.append(self.argument))


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A screen that is about something."""
    found = table.SCREENS | {"noted": ("groups", "NotedScreen")}
    monkeypatch.setattr("client.screens.navigator.SCREENS", found)
    monkeypatch.setattr("client.screens.groups.NotedScreen", NotedScreen, raising=False)
    return


def bar(stage: Stage) -> Any:
    return stage.app.root.ids.bar


def test_the_bar_leads_to_every_place(play: Play) -> None:
    stage = play(scenes.at_home())
    assert bar(stage).current == "tonight"
    for place in reversed(open_places()):
        stage.go_to(place)
        assert bar(stage).current == place == stage.app.root.navigator.place
        chosen = [button.place for button in bar(stage).ids.row.children if button.chosen]
        assert chosen == [place]


@pytest.mark.parametrize("state", [scenes.signed_out(), scenes.lobby(), scenes.swiping(), scenes.matched()])
def test_there_is_no_bar_where_one_cannot_go_elsewhere(play: Play, state: Any) -> None:
    stage = play(state)
    assert bar(stage).height == 0
    assert stage.screen.height == Window.height


def test_a_screen_that_comes_with_the_bar_stands_on_it(play: Play) -> None:
    stage = play(scenes.signed_out())
    stage.dispatch(actions.SignedIn(scenes.ANA))
    stage.driver.wait(0.5)
    assert bar(stage).height > 0
    assert stage.screen.to_window(0, 0)[1] == bar(stage).top
    assert stage.screen.height == Window.height - bar(stage).height


def test_what_waits_at_home_is_announced_in_the_bar(play: Play) -> None:
    stage = play(scenes.with_group())
    stage.go_to("me")
    tonight = next(button for button in bar(stage).ids.row.children if button.place == "tonight")
    assert tonight.waiting == 0
    stage.dispatch(group_actions.Notified(scenes.CALLED))
    assert tonight.waiting == 1


def test_rows_of_me_open_their_screens_and_back_returns(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.go_to("me")
    stage.press_below(stage.screen.ids.account)
    assert (stage.screen.name, bar(stage).current) == ("account", "me")
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.4)
    assert stage.screen.name == "me"
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.4)
    assert stage.screen.name == "home"


def test_me_says_who_one_is(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.go_to("me")
    assert (stage.screen.name_shown, stage.screen.about) == (scenes.ANA.display_name, scenes.ANA.email)
    stage.dispatch(actions.SignedIn(scenes.GUEST))
    assert stage.screen.guest


@pytest.mark.usefixtures("noted")
def test_a_screen_is_opened_about_something_and_again_about_something_else(play: Play) -> None:
    stage = play(scenes.at_home())
    home = stage.screen
    home.dispatch("on_open", "noted", "soup")
    stage.driver.wait(0.4)
    screen = stage.screen
    screen.dispatch("on_open", "noted", "cake")
    assert (screen.argument, screen.noted) == ("cake", ["soup", "cake"])
    stage.driver.key(ESCAPE)
    assert (stage.screen, screen.argument) == (screen, "soup")
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.4)
    assert stage.screen is home


@pytest.mark.usefixtures("noted")
def test_something_can_be_looked_at_during_a_session(play: Play) -> None:
    stage = play(scenes.matched())
    stage.screen.dispatch("on_open", "noted", "tacos")
    stage.driver.wait(0.4)
    assert (stage.screen.name, bar(stage).height) == ("noted", 0)
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.4)
    assert (stage.screen.name, stage.calls) == ("match", [])


def test_a_screen_may_lead_to_another_place(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.screen.dispatch("on_go_to", "groups")
    stage.driver.wait(0.4)
    assert (stage.screen.name, bar(stage).current) == ("groups", "groups")


def test_what_was_typed_is_not_there_for_the_next_user(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.go_to("groups")
    stage.screen.ids.groups.ids.name.text = "Our secret circle"
    stage.dispatch(actions.SignedOut())
    assert stage.app.root.navigator.screen_names == ["welcome"]
    stage.dispatch(actions.SignedIn(replace(scenes.ANA, id="0" * 24)))
    stage.go_to("groups")
    assert stage.screen.ids.groups.ids.name.text == ""


def test_who_goes_on_while_one_screen_still_fades_in_sees_only_the_next(play: Play) -> None:
    stage = play(scenes.at_home())
    navigator = stage.app.root.navigator
    navigator.go_to("me")
    stage.driver.step()
    navigator.open_on_top("favourites")
    stage.driver.wait(1)
    assert [screen.name for screen in navigator.children] == ["favourites"]
