"""The promises about the look that can be computed: contrast, touch targets, glyphs (docs/product.md K8)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PIL import ImageFont

from client.theme.icons import GLYPHS
from client.theme.metrics import MINIMUM_TOUCH
from client.theme.palette import AVATAR_TINTS, DARK, LIGHT, MINIMUM_CONTRAST, WHITE, Palette, contrast, rgba

CLIENT = Path(__file__).parents[3] / "client"
PAIRS = [
    pytest.param(*colours, id=f"{name} {pair}")
    for name, palette in (("light", LIGHT), ("dark", DARK))
    for pair, colours in palette.readable_pairs().items()
]


@pytest.mark.parametrize(("text", "background"), PAIRS)
def test_text_can_be_read(text: tuple[float, ...], background: tuple[float, ...]) -> None:
    assert contrast(text, background) >= MINIMUM_CONTRAST


def test_initials_can_be_read() -> None:
    assert min(contrast(WHITE, tint) for tint in AVATAR_TINTS) >= MINIMUM_CONTRAST


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_initials_of_those_who_are_away_can_be_read(palette: Palette) -> None:
    for tint in AVATAR_TINTS:
        own, *others = (0.4 * one + 0.6 * under for one, under in zip(tint, palette.surface, strict=True))
        assert contrast(palette.ink, (own, *others)) >= MINIMUM_CONTRAST


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast(rgba("#000000"), rgba("#ffffff")) == pytest.approx(21)
    assert contrast(rgba("#767676"), rgba("#ffffff")) == pytest.approx(4.54, abs=0.01)


def test_every_glyph_is_in_the_cut_font() -> None:
    font = ImageFont.truetype(CLIENT / "assets/icons/materialdesignicons-subset.ttf", 24)
    nothing = bytes(font.getmask("\U000fffff"))
    missing = [name for name, character in GLYPHS.items() if bytes(font.getmask(character)) == nothing]
    assert missing == []


def test_every_icon_and_picture_that_a_rule_names_exists() -> None:
    rules = "\n".join(path.read_text("utf-8") for path in CLIENT.rglob("*.kv"))
    lines = re.findall(r"^\s*icon: (.*)$", rules, re.MULTILINE)
    # In `"check" if root.copied == "code" else ...` the word compared with is no icon.
    icons = {name for line in lines for before, name in re.findall(r'(== )?"([^"]*)"', line) if not before}
    pictures = set(re.findall(r'^\s*art: "([^"]+)"', rules, re.MULTILINE))
    assert icons
    assert pictures
    assert icons - GLYPHS.keys() == {""}
    assert {name for name in pictures if not (CLIENT / f"assets/art/{name}.webp").exists()} == set()


def test_touch_targets_are_as_large_as_promised() -> None:
    assert MINIMUM_TOUCH >= 44
