"""When a part of the app fails: a sentence and a way on, a report, and a window that stays open (K6)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kivy.base import ExceptionManager

from client.app import UiQueue
from client.screens import home, me
from client.screens.fallback import Fallback
from client.screens.table import SCREENS
from client.store import actions
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]


class Mishap(Exception):
    """Went wrong on purpose."""


class Trouble:
    """Makes something fail for as long as it is `on`."""

    def __init__(self) -> None:
        self.on = True

    def __call__(self, *_: Any) -> None:
        if self.on:
            raise Mishap


@pytest.fixture
def trouble(monkeypatch: pytest.MonkeyPatch) -> Iterator[Trouble]:
    """The screen Me fails to show its user."""
    trouble = Trouble()
    monkeypatch.setattr(me.MeScreen, "_show_user", trouble)
    return trouble


def fallback(stage: Stage) -> Fallback | None:
    """What stands in the place of the screen."""
    (shown,) = stage.app.root.ids.column.children
    return shown if isinstance(shown, Fallback) else None


def reported(stage: Stage) -> list[tuple[str, type[BaseException]]]:
    """What was reported; the stage does not hold it against the test any more."""
    found = [(where, type(error)) for where, error in stage.reports.errors]
    stage.reports.errors.clear()
    return found


def test_a_screen_that_fails_gives_way_to_a_sentence_and_is_reported(play: Play, trouble: Trouble) -> None:
    stage = play(scenes.at_home())
    stage.go_to("me")
    assert fallback(stage) is not None
    assert reported(stage) == [("me", Mishap)]
    trouble.on = False
    stage.driver.press(fallback(stage).ids.state.ids.retry)
    stage.driver.wait(0.4)
    assert (fallback(stage), stage.screen.name) == (None, "me")
    assert (
        stage.screen.name_shown == ""
    )  # not shown by the function that was replaced, and yet a whole screen


def test_what_fails_again_says_so_again(play: Play, trouble: Trouble) -> None:
    stage = play(scenes.at_home())
    stage.go_to("me")
    stage.driver.press(fallback(stage).ids.state.ids.retry)
    stage.driver.wait(0.4)
    assert trouble.on
    assert fallback(stage) is not None
    assert len(reported(stage)) == 2


@pytest.mark.usefixtures("trouble")
@pytest.mark.parametrize("way", ["button", "key", "bar"])
def test_one_can_leave_a_screen_that_fails(play: Play, way: str) -> None:
    stage = play(scenes.at_home())
    stage.go_to("me")
    reported(stage)
    if way == "button":
        stage.driver.press(fallback(stage).ids.back)
    elif way == "key":
        stage.driver.key(27)
    else:
        stage.go_to("tonight")
    stage.driver.wait(0.4)
    assert (fallback(stage), stage.screen.name) == (None, "home")


def test_a_screen_that_fails_later_gives_way_as_well(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home.HomeScreen, "_fill_in", lambda _screen, code: 1 / bool(not code))
    stage = play(scenes.at_home())
    assert fallback(stage) is None
    stage.dispatch(actions.Invited("K7MQ4P"))
    assert fallback(stage) is not None
    assert {where for where, _ in reported(stage)} == {"home"}


def test_a_screen_that_cannot_be_made_gives_way(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SCREENS, "me", ("me", "Nowhere"))
    stage = play(scenes.at_home())
    stage.go_to("me")
    assert fallback(stage) is not None
    assert reported(stage) == [("me", AttributeError)]


@pytest.mark.usefixtures("trouble")
def test_the_state_leads_away_from_a_screen_that_fails(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.go_to("me")
    reported(stage)
    stage.dispatch(actions.SignedOut())
    assert (fallback(stage), stage.screen.name) == (None, "welcome")


def test_whatever_else_fails_the_window_stays_open(play: Play) -> None:
    stage = play(scenes.at_home())
    assert ExceptionManager.handle_exception(Mishap()) == ExceptionManager.PASS
    assert fallback(stage) is not None
    assert reported(stage) == [("home", Mishap)]
    stage.driver.wait(0.2)
    stage.driver.press(fallback(stage).ids.state.ids.retry)
    stage.driver.wait(0.4)
    assert stage.screen.name == "home"


def test_a_wish_to_end_the_app_is_granted(play: Play) -> None:
    stage = play(scenes.at_home())
    assert ExceptionManager.handle_exception(KeyboardInterrupt()) == ExceptionManager.RAISE
    assert fallback(stage) is None


def test_what_waits_behind_something_that_fails_is_done_all_the_same(play: Play) -> None:
    stage = play(scenes.at_home())
    queue, done = UiQueue(), []
    queue.put(Trouble())
    queue.put(lambda: done.append("second"))
    stage.driver.wait(0.1)
    assert done == ["second"]
    assert reported(stage) == [("home", Mishap)]
