"""Palette and sizes as Kivy properties, so that a switch to dark repaints what is on screen."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from kivy.event import EventDispatcher
from kivy.metrics import dp, sp
from kivy.properties import BooleanProperty, ColorProperty, NumericProperty

from client.theme.metrics import COLUMN_WIDTH, LARGE_TEXT, MINIMUM_TOUCH, RADII, SPACING, TEXT
from client.theme.palette import DARK, LIGHT, Palette


class Theme(EventDispatcher):
    """Colours follow `dark`; lengths are pixels, computed when the theme is made."""

    dark = BooleanProperty(False)
    reduced_motion = BooleanProperty(False)

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
    size_heading = NumericProperty()
    size_title = NumericProperty()
    size_display = NumericProperty()

    large_text = BooleanProperty(False)
    touch = NumericProperty()
    column = NumericProperty()

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        for name, value in SPACING.items():
            setattr(self, name, dp(value))
        for name, value in RADII.items():
            setattr(self, f"radius_{name}", dp(value))
        for name, value in TEXT.items():
            setattr(self, f"size_{name}", sp(value))
        self.large_text = sp(1) > LARGE_TEXT * dp(1)
        self.touch = dp(MINIMUM_TOUCH)
        self.column = dp(COLUMN_WIDTH)
        self._paint(DARK if self.dark else LIGHT)

    def on_dark(self, _theme: Theme, dark: bool) -> None:
        self._paint(DARK if dark else LIGHT)

    def _paint(self, palette: Palette) -> None:
        for field in fields(palette):
            setattr(self, field.name, getattr(palette, field.name))
