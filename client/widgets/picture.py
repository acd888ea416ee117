"""A picture that fills its shape: first the blurred placeholder, then the real one, never a wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from kivy.graphics.texture import Texture
from kivy.properties import ListProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from client.theme.rules import load_rules

load_rules(__file__)

Cancel = Callable[[], None]


class Pictures(Protocol):
    """Where pictures come from (see `client.images.PictureLoader`)."""

    def request(self, url: str, blurhash: str, show: Callable[[Texture], None]) -> Cancel:
        """Call `show` on the UI thread: with the placeholder if the picture is not at hand, then with the picture.

        Returns at once, with a function that stops further calls.
        """
        ...


class Picture(Widget):
    """Shows `url` cut to its own proportions, never stretched."""

    pictures = ObjectProperty(None, allownone=True)
    url = StringProperty("")
    blurhash = StringProperty("")
    radius = ListProperty([0, 0, 0, 0])
    whole = ObjectProperty(None, allownone=True)
    shown = ObjectProperty(None, allownone=True)
    fade = NumericProperty(1)

    def __init__(self, **properties: Any) -> None:
        self._cancel: Cancel | None = None
        super().__init__(**properties)
        self.bind(pictures=self._ask, url=self._ask, blurhash=self._ask, whole=self._cut, size=self._cut)
        self._ask()

    def _ask(self, *_: Any) -> None:
        if self._cancel is not None:
            self._cancel()
            self._cancel = None
        self.whole = None
        if self.pictures is not None and (self.url or self.blurhash):
            self._cancel = self.pictures.request(self.url, self.blurhash, self._show)

    def _show(self, texture: Texture) -> None:
        self.whole = texture

    def _cut(self, *_: Any) -> None:
        self.shown = self.whole and self.whole.get_region(*centre_cut(self.whole.size, self.size))


def centre_cut(picture: tuple[float, float], shape: tuple[float, float]) -> tuple[float, float, float, float]:
    """The largest part of `picture` (width, height) around its middle with the proportions of `shape`.

    Returns x, y, width, height in the picture's pixels.
    """
    (width, height), (wide, high) = picture, shape
    if wide <= 0 or high <= 0:
        return (0, 0, width, height)
    if width * high > height * wide:
        cut = height * wide / high
        return ((width - cut) / 2, 0, cut, height)
    cut = width * high / wide
    return (0, (height - cut) / 2, width, cut)
