"""A soft shadow, computed once and stretched under every panel.

Kivy's BoxShadow runs a blur shader for each panel in each frame, which costs half the frame rate on a phone without
a strong GPU. A nine-patch of a blurred rounded box costs one textured quad.
"""

from __future__ import annotations

import math
from functools import lru_cache

from kivy.graphics.texture import Texture

SIZE = 96  # pixels, square
SPREAD = 24  # how far the blur reaches outside the box
_RADIUS = 20
_BLUR = 9.0


def soft_box_alpha() -> bytes:
    """White pixels (RGBA, row by row) whose alpha is a rounded box fading out over `SPREAD`."""
    pixels = bytearray()
    half = SIZE / 2
    inner = half - SPREAD - _RADIUS
    for row in range(SIZE):
        for column in range(SIZE):
            across = max(abs(column + 0.5 - half) - inner, 0.0)
            down = max(abs(row + 0.5 - half) - inner, 0.0)
            outside = math.hypot(across, down) - _RADIUS
            alpha = 0.5 * math.erfc(outside / _BLUR)
            pixels += bytes((255, 255, 255, round(255 * alpha)))
    return bytes(pixels)


@lru_cache(maxsize=1)
def soft_shadow() -> Texture:
    """The texture for a BorderImage with a border of `SIZE // 2 - 2` on each side."""
    texture = Texture.create(size=(SIZE, SIZE), colorfmt="rgba")
    texture.blit_buffer(soft_box_alpha(), colorfmt="rgba", bufferfmt="ubyte")
    return texture
