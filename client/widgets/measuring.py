"""How much room words take: for rows that must know before they exist."""

from __future__ import annotations

from functools import lru_cache

from kivy.core.text import Label

# As in text.kv, `<Wrapped>`.
LINE_HEIGHT = 1.08
REMEMBERED = 4096
# More lines than these no part of a row takes.
MOST_LINES = 5


@lru_cache(maxsize=REMEMBERED)
def height_of(words: str, width: float, font_size: float, most_lines: int, *, bold: bool = False) -> float:
    """The height of a `Wrapped` label with these words, in pixels like `width` and `font_size`; 0 without words."""
    if not words:
        return 0.0
    label = Label(
        text=words,
        font_name="Nunito",
        font_size=font_size,
        bold=bold,
        text_size=(max(width, 1), None),
        max_lines=most_lines,
        line_height=LINE_HEIGHT,
    )
    label.resolve_font_name()
    return float(label.render()[1])


def width_of(words: str, font_size: float) -> float:
    """The width of a single line of these words."""
    return float(Label(font_name="Nunito", font_size=font_size).get_extents(words)[0])
