"""The pictures that this server itself has."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

PICTURE_FOLDER = Path(__file__).parent / "pictures"


def picture_file(url: str | None) -> Path | None:
    """The file behind the `image_url` of a card; None where there is none, or it is not on this server."""
    if not url or not url.startswith("/pictures/"):
        return None
    file = PICTURE_FOLDER / PurePosixPath(urlsplit(url).path).name
    return file if file.is_file() else None
