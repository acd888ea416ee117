"""A hand at a real window: the pointer and the keyboard of an X display, moved by xdotool."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from PIL import Image

from tests.client.ui.display import Display

PATIENCE_SECONDS = 60.0
Point = tuple[float, float]
MISSING = "xdotool is not installed: run `make test`, which sees to it, or apt-get install xdotool."


def wait_until(condition: Callable[[], bool], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Look again and again until the condition holds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain for {what}"
        time.sleep(0.05)


@dataclass(frozen=True)
class Hand:
    """Works in a window on `display`, whose upper left corner is at `origin`. Points are pixels from there."""

    display: Display
    origin: tuple[int, int] = (0, 0)

    def point_at(self, *points: Point) -> None:
        """Move the pointer there, by way of the points before, a frame or so for each."""
        words: list[str] = []
        for point in points:
            x, y = (round(start + way) for start, way in zip(self.origin, point, strict=True))
            words += ["mousemove", str(x), str(y), "sleep", "0.01"]
        self._do(*words)

    def button(self, what: Literal["mousedown", "mouseup"]) -> None:
        """Press the first button or let it go, where the pointer is."""
        self._do(what, "1")

    def scroll_down(self) -> None:
        """Turn the wheel by a notch."""
        self._do("click", "5")

    def take_keyboard(self) -> None:
        """Give it to the window that the pointer is on: without a window manager nobody else does."""
        place = self._do("getmouselocation", "--shell")
        window = dict(line.split("=") for line in place.split())["WINDOW"]
        self._do("windowfocus", "--sync", window)

    def type(self, words: str) -> None:
        """Type as on a keyboard."""
        self._do("type", "--delay", "15", words)

    def press(self, key: str) -> None:
        """Press a key by its name in X, as in "Return"."""
        self._do("key", key)

    def look(self, upper_left: Point, lower_right: Point) -> Image.Image:
        """A part of the window as the display shows it."""
        x, y = self.origin
        (left, upper), (right, lower) = upper_left, lower_right
        return self.display.picture().crop(
            (round(x + left), round(y + upper), round(x + right), round(y + lower))
        )

    def _do(self, *words: str) -> str:
        assert shutil.which("xdotool"), MISSING
        environment = {**os.environ, "DISPLAY": self.display.name}
        ended = subprocess.run(
            ["xdotool", *words], env=environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, f"xdotool {' '.join(words)}: {ended.stderr}"
        return ended.stdout


def wait_for_window(display: Display, size: tuple[int, int]) -> Hand:
    """A hand in the only window on the display, once it has this size and shows something."""

    def box() -> tuple[int, int, int, int]:
        return display.picture().getbbox() or (0, 0, 0, 0)

    def there() -> bool:
        left, upper, right, lower = box()
        return (right - left, lower - upper) == size

    wait_until(there, f"a window of {size[0]} by {size[1]} pixels")
    return Hand(display, box()[:2])
