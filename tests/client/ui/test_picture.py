"""A picture on the screen: decoded, drawn upright, cut to its shape, and faded in over its placeholder."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from kivy.core.window import Window
from kivy.graphics.texture import Texture
from PIL import Image, ImageColor

from client.images import LONGEST_SIDE, MOST_PIXELS, decode_blurhash, decode_picture, texture_of
from client.theme.active import theme
from client.widgets.picture import FADE_SECONDS, Picture, rounded_outline, shares_shown
from tests.client.ui import scenes
from tests.client.ui.painted import encoded
from tests.client.ui.stage import Stage


def test_huge_pictures_are_made_smaller() -> None:
    pixels = decode_picture(encoded(3000, 1500))
    assert pixels is not None
    assert (pixels.width, pixels.height) == (LONGEST_SIDE, LONGEST_SIDE // 2)


def test_a_small_file_with_an_enormous_picture_is_none() -> None:
    target = io.BytesIO()
    Image.new("1", (5000, MOST_PIXELS // 5000 + 1)).save(target, "PNG")
    assert len(target.getvalue()) < 10_000
    assert decode_picture(target.getvalue()) is None


@pytest.mark.parametrize("code", ["", "nonsense", "UNPX"])
def test_a_malformed_blurhash_is_none(code: str) -> None:
    assert decode_blurhash(code) is None


def test_a_picture_is_drawn_upright_and_undistorted(play: Callable[..., Stage]) -> None:
    """Stripes of 20 rows each; a shape of half the height shows the middle half, from row 25 to row 75."""
    stripes = Image.new("RGB", (100, 100))
    colours = ("red", "lime", "blue", "yellow", "white")
    for place, colour in enumerate(colours):
        stripes.paste(colour, (0, 20 * place, 100, 20 * place + 20))
    target = io.BytesIO()
    stripes.save(target, "PNG")
    pixels = decode_picture(target.getvalue())
    assert pixels is not None
    stage = play(scenes.signed_out())
    shape = Picture(size_hint=(None, None), size=(200, 100), radius=[30, 30, 0, 0])
    Window.add_widget(shape)
    shape.shown = texture_of(pixels)
    seen = stage.driver.pixels()
    for row in range(26, 75, 4):
        shown = seen.getpixel((100, Window.height - 100 + 2 * (row - 25)))
        assert shown == ImageColor.getrgb(colours[row // 20]), f"row {row}"


class SlowPictures:
    """Shows what the test says, when it says so."""

    def __init__(self) -> None:
        self.show: Callable[[Texture], None] = lambda _: None

    def request(self, url: str, blurhash: str, show: Callable[[Texture], None]) -> Callable[[], None]:
        del url, blurhash
        self.show = show
        return lambda: None


def plain(colour: str) -> Texture:
    pixels = decode_picture(encoded(8, 8, colour))
    assert pixels is not None
    return texture_of(pixels)


@pytest.mark.parametrize("reduced_motion", [False, True])
def test_the_picture_comes_out_of_its_placeholder(
    play: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch, reduced_motion: bool
) -> None:
    stage = play(scenes.signed_out())
    pictures = SlowPictures()
    shape = Picture(size_hint=(None, None), size=(100, 100), pictures=pictures, url="a", blurhash="b")
    Window.add_widget(shape)
    monkeypatch.setattr(theme, "reduced_motion", reduced_motion)

    def seen() -> tuple[int, int, int]:
        return stage.driver.pixels().getpixel((50, Window.height - 50))

    pictures.show(plain("red"))
    stage.driver.wait(2 * FADE_SECONDS)
    assert seen() == (255, 0, 0)
    pictures.show(plain("blue"))
    stage.driver.wait(FADE_SECONDS / 2)
    red, green, blue = seen()
    assert green == 0
    assert (red == 0) is reduced_motion
    assert red + blue == pytest.approx(255, abs=3)  # never the background through both
    stage.driver.wait(FADE_SECONDS)
    assert seen() == (0, 0, 255)


def test_pictures_are_cut_never_stretched() -> None:
    assert shares_shown((400, 200), (100, 100)) == (0.5, 1)
    assert shares_shown((200, 400), (100, 50)) == (1, 0.25)
    assert shares_shown((200, 400), (0, 50)) == (1, 1)


def test_corners_are_round_only_where_asked() -> None:
    outline = rounded_outline(100, 50, (0, 10, 0, 0))
    assert {(0, 50), (0, 0), (100, 0)} <= {(round(x, 6), round(y, 6)) for x, y in outline}
    assert (100, 50) not in outline
    assert all(0 <= x <= 100.001 and 0 <= y <= 50.001 for x, y in outline)
