"""Pictures made for tests."""

from __future__ import annotations

import io

from PIL import Image


def encoded(width: int = 20, height: int = 10, colour: str = "red") -> bytes:
    """A picture as a server would send it."""
    target = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(target, "WEBP", lossless=True)
    return target.getvalue()
