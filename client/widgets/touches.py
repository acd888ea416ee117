"""Pointers and fingers tell where they were, however seldom the app looks.

Kivy collects what has happened since the last frame in one event per touch, and only then tells widgets: everything
seems to have happened where the touch is by now, even its beginning. On a slow machine a whole flick fits between two
frames: the card would be let go where it was touched, and open instead of fly. Here each event is told before the next
one moves the touch.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from kivy.base import EventLoop
from kivy.core.window.window_sdl2 import SDL2MotionEventProvider
from kivy.input.factory import MotionEventFactory
from kivy.input.motionevent import MotionEvent
from kivy.input.providers.mouse import MouseMotionEventProvider

_Tell = Callable[[str, MotionEvent], None]


def tell_touches_one_by_one() -> None:
    """From now on; to be called once the window is there, before the app runs."""
    MotionEventFactory.register("mouse", OrderlyMouse)
    for provider in list(EventLoop.input_providers):
        if type(provider) is SDL2MotionEventProvider:
            EventLoop.remove_input_provider(provider)
            EventLoop.add_input_provider(OrderlyFingers(provider.device, ""))


class OrderlyMouse(MouseMotionEventProvider):
    """Kivy's mouse, to which one thing after the other happens when the app looks, rather than all before."""

    def __init__(self, device: str, arguments: str) -> None:
        self._happened: deque[Callable[[], None]] = deque()
        super().__init__(device, arguments)

    def on_mouse_press(self, *what: Any) -> None:
        self._happened.append(partial(super().on_mouse_press, *what))

    def on_mouse_motion(self, *what: Any) -> None:
        self._happened.append(partial(super().on_mouse_motion, *what))

    def on_mouse_release(self, *what: Any) -> None:
        self._happened.append(partial(super().on_mouse_release, *what))

    def update(self, dispatch_fn: _Tell) -> None:
        super().update(dispatch_fn)
        while self._happened:
            self._happened.popleft()()
            super().update(_tell_now)


class OrderlyFingers(SDL2MotionEventProvider):
    """The fingers on a phone's glass."""

    def update(self, dispatch_fn: _Tell) -> None:  # noqa: ARG002  (Kivy would keep it until all have moved)
        super().update(_tell_now)


def _tell_now(kind: str, touch: MotionEvent) -> None:
    """Tell widgets of an event, by way of what Kivy notices in it, as a double tap."""
    told = [(kind, touch)]
    for noticing in EventLoop.postproc_modules:
        told = noticing.process(told)
    for each in told:
        EventLoop.post_dispatch_input(*each)
