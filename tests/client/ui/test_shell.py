"""The frame: every screen in both themes, notices, questions, keys, and what the map says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
from kivy.core.window import Window
from kivy.uix.textinput import TextInput

from client.screens.heads import title_of
from client.screens.routing import Route, route_for
from client.screens.table import SCREENS
from client.store import actions
from client.store.state import AppState, Auth
from client.theme.active import theme
from client.widgets.buttons import Chip, ChoiceTile, IconButton, Pressable, RowButton, Segment
from client.widgets.motions import WishRow
from client.widgets.reactions import ReactionKey
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

Play = Callable[..., Stage]
STATES: dict[str, AppState] = {
    "restoring": AppState(),
    "welcome": scenes.signed_out(),
    "home": scenes.at_home(),
    "claim": scenes.keeping_account(),
    "lobby": scenes.lobby_voted(),
    "swipe": scenes.swiping(),
    "match": scenes.matched(),
    "closest": scenes.closest(),
    "ended": scenes.expired(),
}
# Those that the user opens.
OPENED = tuple(sorted(set(SCREENS) - set(STATES)))
# More of what the same screens show.
MOMENTS: dict[str, AppState] = {
    **STATES,
    "providers": scenes.welcome_with_providers(),
    "in the browser": scenes.in_the_browser(),
    "guest": scenes.as_guest(),
    "unconfirmed": scenes.unconfirmed(),
    "with a group": scenes.with_group(),
    "called to dinner": scenes.called_to_dinner(),
    "asked into a group": scenes.asked_into_group(),
    "asking": scenes.asking(),
    "paused": scenes.paused(),
    "watching": scenes.watching(),
    "tied": scenes.tied(),
    "tossed": scenes.tossed(),
}


def test_every_screen_that_the_state_calls_for_is_there() -> None:
    assert set(STATES) == set(get_args(Route))
    assert set(STATES) <= set(SCREENS)


@pytest.mark.parametrize("route", STATES)
def test_the_map(route: str) -> None:
    assert route_for(STATES[route]) == route


def test_who_is_signed_out_sees_no_session() -> None:
    assert route_for(replace(scenes.swiping(), auth=Auth(status="signing_in"))) == "welcome"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("route", [*STATES, *OPENED])
def test_every_screen_is_drawn(play: Play, route: str, dark: bool) -> None:
    stage = play(STATES.get(route, scenes.at_home()), dark=dark)
    if route in OPENED:
        stage.app.root.navigator.open_on_top(route)
        stage.driver.wait(0.4)
    assert stage.screen.name == route
    picture = stage.driver.pixels()
    paper = tuple(round(channel * 255) for channel in theme.paper[:3])
    assert len(picture.getcolors(1 << 20)) > 40  # text and pictures, not an empty sheet
    assert picture.getpixel((2, picture.height // 2)) == paper


@pytest.mark.parametrize("route", [*MOMENTS, *OPENED])
def test_everything_that_is_pressed_is_large_enough(play: Play, route: str) -> None:
    stage = play(MOMENTS.get(route, scenes.at_home()))
    if route in OPENED:
        stage.app.root.navigator.open_on_top(route)
        stage.driver.wait(0.4)
    kinds = (Pressable, RowButton, Chip, ChoiceTile, IconButton, Segment, ReactionKey, WishRow)
    targets = [widget for widget in stage.app.root.walk() if isinstance(widget, kinds)]
    too_small = [
        (type(widget).__name__, widget.size)
        for widget in targets
        if min(widget.width, widget.height) < theme.touch - 0.5 and widget.get_root_window() is not None
    ]
    assert too_small == []


@pytest.mark.parametrize("route", MOMENTS)
def test_nothing_sticks_out_at_the_sides(play: Play, route: str) -> None:
    stage = play(MOMENTS[route])
    outside = [
        type(widget).__name__
        for widget in stage.screen.walk()
        if widget.opacity and type(widget).__name__ not in {"Confetti", "CodeLine"}
        and (widget.to_window(widget.x, 0)[0] < -1 or widget.to_window(widget.right, 0)[0] > Window.width + 1)
    ]  # fmt: skip
    assert outside == []


def test_only_the_screen_that_is_needed_is_built(play: Play) -> None:
    stage = play(scenes.signed_out())
    assert stage.app.root.navigator.screen_names == ["welcome"]


def test_the_app_asks_for_the_last_user_when_it_starts(play: Play) -> None:
    stage = play(AppState())
    assert stage.commands.calls == [("restore",)]


def test_a_switch_of_theme_repaints_what_is_shown(play: Play) -> None:
    stage = play(scenes.lobby())
    light = [_colours(widget) for widget in stage.app.root.walk()]
    theme.dark = True
    stage.driver.wait(0.1)
    theme.dark = False
    stage.driver.wait(0.1)
    assert [_colours(widget) for widget in stage.app.root.walk()] == light


def _colours(widget: Any) -> list[Any]:
    return [list(getattr(widget, name, None) or ()) for name in ("color", "fill", "ink", "outline")]


def test_a_notice_goes_by_itself(play: Play) -> None:
    stage = play(scenes.at_home())
    notice = stage.app.root.ids.notice
    stage.dispatch(actions.NoticeShown("error", "That code does not exist."))
    assert (notice.text, notice.rise) == ("That code does not exist.", 1)
    stage.driver.wait(7)
    assert stage.calls == [("dismiss_notice",)]
    stage.dispatch(actions.NoticeDismissed())
    assert notice.rise == 0


def test_a_notice_goes_when_tapped(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.dispatch(actions.NoticeShown("info", "Saved."))
    stage.driver.press(stage.app.root.ids.notice.ids.strip)
    assert stage.calls == [("dismiss_notice",)]


def test_a_touch_beside_a_question_means_no(play: Play) -> None:
    stage = play(scenes.swiping())
    stage.driver.key(27)
    stage.driver.wait(0.3)
    stage.driver.touch((200, 800))
    assert not stage.app.root.ids.question.open
    assert stage.calls == []


def test_keys_do_not_swipe_behind_a_question(play: Play) -> None:
    stage = play(scenes.swiping())
    stage.driver.key(27)
    stage.driver.key(275)
    assert stage.calls == []


def test_a_question_closes_when_its_screen_goes(play: Play) -> None:
    stage = play(scenes.lobby())
    stage.driver.key(27)
    stage.dispatch(actions.SessionLeft())
    assert not stage.app.root.ids.question.open
    assert stage.screen.name == "home"


def test_preferences_close_when_a_session_begins(play: Play) -> None:
    stage = play(scenes.at_home())
    stage.app.root.navigator.open_on_top("preferences")
    stage.driver.wait(0.4)
    stage.dispatch(actions.SignedOut())
    assert stage.screen.name == "welcome"


def test_escape_on_the_first_screen_does_not_close_a_desktop_window(play: Play) -> None:
    play(scenes.at_home())
    assert Window.dispatch("on_keyboard", 27, 0, None, []) is True


def test_screens_that_were_left_no_longer_listen(play: Play) -> None:
    stage = play(scenes.lobby())
    lobby = stage.screen
    stage.dispatch(actions.SessionLeft())
    assert lobby._stops == []


def test_fields_can_be_reached_with_tab(play: Play) -> None:
    stage = play(scenes.signed_out())
    lines = [widget for widget in stage.screen.walk() if isinstance(widget, TextInput)]
    lines[0].focus = True
    stage.driver.step()
    assert lines[0].get_focus_next() is lines[1]


@pytest.mark.parametrize(
    ("screen", "text_percent"), [*((name, 100) for name in STATES), *((name, 200) for name in STATES)]
)
def test_a_notice_covers_no_title(play: Play, screen: str, text_percent: int) -> None:
    state = STATES[screen]
    chosen = replace(state.settings.chosen, text_percent=text_percent)
    stage = play(replace(state, settings=replace(state.settings, chosen=chosen)))
    stage.dispatch(actions.NoticeShown("error", "That was not saved. Please try again."))
    title, strip = title_of(stage.screen), stage.app.root.ids.notice.ids.strip
    foot, top = (title.to_window(0, y)[1] for y in (title.y, title.top))
    assert strip.top <= foot or strip.y >= top
    assert 0 < strip.y < strip.top < stage.app.root.height
