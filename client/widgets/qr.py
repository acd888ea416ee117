"""A QR code as a texture: one pixel per module, scaled up sharply."""

from __future__ import annotations

from typing import Any

import segno
from kivy.graphics.texture import Texture
from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.widget import Widget

from client.theme.rules import load_rules

load_rules(__file__)


class QrCode(Widget):
    """Shows `content` as a QR code. Always dark on light, also in the dark theme: many readers need that."""

    content = StringProperty("")
    texture = ObjectProperty(None, allownone=True)

    def on_content(self, _code: Any, content: str) -> None:
        if not content:
            self.texture = None
            return
        side, pixels = qr_pixels(content)
        texture = Texture.create(size=(side, side), colorfmt="luminance")
        texture.mag_filter = texture.min_filter = "nearest"
        texture.blit_buffer(pixels, colorfmt="luminance", bufferfmt="ubyte")
        texture.flip_vertical()
        self.texture = texture


def qr_pixels(content: str) -> tuple[int, bytes]:
    """The side in modules and one byte per module, row by row from the top: 0 is dark, 255 light."""
    rows = [
        bytes(0 if module else 255 for module in row)
        for row in segno.make(content, error="m", micro=False).matrix
    ]
    return len(rows), b"".join(rows)
