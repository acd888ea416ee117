"""Sizes as plain numbers: dp for lengths, sp for text. The theme turns them into pixels."""

from __future__ import annotations

# docs/product.md K8. Everything that can be pressed is at least this high and wide.
MINIMUM_TOUCH = 44

# The window a desktop opens with: a phone's proportions.
WINDOW_WIDTH = 420
WINDOW_HEIGHT = 860
# Wider windows keep the content in a column of this width; lines of text stay readable.
COLUMN_WIDTH = 520

SPACING = {"hair": 2, "tight": 4, "small": 8, "medium": 12, "gap": 16, "edge": 20, "wide": 28}
RADII = {"chip": 14, "field": 16, "panel": 20, "card": 24}
# From this enlargement of text on, what stood side by side goes beneath each other.
LARGE_TEXT = 1.4
# On top of what the system asks for: the bounds of the text size in the settings, in percent.
SMALLEST_TEXT, LARGEST_TEXT = 100, 200
# What is large already grows by this share of what is asked for, as on Android 14: a title twice as large would leave
# no room for anything else.
GROWTH_OF_LARGE = 0.6
LARGE_FROM = 24
# Icons beside text grow as well, but by this share: they are understood by their shape.
GROWTH_OF_ICONS = 0.4
TEXT = {
    "caption": 13,
    "label": 15,
    "body": 16,
    "button": 17,
    "heading": 20,
    "letter": 24,
    "title": 28,
    "headline": 30,
    "code": 38,
    "display": 40,
}
