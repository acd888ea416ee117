"""Paper rain for a match: one mesh, recomputed per frame, a hundred pieces."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from typing import Any

from kivy.clock import Clock
from kivy.graphics import Color, Mesh
from kivy.uix.widget import Widget

from client.theme.active import theme
from client.theme.palette import CONFETTI, Rgba

PIECES = 110
SECONDS = 5.5
GRAVITY = 0.16  # screen heights per second squared


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of paper; lengths in screen heights, angles in radians, times in seconds."""

    colour: Rgba
    x: float  # share of the width
    y: float  # share of the height, above 1 is above the screen
    drift: float
    fall: float
    length: float
    spin: float
    phase: float

    def corners(self, at: float, width: float, height: float) -> tuple[float, ...]:
        """Four corners as x, y pairs, `at` seconds into the rain."""
        x = self.x * width + (self.drift * at + 0.018 * math.sin(3 * at + self.phase)) * height
        y = (self.y - self.fall * at - GRAVITY * at * at / 2) * height
        angle = self.phase + self.spin * at
        # The paper turns over as it falls: its height is the cosine of a second turn.
        half, flat = self.length * height, self.length * height * 0.55 * math.cos(angle * 1.7)
        along = (half * math.cos(angle), half * math.sin(angle))
        across = (-flat * math.sin(angle), flat * math.cos(angle))
        signs = ((-1, -1), (1, -1), (1, 1), (-1, 1))
        return tuple(
            value
            for one, other in signs
            for value in (x + one * along[0] + other * across[0], y + one * along[1] + other * across[1])
        )


def pieces(seed: int, count: int = PIECES) -> tuple[Piece, ...]:
    """The same rain for the same seed."""
    chance = random.Random(seed)  # noqa: S311  (decoration, no secret)
    return tuple(
        Piece(
            colour=CONFETTI[index % len(CONFETTI)],
            x=chance.uniform(-0.1, 1.1),
            y=chance.uniform(0.85, 1.75),
            drift=chance.uniform(-0.03, 0.03),
            fall=chance.uniform(0.12, 0.3),
            length=chance.uniform(0.006, 0.011),
            spin=chance.uniform(-4, 4),
            phase=chance.uniform(0, math.tau),
        )
        for index in range(count)
    )


class Confetti(Widget):
    """Rains once when `start` is called; with reduced motion it does nothing."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._event: Any = None
        self._begun = 0.0
        self._rain: list[tuple[list[Piece], Mesh]] = []

    def start(self, seed: int = 7) -> None:
        """Let it rain from now."""
        self.stop()
        if theme.reduced_motion:
            return
        rain = pieces(seed)
        self._begun = Clock.get_time()
        with self.canvas:
            for colour in CONFETTI:
                Color(*colour)
                self._rain.append(
                    ([piece for piece in rain if piece.colour == colour], Mesh(mode="triangles"))
                )
        self._event = Clock.schedule_interval(self._fall, 0)

    def stop(self) -> None:
        """Clear the air."""
        if self._event is not None:
            self._event.cancel()
            self._event = None
        self.canvas.clear()
        self._rain.clear()

    def _fall(self, _elapsed: float) -> None:
        at = Clock.get_time() - self._begun
        if at > SECONDS:
            self.stop()
            return
        for group, mesh in self._rain:
            vertices: list[float] = []
            indices: list[int] = []
            for piece in group:
                first = len(vertices) // 4
                corners = piece.corners(at, self.width, self.height)
                for corner in range(0, 8, 2):
                    vertices += (self.x + corners[corner], self.y + corners[corner + 1], 0, 0)
                indices += (first, first + 1, first + 2, first, first + 2, first + 3)
            mesh.vertices, mesh.indices = vertices, indices
