"""Palette and sizes as Kivy properties, so that a switch to dark or larger text shows at once."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from kivy.event import EventDispatcher
from kivy.metrics import dp, sp
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty

from client.theme.metrics import (
    COLUMN_WIDTH,
    GROWTH_OF_ICONS,
    GROWTH_OF_LARGE,
    LARGE_FROM,
    LARGE_TEXT,
    MINIMUM_TOUCH,
    RADII,
    SPACING,
    TEXT,
)
from client.theme.palette import DARK, LIGHT, Palette


class Theme(EventDispatcher):
    """Colours follow `dark`, sizes of text `text_scale`; lengths are pixels, computed when the theme is made.

    `text_scale` is how many times larger than designed text shall be, on top of what the system says; `icon_scale`
    follows it. `inset_*` are the edges of the window that a phone's camera, bars or corners cover.
    """

    dark = BooleanProperty(False)
    reduced_motion = BooleanProperty(False)
    text_scale = NumericProperty(1.0)

    paper = ColorProperty()
    surface = ColorProperty()
    sunken = ColorProperty()
    line = ColorProperty()
    ink = ColorProperty()
    ink_soft = ColorProperty()
    coral = ColorProperty()
    text_on_coral = ColorProperty()
    coral_ink = ColorProperty()
    coral_wash = ColorProperty()
    like = ColorProperty()
    text_on_like = ColorProperty()
    like_wash = ColorProperty()
    nope = ColorProperty()
    skip = ColorProperty()
    warn = ColorProperty()
    text_on_warn = ColorProperty()
    shadow = ColorProperty()
    scrim = ColorProperty()

    hair = NumericProperty()
    tight = NumericProperty()
    small = NumericProperty()
    medium = NumericProperty()
    gap = NumericProperty()
    edge = NumericProperty()
    wide = NumericProperty()

    radius_chip = NumericProperty()
    radius_field = NumericProperty()
    radius_panel = NumericProperty()
    radius_card = NumericProperty()

    size_caption = NumericProperty()
    size_label = NumericProperty()
    size_body = NumericProperty()
    size_button = NumericProperty()
    size_heading = NumericProperty()
    size_letter = NumericProperty()
    size_title = NumericProperty()
    size_headline = NumericProperty()
    size_code = NumericProperty()
    size_display = NumericProperty()

    large_text = BooleanProperty(False)
    icon_scale = NumericProperty(1)
    touch = NumericProperty()
    column = NumericProperty()

    inset_top = NumericProperty(0)
    inset_bottom = NumericProperty(0)
    inset_left = NumericProperty(0)
    inset_right = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        for name, value in SPACING.items():
            setattr(self, name, dp(value))
        for name, value in RADII.items():
            setattr(self, f"radius_{name}", dp(value))
        self._scale()
        self.touch = dp(MINIMUM_TOUCH)
        self.column = dp(COLUMN_WIDTH)
        self._paint(DARK if self.dark else LIGHT)

    def on_dark(self, _theme: Theme, dark: bool) -> None:
        self._paint(DARK if dark else LIGHT)

    def on_text_scale(self, _theme: Theme, _scale: float) -> None:
        self._scale()

    def _scale(self) -> None:
        growth = sp(1) * self.text_scale / dp(1) - 1
        for name, value in TEXT.items():
            share = GROWTH_OF_LARGE if value >= LARGE_FROM else 1
            setattr(self, f"size_{name}", dp(value) * (1 + share * growth))
        self.icon_scale = 1 + GROWTH_OF_ICONS * max(growth, 0)
        self.large_text = growth > LARGE_TEXT - 1

    def _paint(self, palette: Palette) -> None:
        for field in fields(palette):
            setattr(self, field.name, getattr(palette, field.name))
