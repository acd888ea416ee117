"""Whatever can be pressed on any screen is reached with Tab and pressed with Enter or Space (docs/product.md K8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.widget import Widget

from client.screens.table import SCREENS
from client.widgets.focus import Reachable, may_be_reached, reachable
from client.widgets.sheet import Sheet
from tests.client.ui import kitchen_scenes, scenes
from tests.client.ui.contact_sheets import SIGHTS, Sight
from tests.client.ui.stage import Stage
from tests.client.ui.test_large_text import seen
from tests.client.ui.test_shell import MOMENTS

Play = Callable[..., Stage]
TAB, ENTER = 9, 13
PLACES: dict[str, Sight] = {**{moment: Sight(state) for moment, state in MOMENTS.items()}, **SIGHTS}
# What listens to touches without being a button, and how the keyboard does the same.
BY_OTHER_KEYS = {
    "Shell": "only takes the ring away",
    "Sheet": "Escape closes it",
    "SwipeDeck": "the arrows swipe",
    "CodeField": "its line is reached",
    "NoticeBar": "goes by itself",
    "Interlude": "lets touches through",
    "RoundSplash": "lets touches through",
    "StartCountdown": "lets touches through",
}


def go_to(stage: Stage, name: str) -> None:
    """Open the screen where the user finds it, if it is not there already."""
    if name in SCREENS and stage.screen.name != name:
        stage.app.root.navigator.go_to(SIGHTS[name].place)
        if stage.screen.name != name:
            stage.app.root.navigator.open_on_top(name, SIGHTS[name].argument)
    stage.driver.wait(0.6)


def out_of_reach(scope: Widget) -> list[str]:
    """What can be pressed below `scope` with the pointer only."""
    within = set(reachable(scope))
    return [
        f"{type(widget).__name__} {getattr(widget, 'text', '')!r}"
        for widget in scope.walk(restrict=True)
        if isinstance(widget, ButtonBehavior) and may_be_reached(widget) and seen(widget)
        if not (isinstance(widget, Reachable) and widget in within)
    ]


@pytest.mark.parametrize("name", PLACES)
def test_everything_that_can_be_pressed_is_reached(play: Play, name: str) -> None:
    stage = play(PLACES[name].state)
    go_to(stage, name)
    assert out_of_reach(stage.app.root) == []
    for sheet in [widget for widget in stage.app.root.walk() if isinstance(widget, Sheet)]:
        sheet.show()
        stage.driver.wait(0.4)
        assert out_of_reach(sheet) == []
        sheet.close()
        stage.driver.wait(0.4)


def test_nothing_else_listens_to_touches() -> None:
    def kinds(kind: type[Widget]) -> Iterator[type[Widget]]:
        for narrower in kind.__subclasses__():
            yield narrower
            yield from kinds(narrower)

    listening = {
        kind.__name__
        for kind in kinds(Widget)
        if kind.__module__.startswith("client.") and {"on_touch_down", "on_touch_up"} & set(vars(kind))
    }
    assert listening <= set(BY_OTHER_KEYS)


def ringed(stage: Stage) -> Any:
    """What the ring is around; None while somebody types."""
    all_there_is = stage.app.root.walk()
    return next((one for one in all_there_is if isinstance(one, Reachable) and one.ringed), None)


def tab_to(stage: Stage, kind: str) -> Any:
    """Press Tab until the ring is around something of this class."""
    for _ in range(60):
        stage.driver.key(TAB)
        stage.driver.wait(0.05)
        if type(ringed(stage)).__name__ == kind:
            return ringed(stage)
    raise AssertionError(f"no {kind} is reached")


def test_a_wish_is_chosen_with_the_keyboard(play: Play) -> None:
    stage = play(scenes.swiping())
    stage.screen.open_menu()
    stage.driver.wait(0.4)
    tab_to(stage, "WishRow")
    stage.driver.key(ENTER)
    stage.driver.wait(0.4)
    assert stage.calls == [("vote", "pause", True)]


def test_a_reaction_is_sent_with_the_keyboard(play: Play) -> None:
    stage = play(scenes.talking())
    stage.app.root.ids.talk.show()
    stage.driver.wait(0.4)
    emoji = tab_to(stage, "ReactionKey").emoji
    stage.driver.key(ENTER)
    stage.driver.wait(0.4)
    assert ("react", emoji) in stage.calls


def test_the_ring_goes_through_a_list_that_is_longer_than_the_window(play: Play) -> None:
    stage = play(kitchen_scenes.many_results(40))
    stage.go_to("discover")
    keys = [tab_to(stage, "ListRow").key for _ in range(40)]
    assert keys == [f"{number:024x}" for number in range(40)]
    row = ringed(stage)
    assert row.to_window(0, row.y)[1] >= stage.app.root.ids.bar.top
    for _ in range(20):  # each row has a button, too
        stage.driver.key(TAB, "shift")
        stage.driver.wait(0.05)
    assert ringed(stage).key == f"{29:024x}"
