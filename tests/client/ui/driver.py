"""Drives the real app in a real window, frame by frame, on a clock that only moves when a test says so.

A step is what Kivy's own main loop does, in the same order: clock, input, layout. It takes no real time, so a test
can let five minutes of a round pass in a moment, and nothing depends on how fast the machine is.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Self

from kivy.app import App
from kivy.base import EventLoop, runTouchApp
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.graphics.opengl import GL_RGBA, GL_UNSIGNED_BYTE, glReadPixels
from kivy.input.motionevent import MotionEvent
from kivy.lang import Builder
from kivy.uix.widget import Widget
from PIL import Image

FRAME = 1 / 60


class VirtualClock:
    """Stands in for the time source of Kivy's clock, once for the whole process.

    It starts at the real time and only ever goes on from there: Kivy keeps events of earlier apps, and one that seems
    to lie in the future would never run.
    """

    def __init__(self) -> None:
        self.seconds = Clock.time()
        Clock.time = lambda: self.seconds
        Clock._max_fps = 0  # nothing may sleep


@cache
def virtual_clock() -> VirtualClock:
    """The clock of this process."""
    return VirtualClock()


class Finger(MotionEvent):
    """One touch with positions in window pixels."""

    def __init__(self, touch_id: int, x: float, y: float) -> None:
        super().__init__("test", touch_id, _share(x, y), is_touch=True, type_id="touch")

    def depack(self, args: Any) -> None:
        self.sx, self.sy = args
        self.profile = ["pos"]
        super().depack(args)


def _share(x: float, y: float) -> tuple[float, float]:
    width, height = Window.system_size
    return x / max(width - 1, 1), y / max(height - 1, 1)


class Driver:
    """One running app. Use it as a context manager."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.clock = virtual_clock()
        self._touches = 0

    def __enter__(self) -> Self:
        self.app._run_prepare()
        runTouchApp(embedded=True)
        self.wait(0.5)
        return self

    def __exit__(self, *_: object) -> None:
        self.app.stop()
        for child in list(Window.children):
            Window.remove_widget(child)
        EventLoop.close()
        App._running_app = None

    def step(self, seconds: float = FRAME, *, draw: bool = False) -> None:
        """One frame, `seconds` after the last."""
        self.clock.seconds += seconds
        Clock.tick()
        EventLoop.dispatch_input()
        Builder.sync()
        Clock.tick_draw()
        Builder.sync()
        if draw:
            Window.dispatch("on_draw")

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(max(1, round(seconds / FRAME))):
            self.step()

    def touch(self, *points: tuple[float, float], frames: int = 10, release: bool = True) -> Finger:
        """Go down at the first point and in straight lines through the others, `frames` frames each."""
        self._touches += 1
        x, y = points[0]
        finger = Finger(self._touches, x, y)
        self._send("begin", finger)
        for next_x, next_y in points[1:]:
            for frame in range(1, frames + 1):
                share = frame / frames
                finger.move(_share(x + (next_x - x) * share, y + (next_y - y) * share))
                self._send("update", finger)
            x, y = next_x, next_y
        if release:
            self.lift(finger)
        return finger

    def lift(self, finger: Finger) -> None:
        """The finger leaves the glass."""
        finger.update_time_end()
        self._send("end", finger)
        self.step()

    def press(self, widget: Widget) -> None:
        """Tap the middle of a widget."""
        self.touch(widget.to_window(*widget.center))
        self.wait(0.1)

    def key(self, code: int, *modifiers: str) -> None:
        """Press a key by its Kivy code."""
        Window.dispatch("on_keyboard", code, 0, None, list(modifiers))
        self.step()

    def type_into(self, line: Widget, words: str) -> None:
        """Put the cursor into a text field and type."""
        line.focus = True
        self.step()
        line.insert_text(words)
        self.step()

    def pixels(self) -> Image.Image:
        """What the window shows now."""
        self.step(draw=True)
        self.step(draw=True)
        width, height = Window.system_size
        pixels = glReadPixels(0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE)
        picture = Image.frombytes("RGBA", (width, height), pixels).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        return picture.convert("RGB")

    def _send(self, etype: str, finger: Finger) -> None:
        EventLoop.post_dispatch_input(etype, finger)
        self.step()
