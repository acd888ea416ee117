"""Somebody's seat: the app in a process of its own, a hand in its window, and a witness who tells what it has felt.

Nothing is done to what still moves, and nothing follows before the app has felt what was done: on a machine so busy
that a frame takes a second, too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from client.theme.metrics import WINDOW_WIDTH
from tests.client.ui.display import Display
from tests.client.ui.hand import Hand, Point, wait_until

ROOT = Path(__file__).parents[3]
START_SECONDS, STOP_SECONDS = 180.0, 60.0
DRAG_STEPS = 12
BUTTON: tuple[Literal["mousedown", "mouseup"], ...] = ("mousedown", "mouseup")
ARRIVED = 1.5
"""Pixels; a pointer has whole ones."""
BARE: Point = (WINDOW_WIDTH / 2, 4)
"""Where no screen has anything to press."""


@dataclass(frozen=True)
class Seat:
    """One window, and who sits at it. Things are named by the path of their ids, as in "email.line"."""

    name: str
    app: subprocess.Popen[bytes]
    hand: Hand
    told: Path

    @property
    def now(self) -> dict[str, Any]:
        """What the app shows now; `witness.py` says what there is."""
        told: dict[str, Any] = json.loads(self.told.read_text("utf-8"))
        return told

    def wait_for(self, condition: Callable[[dict[str, Any]], bool], what: str) -> dict[str, Any]:
        """Wait until it holds for what the app shows; that."""
        seen: dict[str, Any] = {}

        def holds() -> bool:
            assert self.app.poll() is None, f"the app of {self.name} has ended, waiting for {what}"
            seen.update(self.now)
            return condition(seen)

        wait_until(holds, f"{what}, at the window of {self.name}")
        return seen

    def wait_for_screen(self, name: str) -> None:
        """Wait until it is shown and at rest."""
        self.wait_for(lambda now: now["screen"] == name and now["at_rest"], f"the screen {name}")

    def click(self, thing: str) -> None:
        """Press it, again should it have moved away from under the pointer at the last moment."""
        while not self._click_once(thing):
            pass

    def take_keyboard(self) -> None:
        """Have the window listen to the keyboard, and to the pointer.

        SDL takes the first click after that for the one that brought the window to the front, and keeps it.
        """
        self.hand.point_at(BARE)
        self.hand.take_keyboard()
        before = self.wait_for(lambda now: now["focused"], "the keyboard's attention")["pressed"]

        def felt() -> bool:
            for what in BUTTON:
                self.hand.button(what)
            return bool(self.now["pressed"] > before)

        wait_until(felt, f"the window of {self.name} to feel a click")
        self.wait_for(lambda now: now["pressed"] == now["released"], "no button down")

    def type_into(self, line: str, words: str, area: str | None = None) -> None:
        """Click on a line to type in, or on the area that is seen in its place, and type; large and small are one."""
        self.click(area or line)
        self.wait_for(lambda now: now["things"][line]["focus"], f"{line} listening")
        self.hand.type(words)
        self.wait_for(lambda now: now["things"][line]["text"].lower() == words.lower(), f"{words} in {line}")

    def log_in(self, email: str, password: str) -> None:
        """From the first screen to home."""
        self.wait_for_screen("welcome")
        self.take_keyboard()
        self.type_into("email.line", email)
        self.type_into("password.line", password)
        now: dict[str, Any] = {"screen": "welcome"}
        while now["screen"] == "welcome":
            self.click("submit")
            # A server that is slow to answer counts as away; whoever waits for it asks again.
            now = self.wait_for(
                lambda now: now["screen"] != "welcome" or bool(now["things"]["error"]["text"]), "an answer"
            )
        self.wait_for_screen("home")

    def scroll_to(self, thing: str, over: str) -> None:
        """Turn the wheel over something, until the thing can be reached."""
        self.hand.point_at(self.now["things"][over]["place"])

        def reached() -> bool:
            there = bool(self.now["things"][thing]["within_reach"])
            if not there:
                self.hand.scroll_down()
            return there

        wait_until(reached, f"{thing} at the window of {self.name}")

    def swipe(self, card: str, across: float) -> None:
        """Take hold of the card on top, which is this one, lead it across, and let go; it has left the deck then."""
        start = self._take_hold(card)
        way = [(start[0] + across * step / DRAG_STEPS, start[1] + step) for step in range(1, DRAG_STEPS + 1)]
        self.hand.point_at(*way)
        self._wait_for_pointer(way[-1])
        self._let_go()
        self.wait_for(lambda now: now["card"] != card, f"card {card} to have left")

    def _take_hold(self, card: str) -> Point:
        """Press on the deck until the app has felt that it is this card's: whatever lay over it has gone by then."""
        point: list[Point] = []

        def held() -> bool:
            self.wait_for(lambda now: now["card"] == card and now["at_rest"], f"card {card} on top, at rest")
            point[:] = [self._press("deck")]
            if self.now["held"]:
                return True
            self._let_go()
            return False

        wait_until(held, f"the hand of {self.name} to hold card {card}")
        return point[0]

    def _click_once(self, thing: str) -> bool:
        self._press(thing)
        hit = thing in self.now["pressed_on"]
        self._let_go()
        return hit

    def _press(self, thing: str) -> Point:
        """Where the pointer is now, and down, as the app has felt."""

        def can_be_pressed(now: dict[str, Any]) -> bool:
            seen = now["things"].get(thing, {})
            return bool(now["at_rest"] and seen and seen["within_reach"] and seen["enabled"])

        found = self.wait_for(can_be_pressed, f"{thing} within reach")
        x, y = found["things"][thing]["place"]
        self.hand.point_at((x, y))
        before = self._wait_for_pointer((x, y))["pressed"]
        self.hand.button("mousedown")
        self.wait_for(lambda now: now["pressed"] > before, f"the press on {thing}")
        return x, y

    def _let_go(self) -> None:
        before = self.now["released"]
        self.hand.button("mouseup")
        self.wait_for(lambda now: now["released"] > before, "letting go")

    def _wait_for_pointer(self, point: Point) -> dict[str, Any]:
        def there(now: dict[str, Any]) -> bool:
            return all(abs(one - other) <= ARRIVED for one, other in zip(now["pointer"], point, strict=True))

        return self.wait_for(there, f"the pointer at {point}")


@contextmanager
def sit_down(
    display: Display, folder: Path, server: str, name: str = "Ana", corner: tuple[int, int] = (0, 0)
) -> Iterator[Seat]:
    """The app of somebody new, its window's corner there on the display; its files are in `folder`.

    It must end when it is asked to, and have complained about nothing.
    """
    told = folder / f"{name}.shown"
    environment = {
        **os.environ,
        "DISPLAY": display.name,
        "DINDIN_HOME": str(folder / name),
        "KCFG_GRAPHICS_POSITION": "custom",
        "KCFG_GRAPHICS_LEFT": str(corner[0]),
        "KCFG_GRAPHICS_TOP": str(corner[1]),
    }
    command = [sys.executable, "-m", "tests.client.ui.witness", str(told), "--server", server]
    with (folder / f"{name}.log").open("w+") as log:
        app = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            wait_until(
                lambda: told.exists() or app.poll() is not None, f"the window of {name}", START_SECONDS
            )
            yield Seat(name, app, Hand(display, corner), told)
        finally:
            if display.process.poll() is None:
                display.picture().save(folder / f"last_seen_of_{name}.png")
            app.terminate()
            code = app.wait(STOP_SECONDS)
            log.seek(0)
            said = log.read()
    assert (code, said) == (0, "")
