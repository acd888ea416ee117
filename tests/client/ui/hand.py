"""A hand at a real window: the pointer and the keyboard of an X display, moved by xdotool."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from PIL import Image

from client.theme.metrics import WINDOW_WIDTH
from client.theme.palette import Rgba
from tests.client.ui.display import Display

PATIENCE_SECONDS = 60.0
Point = tuple[float, float]
FIELD = (170, 30)
"""How far a field of text reaches from its middle, about."""
BARE: Point = (WINDOW_WIDTH / 2, 4)
"""Where no screen has anything to press."""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    """Look again and again until the condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"waited {PATIENCE_SECONDS:.0f} s in vain for {what}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Hand:
    """Works in a window on `display`, whose upper left corner is at `origin`. Points are pixels from there."""

    display: Display
    origin: tuple[int, int]
    window: str

    @classmethod
    def take_window(
        cls, display: Display, size: tuple[int, int], part: tuple[int, int, int, int] | None = None
    ) -> Hand:
        """The window of this size, once it shows something, with the keyboard's attention.

        `part` (left, upper, right, lower) is where on the display it alone is; all of it unless told otherwise.
        """
        left, upper = part[:2] if part else (0, 0)

        def box() -> tuple[int, int, int, int]:
            return display.picture().crop(part).getbbox() or (0, 0, 0, 0)

        def there() -> bool:
            first, top, last, foot = box()
            return (last - first, foot - top) == size

        wait_until(there, f"a window of {size[0]} by {size[1]} pixels")
        x, y = box()[:2]
        hand = cls(display, (left + x, upper + y), "")
        hand._do("mousemove", *hand._at(BARE))
        place = hand._do("getmouselocation", "--shell")
        hand = replace(hand, window=dict(line.split("=") for line in place.split())["WINDOW"])
        hand.focus()
        return hand

    def focus(self) -> None:
        """Give the window the keyboard: without a window manager nobody else does.

        SDL takes the first click after that for the one that brought the window to the front, and keeps it.
        """
        self._do("windowfocus", "--sync", self.window)
        self.click(BARE)

    def click(self, point: Point) -> None:
        """Press and let go."""
        self._do("mousemove", *self._at(point), "click", "1")

    def scroll_down(self, point: Point) -> None:
        """Turn the wheel until there is no more to see."""
        self._do("mousemove", *self._at(point), "click", "--repeat", "20", "--delay", "20", "5")

    def click_into(self, field: Point) -> None:
        """Click into a field of text, and wait until it shows that it listens: keys overtake a click otherwise."""
        (x, y), (across, up) = field, FIELD
        self._do("mousemove", *self._at(field))
        corners = (x - across, y - up), (x + across, y + up)
        before = self.look(*corners).tobytes()
        self._do("click", "1")
        wait_until(lambda: self.look(*corners).tobytes() != before, "the field to listen")

    def type(self, words: str) -> None:
        """Type as on a keyboard."""
        self._do("type", "--delay", "15", words)

    def press(self, key: str) -> None:
        """Press a key by its name in X, as in "Return"."""
        self._do("key", key)

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

    def wait_for_rest(self, height: float) -> None:
        """Wait until nothing moves around this height of the window."""
        seen = b""

        def at_rest() -> bool:
            nonlocal seen
            before, seen = seen, self.look((0, height - 200), (WINDOW_WIDTH, height + 200)).tobytes()
            return seen == before

        wait_until(at_rest, "the window at rest")

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
