"""What holds for each of the kitchen's screens: large enough to press, inside the window, with text of any size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from kivy.core.window import Window
from kivy.uix.widget import Widget

from client.net.kitchen_values import CatalogueQuery
from client.store.state import AppState
from client.theme.active import theme
from client.widgets.focus import reachable
from client.widgets.text import Wrapped
from tests.client.ui import kitchen_scenes as kitchen
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
FAMILY = scenes.FAMILY.id

# Screen, what it is about, state.
MOMENTS: dict[str, tuple[str, str, AppState]] = {
    "browse": ("browse", "", kitchen.results()),
    "restaurants": ("browse", "", kitchen.results(kitchen.PLACES, query=CatalogueQuery("restaurant"))),
    "nothing found": ("browse", "", kitchen.results((), query=CatalogueQuery(words="stones"))),
    "browse offline": ("browse", "", kitchen.results(status="failed", error="No server far and wide.")),
    "recipe": ("recipe", kitchen.RECIPE.id, kitchen.with_recipe()),
    "restaurant": ("restaurant", kitchen.RESTAURANT.id, kitchen.with_restaurant()),
    "favourites": ("favourites", "", kitchen.favourites("recipe", *kitchen.RECIPES)),
    "no favourites": ("favourites", "", kitchen.favourites("recipe")),
    "shopping": ("shopping", "", kitchen.shopping(*kitchen.ITEMS, shared_with=FAMILY)),
    "nothing to buy": ("shopping", "", kitchen.shopping()),
}


def opened(play: Play, moment: str, text_percent: int) -> Stage:
    screen, about, state = MOMENTS[moment]
    chosen = replace(state.settings.chosen, text_percent=text_percent)
    stage = play(replace(state, settings=replace(state.settings, chosen=chosen)))
    stage.app.root.navigator.open_on_top(screen, about)
    stage.driver.wait(0.6)
    return stage


@pytest.mark.parametrize("text_percent", [100, 200])
@pytest.mark.parametrize("moment", MOMENTS)
def test_everything_can_be_pressed_and_nothing_leaves_the_window(
    play: Play, moment: str, text_percent: int
) -> None:
    stage = opened(play, moment, text_percent)
    targets = list(reachable(stage.screen))
    assert targets
    too_small = [type(one).__name__ for one in targets if min(one.size) < theme.touch - 0.5]
    assert too_small == []
    words = [one for one in stage.screen.walk() if isinstance(one, Wrapped) and one.text]
    outside = [getattr(one, "text", "") for one in (*targets, *words) if not within(one)]
    assert outside == []


def within(widget: Widget) -> bool:
    """Whether all of its width is in the window; what lies below its foot can be scrolled to."""
    left, _ = widget.to_window(*widget.pos)
    return bool(left >= -1 and left + widget.width <= Window.width + 1)
