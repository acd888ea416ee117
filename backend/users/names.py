"""What a display name may look like. Pure: used for accounts now and for guests alike."""

from __future__ import annotations

from backend.texts import clean_line

MAX_DISPLAY_NAME = 40


def clean_display_name(raw: str) -> str:
    """The name in one spelling, as `clean_line` writes it, and as that refuses it.

    Raises:
        ValueError: empty, longer than 40 characters, or with what people's screens could not show as one line of text.
    """
    return clean_line(raw, MAX_DISPLAY_NAME)
