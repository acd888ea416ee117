"""Labels in the theme's type scale, and icons.

Colours are given as `ink`, never as `color`: a rule of a class and one of an instance that both set the same property
would overwrite each other, in any order, whenever the theme changes.
"""

from __future__ import annotations

from kivy.properties import ColorProperty, StringProperty
from kivy.uix.label import Label

from client.theme.icons import glyph
from client.theme.rules import load_rules

load_rules(__file__)


class Wrapped(Label):
    """Wraps to its width and is as high as its lines; `ink` None is the class's own colour."""

    ink = ColorProperty(None, allownone=True)


class Text(Wrapped):
    """Body text."""


class OneLine(Wrapped):
    """One line; what does not fit ends in an ellipsis."""


class Snug(Label):
    """A few characters, as wide as they are, beside something that takes the rest of a line.

    Not a `Wrapped` with another `text_size`: the rule of that class would win as soon as the width changes.
    """

    ink = ColorProperty(None, allownone=True)


class Caption(Wrapped):
    """Second-rank text."""


class Heading(Wrapped):
    """The name of a part of a screen."""


class Title(Wrapped):
    """The one big line of a screen or card."""


class Icon(Label):
    """One glyph of the icon font by its name (see `client/theme/icons.py`)."""

    icon = StringProperty("")
    ink = ColorProperty(None, allownone=True)

    def on_icon(self, _label: Icon, name: str) -> None:
        self.text = glyph(name)
