"""The head of a screen that lies on top of another: back, its title, and what can be done with it."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.theme.rules import load_rules
from client.widgets import buttons, panel, text

load_rules(__file__, buttons, panel, text)


class TopBar(BoxLayout):
    """`title` with a way back (`on_back()`), unless the screen has none (`leads_back`).

    Widgets put into it stand at the right: IconButtons, as a rule.
    """

    title = StringProperty("")
    leads_back = BooleanProperty(True)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_back")
        super().__init__(**properties)

    def on_back(self) -> None:
        """The arrow was pressed; screens listen."""

    def add_widget(self, widget: Any, *positions: Any, **named: Any) -> None:
        """Parts of the rules go into the bar itself, what a screen puts in goes among the actions."""
        actions = self.ids.get("actions")
        if actions is None:
            super().add_widget(widget, *positions, **named)
        else:
            actions.add_widget(widget, *positions, **named)
