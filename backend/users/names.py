"""What a display name may look like. Pure: used for accounts now and for guests alike."""

from __future__ import annotations

import unicodedata

from backend.texts import is_invisible, longest_run_of_marks

MAX_DISPLAY_NAME = 40
_MAX_MARKS_IN_A_ROW = 3


def clean_display_name(raw: str) -> str:
    """The name in one spelling: NFC, trimmed, single spaces.

    Raises:
        ValueError: empty, longer than 40 characters, or with what people's screens could not show as one
            line of text: control characters, direction marks, piles of accents.
    """
    if any(is_invisible(character) for character in raw):
        raise ValueError("Please use letters, digits, spaces, punctuation and emoji only.")
    name = " ".join(unicodedata.normalize("NFC", raw).split())
    if not any(unicodedata.category(character)[0] in "LNPS" for character in name):
        raise ValueError("Please enter a name that others can see.")
    if len(name) > MAX_DISPLAY_NAME:
        raise ValueError(f"Please use at most {MAX_DISPLAY_NAME} characters.")
    if longest_run_of_marks(name) > _MAX_MARKS_IN_A_ROW:
        raise ValueError("Please use fewer accents on one letter.")
    return name
