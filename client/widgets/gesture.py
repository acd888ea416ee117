"""What a drag means: pure decisions about tilt, stamps, release and flight. No Kivy, no clock.

Lengths are pixels, speeds pixels per second, x to the right and y up. docs/product.md K3 asks for cards that feel
physical; the thresholds here are what makes them so.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal

Direction = Literal["right", "left", "up"]

# A drag counts when the point it is heading for lies beyond this share of the card.
REACH_SIDEWAYS = 0.34
REACH_UP = 0.26
# How far ahead the speed at release is projected. A flick needs little way; a flick back cancels a long drag.
LOOK_AHEAD = 0.14
# A swipe up must be clearly upward, or a sloppy sideways swipe would skip.
UPWARD_BIAS = 1.15
# Nothing shorter than this share of the width is a swipe, however fast: it is a tap with a nervous finger.
SHORTEST = 0.05
# The stamp is fully inked at this share of the reach.
STAMP_FULL_AT = 0.85

# A finger that stays within this many dp of where it went down has tapped.
TAP_DISTANCE = 10.0

MOST_TILT = 14.0  # degrees
FLIGHT_SPEED_AT_LEAST = 1800.0
SHORTEST_FLIGHT = 0.16  # seconds
LONGEST_FLIGHT = 0.34
# Only the last moments of a drag say how fast the finger is: it may have rested before.
SPEED_WINDOW = 0.08
# A way has two, and only a way has a speed.
_ENDS = 2


@dataclass(frozen=True, slots=True)
class Drag:
    """How far the finger is from where it went down, and how fast it moves."""

    dx: float
    dy: float
    vx: float = 0.0
    vy: float = 0.0


@dataclass(frozen=True, slots=True)
class Lean:
    """Which way a card leans and how strongly its stamp shows, 0 to 1."""

    direction: Direction | None
    strength: float


@dataclass(frozen=True, slots=True)
class Flight:
    """Where a released card flies to, relative to its place in the deck, and for how long (seconds)."""

    dx: float
    dy: float
    angle: float
    seconds: float


def tilt(dx: float, width: float, grip: float) -> float:
    """Degrees, positive against the clock. `grip` is where the card is held: 1 at the top edge, -1 at the bottom.

    Held at the top a card leans into the movement, held at the bottom it leans against it, as a paper card would.
    """
    share = max(-1.0, min(1.0, dx / width))
    side = 1.0 if grip >= 0 else -1.0
    return -side * MOST_TILT * math.sin(share * math.pi / 2)


def is_tap(dx: float, dy: float, density: float) -> bool:
    """Whether a finger that is this far from where it went down may still be tapping; `density` is pixels per dp."""
    return math.hypot(dx, dy) <= TAP_DISTANCE * density


def lean(dx: float, dy: float, width: float, height: float) -> Lean:
    """The stamp to show while the finger is still down."""
    upward, sideways = _reaches(dx, dy, width, height)
    if dy > 0 and upward > sideways * UPWARD_BIAS:
        return Lean("up", min(1.0, upward / STAMP_FULL_AT))
    if sideways == 0:
        return Lean(None, 0.0)
    return Lean("right" if dx > 0 else "left", min(1.0, sideways / STAMP_FULL_AT))


def release(drag: Drag, width: float, height: float) -> Direction | None:
    """The swipe that a drag let go of now is, or None: then the card springs back."""
    if math.hypot(drag.dx, drag.dy) < SHORTEST * width:
        return None
    heading_x = drag.dx + drag.vx * LOOK_AHEAD
    heading_y = drag.dy + drag.vy * LOOK_AHEAD
    upward, sideways = _reaches(heading_x, heading_y, width, height)
    if heading_y > 0 and drag.dy > 0 and upward > sideways * UPWARD_BIAS:
        return "up" if upward >= 1 else None
    if sideways >= 1 and heading_x * drag.dx > 0:
        return "right" if heading_x > 0 else "left"
    return None


def flight(drag: Drag, direction: Direction, width: float, height: float, angle: float) -> Flight:
    """The way out: on in the direction of the finger, at its speed, until the whole card is off the screen."""
    if direction == "up":
        dx, dy = drag.dx * 1.4, height * 1.35
        distance, speed = dy - drag.dy, drag.vy
    else:
        side = 1.0 if direction == "right" else -1.0
        dx, dy = side * width * 1.55, drag.dy + _drift(drag, side * width * 1.55)
        distance, speed = abs(dx - drag.dx), side * drag.vx
    seconds = distance / max(speed, FLIGHT_SPEED_AT_LEAST)
    return Flight(dx, dy, angle * 1.6, max(SHORTEST_FLIGHT, min(LONGEST_FLIGHT, seconds)))


def thrown(direction: Direction, width: float, height: float) -> Flight:
    """The flight of a card swiped by a key or a button."""
    angle = {"right": -MOST_TILT, "left": MOST_TILT, "up": 0.0}[direction]
    return flight(Drag(0.0, 0.0), direction, width, height, angle)


class SpeedMeter:
    """The finger's speed over its last moments, as far as frames tell.

    All that happened between two frames is told at the second: when exactly, nobody knows, so the finger is taken to
    have used all the time between. A speed is therefore never too high, however seldom the app looks.
    """

    def __init__(self) -> None:
        self._points: deque[tuple[float, float, float]] = deque()

    def add(self, at: float, x: float, y: float, frame: float) -> None:
        """Where the finger is at the time `at`, `frame` after the last look: seconds of a clock that does not jump."""
        if self._points:
            before, last_x, last_y = self._points[-1]
            if before == at and len(self._points) > 1:
                self._points.pop()
            elif before == at:
                self._points[-1] = (at - frame, last_x, last_y)  # it went down since the last look
            elif before < at - frame:
                self._points.append((at - frame, last_x, last_y))  # it had not moved by the last look
        self._points.append((at, x, y))
        self._forget(at - SPEED_WINDOW)

    def speed(self, at: float) -> tuple[float, float]:
        """Pixels per second across and up at the time `at`; zero for a finger that has rested."""
        since = at - SPEED_WINDOW
        self._forget(since)
        if len(self._points) < _ENDS or self._points[-1][0] < since:
            return (0.0, 0.0)
        (start, x0, y0), (_, x1, y1) = self._points[0], self._points[-1]
        elapsed = max(at - start, 1e-3)
        return ((x1 - x0) / elapsed, (y1 - y0) / elapsed)

    def _forget(self, until: float) -> None:
        """What was before, but for the last way of all: frames may be longer than the window."""
        while len(self._points) > _ENDS and self._points[0][0] < until:
            self._points.popleft()


def _reaches(dx: float, dy: float, width: float, height: float) -> tuple[float, float]:
    """How far up and sideways as shares of what counts as a swipe; never negative."""
    return max(0.0, dy) / (REACH_UP * height), abs(dx) / (REACH_SIDEWAYS * width)


def _drift(drag: Drag, target_dx: float) -> float:
    """How much further up or down a card travels on its way out, keeping the finger's slope within reason."""
    if abs(drag.vx) < 1:
        return 0.0
    slope = max(-0.6, min(0.6, drag.vy / abs(drag.vx)))
    return slope * abs(target_dx - drag.dx)
