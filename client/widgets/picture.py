"""A picture that fills its shape: first the blurred placeholder, out of which the real one comes, never a wait."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from kivy.animation import Animation
from kivy.graphics import Color, Mesh
from kivy.graphics.texture import Texture
from kivy.properties import ColorProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from client.theme.active import theme
from client.theme.rules import load_rules

load_rules(__file__)

Cancel = Callable[[], None]
# Straight pieces per rounded corner: at the card's 24 dp nobody sees them.
CORNER_PIECES = 10
FADE_SECONDS = 0.25


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
    faded_in = NumericProperty(1)  # from 0, only what was there before, to 1, only `shown`

    def __init__(self, **properties: Any) -> None:
        self._cancel: Cancel | None = None
        self._before: Texture | None = None
        self._asking = False
        super().__init__(**properties)
        with self.canvas:
            self._layers = tuple((Color(*self.wash), Mesh(mode="triangle_fan")) for _ in range(2))
        self.bind(pictures=self._ask, url=self._ask, blurhash=self._ask)
        self.bind(wash=self._draw, shown=self._draw, pos=self._draw, size=self._draw, radius=self._draw)
        self.bind(faded_in=self._fade)
        self._ask()

    def _ask(self, *_: Any) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        Animation.cancel_all(self, "faded_in")
        self._before, self.faded_in, self.shown = None, 1, None
        if self.pictures is not None and (self.url or self.blurhash):
            self._asking = True
            self._cancel = self.pictures.request(self.url, self.blurhash, self._show)
            self._asking = False

    def _show(self, texture: Texture) -> None:
        # What is at hand when it is asked for has always been there, as far as anybody can see.
        if not self._asking and not theme.reduced_motion:
            self._before, self.faded_in = self.shown, 0
            Animation(faded_in=1, duration=FADE_SECONDS).start(self)
        self.shown = texture

    def _fade(self, *_: Any) -> None:
        if self.faded_in == 1:
            self._before = None
            self._draw()
        else:
            self._layers[1][0].a = self.faded_in

    def _draw(self, *_: Any) -> None:
        fading = self.faded_in < 1
        self._draw_layer(0, self._before if fading else self.shown, 1)
        self._draw_layer(1, self.shown if fading else None, self.faded_in if fading else 0)

    def _draw_layer(self, place: int, texture: Texture | None, opacity: float) -> None:
        """Draw one of the two layers, 0 below 1; without a texture and with no opacity there is nothing to see."""
        colour, mesh = self._layers[place]
        if texture is None and opacity == 0:
            mesh.indices, mesh.texture = [], None
            return
        outline = rounded_outline(self.width, self.height, self.radius)
        corners = (0, 0, 1, 0, 1, 1, 0, 1)
        picture = (1.0, 1.0)
        if texture is not None:
            corners, picture = texture.tex_coords, texture.size
        across, up = shares_shown(picture, self.size)
        left, bottom, right, top = corners[0], corners[1], corners[4], corners[5]
        vertices: list[float] = []
        for x, y in outline:
            u = 0.5 + (x / max(self.width, 1) - 0.5) * across
            v = 0.5 + (y / max(self.height, 1) - 0.5) * up
            vertices += (self.x + x, self.y + y, left + u * (right - left), bottom + v * (top - bottom))
        colour.rgba = self.wash if texture is None else (1, 1, 1, opacity)
        mesh.texture = texture
        mesh.vertices = vertices
        mesh.indices = list(range(len(outline)))


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
