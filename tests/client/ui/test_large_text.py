"""Text twice as large: nothing is cut off, and nothing sticks out of what it stands in (docs/product.md K8)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from kivy.core.window import Window
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from client.store.state import AppState
from client.theme.active import theme
from client.widgets.panel import Panel
from client.widgets.talk import TalkButton
from tests.client.ui import scenes
from tests.client.ui.stage import Stage
from tests.client.ui.test_shell import MOMENTS, OPENED

Play = Callable[..., Stage]


def enlarged(state: AppState, percent: int = 200) -> AppState:
    chosen = replace(state.settings.chosen, text_percent=percent)
    return replace(state, settings=replace(state.settings, chosen=chosen))


@pytest.fixture(autouse=True)
def _usual_size() -> Iterator[None]:
    yield
    theme.text_scale = 1


def seen(widget: Widget) -> bool:
    while isinstance(widget, Widget) and widget is not widget.parent:
        if not widget.opacity:
            return False
        widget = widget.parent
    return True


def cut_off(label: Label) -> str:
    """What is wrong with how a label stands in its surroundings; empty when all is well."""
    width, height = label.texture_size
    x, y = label.to_window(label.center_x - width / 2, label.center_y - height / 2)
    if x < -1 or x + width > Window.width + 1:
        return "out of the window"
    around = label.parent
    while isinstance(around, Widget) and around is not around.parent:
        # The number on the chat's button stands out of it on purpose.
        if isinstance(around, ButtonBehavior | Panel) and not isinstance(around, TalkButton):
            left, foot = around.to_window(around.x, around.y)
            if x < left - 1 or x + width > left + around.width + 1:
                return f"wider than {type(around).__name__}"
            if y < foot - 1 or y + height > foot + around.height + 1:
                return f"higher than {type(around).__name__}"
        around = around.parent
    return ""


@pytest.mark.parametrize("route", [*MOMENTS, *OPENED])
def test_nothing_is_cut_off(play: Play, route: str) -> None:
    stage = play(enlarged(MOMENTS.get(route, scenes.at_home())))
    if route in OPENED:
        stage.app.root.navigator.open_on_top(route)
    stage.driver.wait(0.6)
    labels = [widget for widget in stage.app.root.walk() if isinstance(widget, Label) and widget.text]
    found = [(label.text, cut_off(label)) for label in labels if seen(label)]
    assert [fault for fault in found if fault[1]] == []


def test_larger_text_shows_at_once_and_can_be_taken_back(play: Play) -> None:
    stage = play(enlarged(scenes.at_home(), 100))
    before = theme.size_body
    stage.app.root.navigator.open_on_top("settings")
    stage.driver.wait(0.4)
    label = stage.screen.ids.percent
    small = label.texture_size[1]
    for _ in range(4):
        stage.press_below(stage.screen.ids.larger)
    assert theme.size_body == 2 * before
    assert theme.large_text
    # A title is large already: it grows less.
    assert label.texture_size[1] > 1.5 * small
    assert label.text == "200 %"
    assert stage.screen.ids.larger.disabled
    stage.press_below(stage.screen.ids.smaller)
    assert theme.size_body == 1.75 * before
