"""What a chat message may look like. Pure (docs/product.md S14)."""

from __future__ import annotations

import unicodedata
from typing import Final

from backend.texts import is_invisible, longest_run_of_marks

MAX_MESSAGE: Final = 500
_MAX_MARKS_IN_A_ROW = 3
_SEEN = frozenset("LNPS")  # letters, digits, punctuation, symbols


def clean_message(raw: str) -> str:
    """Plain text in one spelling: NFC, trimmed, line breaks kept.

    Raises:
        ValueError: empty, longer than 500 characters, or with what people's screens could not show.
    """
    text = unicodedata.normalize("NFC", raw.replace("\r\n", "\n")).strip()
    if any(is_invisible(character) for character in text if character != "\n"):
        raise ValueError("Please use letters, digits, spaces, punctuation and emoji only.")
    if not any(unicodedata.category(character)[0] in _SEEN for character in text):
        raise ValueError("Please write something that others can see.")
    if len(text) > MAX_MESSAGE:
        raise ValueError(f"Please use at most {MAX_MESSAGE} characters.")
    if longest_run_of_marks(text) > _MAX_MARKS_IN_A_ROW:
        raise ValueError("Please use fewer accents on one letter.")
    return text
