"""Pointers and fingers on a machine so slow that much happens between two frames (docs/product.md K3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from kivy.base import EventLoop
from kivy.core.window import Window
from kivy.core.window.window_sdl2 import SDL2MotionEventProvider

from client.widgets.touches import OrderlyFingers, tell_touches_one_by_one
from tests.client.ui import scenes
from tests.client.ui.stage import Stage

FIRST = scenes.CARDS[0].id
SLOW = 0.4  # seconds of a frame
Point = tuple[float, float]


class Hand:
    """Does to the deck what a window is told of a pointer or a finger; points are pixels from the deck's middle."""

    def __init__(self, stage: Stage) -> None:
        self._middle = stage.screen.ids.deck.to_window(*stage.screen.ids.deck.center)

    def press(self, point: Point) -> None:
        raise NotImplementedError

    def move(self, point: Point) -> None:
        raise NotImplementedError

    def let_go(self, point: Point) -> None:
        raise NotImplementedError

    def _at(self, point: Point) -> Point:
        return self._middle[0] + point[0], self._middle[1] + point[1]


class Mouse(Hand):
    """The pointer of a desktop, whose y runs down."""

    def press(self, point: Point) -> None:
        Window.dispatch("on_mouse_down", *self._down(point), "left", [])

    def move(self, point: Point) -> None:
        Window.dispatch("on_mouse_move", *self._down(point), [])

    def let_go(self, point: Point) -> None:
        Window.dispatch("on_mouse_up", *self._down(point), "left", [])

    def _down(self, point: Point) -> Point:
        x, y = self._at(point)
        return x, Window.height - 1 - y


class Finger(Hand):
    """A finger on a phone's glass: shares of the window, whose y runs down."""

    def press(self, point: Point) -> None:
        self._tell("fingerdown", point)

    def move(self, point: Point) -> None:
        self._tell("fingermotion", point)

    def let_go(self, point: Point) -> None:
        self._tell("fingerup", point)

    def _tell(self, what: str, point: Point) -> None:
        x, y = self._at(point)
        event = (what, 7, x / (Window.width - 1), 1 - y / (Window.height - 1), 1.0)
        SDL2MotionEventProvider.q.appendleft(event)


@pytest.fixture
def stage(play: Callable[..., Stage]) -> Stage:
    return play(scenes.swiping())


@pytest.fixture(params=[Mouse, Finger])
def hand(stage: Stage, request: pytest.FixtureRequest) -> Iterator[Hand]:
    fingers = SDL2MotionEventProvider(
        "sdl", ""
    )  # an app takes its window's; the next app of this process has none
    EventLoop.add_input_provider(fingers)
    tell_touches_one_by_one()
    yield request.param(stage)
    for provider in [one for one in EventLoop.input_providers if isinstance(one, OrderlyFingers)]:
        EventLoop.remove_input_provider(provider)


def test_a_drag_between_two_frames_is_a_swipe(stage: Stage, hand: Hand) -> None:
    hand.press((0, 0))
    for share in range(1, 11):
        hand.move((-19 * share, share))
    hand.let_go((-190, 10))
    stage.driver.step(SLOW)
    assert stage.calls == [("swipe", FIRST, "left")]


def test_a_drag_counts_from_where_it_began_not_from_where_a_frame_found_it(stage: Stage, hand: Hand) -> None:
    hand.press((0, 0))
    hand.move((100, 0))
    stage.driver.step(SLOW)
    assert stage.screen.ids.deck.top_face.shift_x == pytest.approx(100, abs=1)
    hand.move((150, 0))
    stage.driver.step(SLOW)
    stage.driver.wait(1)  # it rests, so the way alone decides
    hand.let_go((150, 0))
    stage.driver.step(SLOW)
    assert stage.calls == [("swipe", FIRST, "right")]


def test_a_drag_that_leaves_the_deck_between_two_frames_is_still_a_swipe(stage: Stage, hand: Hand) -> None:
    hand.press((0, 0))
    hand.move((0, 300))
    hand.let_go((0, 400))
    stage.driver.step(SLOW)
    assert stage.calls == [("swipe", FIRST, "up")]


def test_a_tap_between_two_frames_is_a_tap(stage: Stage, hand: Hand) -> None:
    hand.press((0, 0))
    hand.move((2, 1))
    hand.let_go((2, 1))
    stage.driver.step(SLOW)
    assert stage.calls == []
    assert stage.app.root.navigator.current in {"recipe", "restaurant"}


def test_a_card_that_was_led_away_and_back_between_two_frames_stays(stage: Stage, hand: Hand) -> None:
    hand.press((0, 0))
    hand.move((150, 0))
    hand.move((1, 0))
    hand.let_go((1, 0))
    stage.driver.step(SLOW)
    assert stage.calls == []
    assert stage.screen.name == "swipe"
