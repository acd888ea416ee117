"""What a chat message may look like. Pure (docs/product.md S14)."""

from __future__ import annotations

import unicodedata
from typing import Final

from backend.texts import refuse_invisible, refuse_unshowable

MAX_MESSAGE: Final = 500


def clean_message(raw: str) -> str:
    """Plain text in one spelling: NFC, trimmed, line breaks kept.

    Raises:
        ValueError: empty, longer than 500 characters, or with what people's screens could not show.
    """
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n")).strip()
    refuse_invisible(text.replace("\n", ""))
    refuse_unshowable(text, MAX_MESSAGE, if_unseen="Please write something that others can see.")
    return text
