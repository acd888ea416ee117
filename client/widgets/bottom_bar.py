"""The bar at the foot of the window: where one can go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from client.theme.rules import load_rules
from client.widgets import focus, panel, text
from client.widgets.focus import Reachable

load_rules(__file__, focus, panel, text)


class PlaceButton(Reachable, ButtonBehavior, BoxLayout):
    """One place: icon and name. `waiting` is how many things wait for the user there."""

    place = StringProperty("")
    icon = StringProperty("")
    text = StringProperty("")
    chosen = BooleanProperty(False)
    waiting = NumericProperty(0)
    letter_size = NumericProperty(0)


class BottomBar(BoxLayout):
    """`current` is the place the user is in, and without one there is no bar; `on_choose(place)` wants another one."""

    current = StringProperty("")
    most_letters = NumericProperty(0)  # what the row would hold if each name were as long as the longest
    letter_size = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_choose")
        self._buttons: dict[str, PlaceButton] = {}
        super().__init__(**properties)

    def offer(self, places: Mapping[str, tuple[str, str]]) -> None:
        """Offer these places, each with the name of its icon and its own."""
        self.ids.row.clear_widgets()
        self._buttons = {
            place: PlaceButton(place=place, icon=icon, text=words) for place, (icon, words) in places.items()
        }
        for button in self._buttons.values():
            self.bind(letter_size=button.setter("letter_size"))
            button.bind(on_release=lambda button: self.dispatch("on_choose", button.place))
            self.ids.row.add_widget(button)
        self.most_letters = len(places) * max((len(words) for _icon, words in places.values()), default=0)
        self._mark()

    def announce(self, place: str, waiting: int) -> None:
        """Say how many things wait in a place."""
        if place in self._buttons:
            self._buttons[place].waiting = waiting

    def on_current(self, *_: Any) -> None:
        self._mark()

    def on_choose(self, place: str) -> None:
        """The shell listens."""

    def _mark(self) -> None:
        for place, button in self._buttons.items():
            button.chosen = place == self.current
