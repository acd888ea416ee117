"""A picture that fills its shape: first the blurred placeholder, then the real one, never a wait."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from kivy.graphics import Color, Mesh
from kivy.graphics.texture import Texture
from kivy.properties import ColorProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from client.theme.rules import load_rules

load_rules(__file__)

Cancel = Callable[[], None]
# Straight pieces per rounded corner: at the card's 24 dp nobody sees them.
CORNER_PIECES = 10


class Pictures(Protocol):
    """Where pictures come from (see `client.images.PictureLoader`)."""

    def request(self, url: str, blurhash: str, show: Callable[[Texture], None]) -> Cancel:
        """Call `show` on the UI thread: with the placeholder if the picture is not at hand, then with the picture.

        Returns at once, with a function that stops further calls.
        """
        ...


class Picture(Widget):
    """Shows `url` cut to its own proportions, never stretched; `radius` is one per corner, from the upper left on.

    Drawn as a mesh of its own: Kivy's RoundedRectangle distorts a texture of which it shows only a part.
    """

    pictures = ObjectProperty(None, allownone=True)
    url = StringProperty("")
    blurhash = StringProperty("")
    radius = ListProperty([0, 0, 0, 0])
    shown = ObjectProperty(None, allownone=True)
    wash = ColorProperty((1, 1, 1, 0))  # shown as long as there is no picture at all

    def __init__(self, **properties: Any) -> None:
        self._cancel: Cancel | None = None
        super().__init__(**properties)
        with self.canvas:
            self._colour = Color(*self.wash)
            self._mesh = Mesh(mode="triangle_fan")
        self.bind(pictures=self._ask, url=self._ask, blurhash=self._ask)
        self.bind(wash=self._draw, shown=self._draw, pos=self._draw, size=self._draw, radius=self._draw)
        self._ask()

    def _ask(self, *_: Any) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        self.shown = None
        if self.pictures is not None and (self.url or self.blurhash):
            self._cancel = self.pictures.request(self.url, self.blurhash, self._show)

    def _show(self, texture: Texture) -> None:
        self.shown = texture

    def _draw(self, *_: Any) -> None:
        outline = rounded_outline(self.width, self.height, self.radius)
        corners = (0, 0, 1, 0, 1, 1, 0, 1)
        picture = (1.0, 1.0)
        if self.shown is not None:
            corners, picture = self.shown.tex_coords, self.shown.size
        across, up = shares_shown(picture, self.size)
        left, bottom, right, top = corners[0], corners[1], corners[4], corners[5]
        vertices: list[float] = []
        for x, y in outline:
            u = 0.5 + (x / max(self.width, 1) - 0.5) * across
            v = 0.5 + (y / max(self.height, 1) - 0.5) * up
            vertices += (self.x + x, self.y + y, left + u * (right - left), bottom + v * (top - bottom))
        self._colour.rgba = self.wash if self.shown is None else (1, 1, 1, 1)
        self._mesh.texture = self.shown
        self._mesh.vertices = vertices
        self._mesh.indices = list(range(len(outline)))


def shares_shown(picture: Sequence[float], shape: Sequence[float]) -> tuple[float, float]:
    """Which share of a picture's width and height fills the shape, its middle, with nothing stretched."""
    (width, height), (wide, high) = picture, shape
    if min(width, height, wide, high) <= 0:
        return (1.0, 1.0)
    fit = (width / height) / (wide / high)
    return (1 / fit, 1.0) if fit > 1 else (1.0, fit)


def rounded_outline(width: float, height: float, radii: Sequence[float]) -> list[tuple[float, float]]:
    """The corners of a rectangle at the origin, rounded: `radii` from the upper left clockwise."""
    upper_left, upper_right, lower_right, lower_left = (
        min(radius, width / 2, height / 2) for radius in radii
    )
    turns = (
        (width - upper_right, height - upper_right, upper_right, 0),
        (upper_left, height - upper_left, upper_left, 1),
        (lower_left, lower_left, lower_left, 2),
        (width - lower_right, lower_right, lower_right, 3),
    )
    outline: list[tuple[float, float]] = []
    for x, y, radius, quarter in turns:
        pieces = CORNER_PIECES if radius > 0 else 0
        for piece in range(pieces + 1):
            angle = (quarter + piece / max(pieces, 1)) * math.pi / 2
            outline.append((x + radius * math.cos(angle), y + radius * math.sin(angle)))
    return outline
