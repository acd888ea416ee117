"""A hand at a real window: the pointer and the keyboard of an X display, moved by xdotool."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from client.theme.palette import Rgba
from tests.client.ui.display import Display

PATIENCE_SECONDS = 30.0
Point = tuple[float, float]


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Look again and again until the condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS:.0f} s in vain for {what}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Hand:
    """Works in the one window on `display`, whose upper left corner is at `origin`. Points are pixels from there."""

    display: Display
    origin: tuple[int, int]

    @classmethod
    def take_window(cls, display: Display, size: tuple[int, int]) -> Hand:
        """The window of this size, once it shows something, with the keyboard's attention."""

        def box() -> tuple[int, int, int, int]:
            return display.picture().getbbox() or (0, 0, 0, 0)

        def there() -> bool:
            left, upper, right, lower = box()
            return (right - left, lower - upper) == size

        wait_until(there, f"a window of {size[0]} by {size[1]} pixels")
        hand = cls(display, box()[:2])
        hand._do("mousemove", *hand._at((size[0] / 2, 4)))
        # Without a window manager nobody else hands the keyboard over.
        place = hand._do("getmouselocation", "--shell")
        window = dict(line.split("=") for line in place.split())["WINDOW"]
        hand._do("windowfocus", "--sync", window)
        return hand

    def click(self, point: Point) -> None:
        """Press and let go."""
        self._do("mousemove", *self._at(point), "click", "1")

    def scroll_down(self, point: Point) -> None:
        """Turn the wheel until there is no more to see."""
        self._do("mousemove", *self._at(point), "click", "--repeat", "20", "--delay", "20", "5")

    def type(self, words: str) -> None:
        """Type as on a keyboard."""
        self._do("type", "--delay", "15", words)

    def drag(self, start: Point, end: Point, steps: int = 24) -> None:
        """Press, draw in small steps, let go on the move."""
        self._do("mousemove", *self._at(start), "mousedown", "1")
        for step in range(1, steps + 1):
            share = step / steps
            point = (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
            self._do("mousemove", *self._at(point))
        self._do("mouseup", "1")

    def pixel(self, point: Point) -> tuple[int, ...]:
        """The colour that the display shows at a point."""
        pixel = self.display.picture().getpixel(
            (round(self.origin[0] + point[0]), round(self.origin[1] + point[1]))
        )
        assert isinstance(pixel, tuple)
        return pixel

    def look(self, upper_left: Point, lower_right: Point) -> Image.Image:
        """A part of the window as the display shows it."""
        x, y = self.origin
        (left, upper), (right, lower) = upper_left, lower_right
        return self.display.picture().crop(
            (round(x + left), round(y + upper), round(x + right), round(y + lower))
        )

    def wait_for_colour(self, point: Point, colour: Rgba, what: str) -> None:
        """Wait until the pixel at the point has this colour, give or take what rounding does."""
        wanted = [round(channel * 255) for channel in colour[:3]]
        wait_until(
            lambda: all(abs(one - other) <= 3 for one, other in zip(self.pixel(point), wanted, strict=True)),
            what,
        )

    def _at(self, point: Point) -> tuple[str, str]:
        return str(round(self.origin[0] + point[0])), str(round(self.origin[1] + point[1]))

    def _do(self, *words: str) -> str:
        environment = {**os.environ, "DISPLAY": self.display.name}
        ended = subprocess.run(
            ["xdotool", *words], env=environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, f"xdotool {' '.join(words)}: {ended.stderr}"
        return ended.stdout
