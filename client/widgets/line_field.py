"""A line to type in without a label: for searching, and for adding to a list."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.theme.rules import load_rules
from client.widgets import buttons, fields, panel, text

load_rules(__file__, buttons, fields, panel, text)


class LineField(BoxLayout):
    """`hint` says what to type. Enter reports `on_submit()`, the button `act_icon` at its end `on_act()`.

    With `keeps_on` one can go on typing after Enter.
    """

    text = StringProperty("")
    hint = StringProperty("")
    icon = StringProperty("")
    act_icon = StringProperty("")
    focused = BooleanProperty(False)
    keeps_on = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_submit")
        self.register_event_type("on_act")
        super().__init__(**properties)

    def leave(self) -> None:
        """Stop typing; a phone puts its keyboard away."""
        self.ids.line.focus = False

    def on_submit(self) -> None:
        """Screens listen."""

    def on_act(self) -> None:
        """Screens listen."""
