"""Clear of the edges that a phone covers."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from kivy.core.window import Window

from client.theme.active import theme
from client.theme.insets import apply_insets
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]


@pytest.fixture(autouse=True)
def _no_insets() -> Iterator[None]:
    yield
    apply_insets("linux")


def test_what_is_shown_keeps_clear_of_the_covered_edges(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    covered = {"top": 47, "bottom": 34, "left": 0, "right": 0}
    monkeypatch.setitem(sys.modules, "ios", SimpleNamespace(get_safe_area=lambda: covered))
    stage = play(scenes.lobby())
    apply_insets("ios")
    stage.driver.wait(0.2)
    assert stage.screen.to_window(0, stage.screen.top)[1] == Window.height - 47
    assert stage.screen.to_window(0, stage.screen.y)[1] == 34


@pytest.mark.parametrize("platform", ["linux", "ios", "android"])
def test_where_the_system_says_nothing_the_window_is_whole(platform: str) -> None:
    apply_insets(platform)
    assert (theme.inset_top, theme.inset_bottom, theme.inset_left, theme.inset_right) == (0, 0, 0, 0)
