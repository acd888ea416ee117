"""Stars to give: five, as many as one likes."""

from __future__ import annotations

from typing import Any

from kivy.properties import NumericProperty
from kivy.uix.boxlayout import BoxLayout

from client.theme.rules import load_rules
from client.widgets import buttons
from client.widgets.buttons import IconButton

load_rules(__file__, buttons)

MOST = 5


class Star(IconButton):
    """One of them; it is full from `place` stars on."""

    place = NumericProperty(1)
    given = NumericProperty(0)


class Stars(BoxLayout):
    """`given` are full; `on_give(count)` wants so many."""

    given = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_give")
        super().__init__(**properties)
        for place in range(1, MOST + 1):
            star = Star(place=place)
            star.bind(on_release=lambda pressed: self.dispatch("on_give", int(pressed.place)))
            self.bind(given=star.setter("given"))
            self.add_widget(star)

    def on_give(self, count: int) -> None:
        """The screen listens."""
