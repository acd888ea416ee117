"""Without a pointer: Tab and Shift-Tab reach everything in order, Enter and Space press it, Escape goes back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from kivy.uix.textinput import TextInput

from client.widgets.focus import Reachable, reachable
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
TAB, ENTER, SPACE, ESCAPE = 9, 13, 32, 27


def here(stage: Stage) -> Any:
    """What has the ring, or the cursor."""
    found = [
        widget
        for widget in stage.app.root.walk()
        if (isinstance(widget, Reachable) and widget.ringed)
        or (isinstance(widget, TextInput) and widget.focus)
    ]
    assert len(found) <= 1
    return found[0] if found else None


def visited(stage: Stage, steps: int, *modifiers: str) -> list[Any]:
    seen = []
    for _ in range(steps):
        stage.driver.key(TAB, *modifiers)
        seen.append(here(stage))
    return seen


def test_tab_reaches_everything_in_reading_order_and_begins_anew(play: Play) -> None:
    stage = play(scenes.at_home())
    all_there_is = list(reachable(stage.app.root))
    ids = stage.screen.ids
    assert {ids.create, ids.code.ids.line} <= set(all_there_is)
    assert visited(stage, len(all_there_is)) == all_there_is
    assert visited(stage, 1) == all_there_is[:1]
    heights = [widget.to_window(0, widget.center_y)[1] for widget in all_there_is]
    assert heights[-1] == min(heights)  # the bar at the foot comes last


def test_shift_tab_goes_the_other_way(play: Play) -> None:
    stage = play(scenes.at_home())
    all_there_is = list(reachable(stage.app.root))
    assert visited(stage, 3, "shift") == all_there_is[:-4:-1]


@pytest.mark.parametrize("key", [ENTER, SPACE])
def test_what_has_the_ring_is_pressed(play: Play, key: int) -> None:
    stage = play(scenes.at_home())
    while here(stage) != stage.screen.ids.create:
        stage.driver.key(TAB)
    stage.driver.key(key)
    stage.driver.wait(0.3)
    assert stage.calls == [("create_session", "both")]


def test_without_a_ring_nothing_is_pressed(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.driver.key(ENTER)
    stage.driver.wait(0.3)
    assert stage.calls == []


def test_what_cannot_be_pressed_is_passed_over(play: Play) -> None:
    stage = play(scenes.at_home())
    assert stage.screen.ids.join.disabled
    assert stage.screen.ids.join not in list(reachable(stage.app.root))


def test_a_touch_takes_the_ring_away(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.driver.key(TAB)
    assert here(stage) is not None
    stage.driver.touch((5, 500))
    assert here(stage) is None


def test_typing_goes_on_to_buttons_and_back(play: Play) -> None:
    stage = play(scenes.signed_out())
    line = stage.screen.ids.password.ids.line
    line.focus = True
    stage.driver.step()
    (after,) = visited(stage, 1)
    assert isinstance(after, Reachable)
    assert not line.focus
    assert visited(stage, 1, "shift") == [line]


def test_a_line_leaves_tab_to_the_ring(play: Play) -> None:
    stage = play(scenes.signed_out())
    line = stage.screen.ids.email.ids.line
    assert line.keyboard_on_key_down(None, (TAB, "tab"), "", []) is False


def test_what_lies_below_the_edge_is_scrolled_into_sight(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.go_to("me")
    while here(stage) != stage.screen.ids.log_out:
        stage.driver.key(TAB)
    stage.driver.wait(0.2)
    _, foot = here(stage).to_window(0, here(stage).y)
    assert foot > stage.app.root.ids.bar.top


def test_a_question_keeps_the_ring_to_itself(play: Play) -> None:
    stage = play(scenes.lobby())
    stage.driver.key(ESCAPE)
    stage.driver.wait(0.4)
    question = stage.app.root.ids.question
    inside = list(reachable(question))
    assert len(inside) == 2
    assert visited(stage, 3) == [*inside, inside[0]]
    stage.driver.key(ESCAPE)
    assert not question.open


def test_the_bar_is_used_with_the_keyboard(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.driver.key(TAB, "shift")
    assert here(stage).place == "me"
    stage.driver.key(SPACE)
    stage.driver.wait(0.6)
    assert stage.screen.name == "me"
