"""Where people write more than a line."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.theme.rules import load_rules
from client.widgets import focus
from client.widgets.focus import TypingLine

load_rules(__file__, focus)


class ManyLines(TypingLine):
    """The lines themselves."""


class WritingField(BoxLayout):
    """As high as what is written in it, from three lines on."""

    text = StringProperty("")
    hint = StringProperty("")
    focused = BooleanProperty(False)
