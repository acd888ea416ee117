"""Reads the modules of a QR code back from its picture, as a reader's camera sees them."""

from __future__ import annotations

from io import BytesIO

import segno
from PIL import Image

QUIET_ZONE = 4


def modules_in(png: bytes, link: str) -> list[list[bool]]:
    """Which modules are dark in a picture of a code as large as that of `link`, quiet zone and all."""
    side = len(wanted_modules(link))
    with Image.open(BytesIO(png)) as picture:
        grey = picture.convert("L")
    step_x, step_y = grey.width / side, grey.height / side
    middles = [(index + 0.5) for index in range(side)]
    return [[_is_dark(grey, int(x * step_x), int(y * step_y)) for x in middles] for y in middles]


def wanted_modules(link: str) -> list[list[bool]]:
    """The code of `link` with the white around it that readers need."""
    matrix = segno.make(link, error="m", micro=False).matrix
    white = [False] * QUIET_ZONE
    rows = [[*white, *(bool(module) for module in row), *white] for row in matrix]
    above = [[False] * len(rows[0]) for _ in range(QUIET_ZONE)]
    return [*above, *rows, *above]


def _is_dark(picture: Image.Image, x: int, y: int) -> bool:
    value = picture.getpixel((x, y))
    assert isinstance(value, int)
    return value < 128
