"""What one can do about what was decided: read on, find the place, reserve (docs/product.md M1, M2)."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.stacklayout import StackLayout
from kivy.utils import platform

from client.net.kitchen_values import Restaurant
from client.net.values import Card
from client.screens.restaurant_words import maps_link, page_link, phone_link
from client.theme.rules import load_rules
from client.widgets import buttons, panel, text
from client.widgets.buttons import Pressable

load_rules(__file__, buttons, panel, text)


class OutcomeButton(Pressable):
    """A little button as wide as its words."""


class OutcomeActions(StackLayout):
    """For `card`: `on_details()` wants to read all about it, `on_link(address)` a map, or to reserve.

    `place` is the whole restaurant, once it is known; only then is it clear where it is and how to reserve.
    """

    card: Card | None = ObjectProperty(None, allownone=True)
    place: Restaurant | None = ObjectProperty(None, allownone=True)
    is_recipe = BooleanProperty(True)
    reservation = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_details")
        self.register_event_type("on_link")
        super().__init__(**properties)

    def on_card(self, _actions: OutcomeActions, card: Card | None) -> None:
        self.is_recipe = card is None or card.kind == "recipe"

    def on_place(self, _actions: OutcomeActions, place: Restaurant | None) -> None:
        self.reservation = page_link(place.reservation_url) or phone_link(place.phone) if place else ""

    def open_map(self) -> None:
        """Show where it is."""
        if self.place is not None:
            self.dispatch("on_link", maps_link(self.place, platform))

    def on_details(self) -> None:
        """The screen listens."""

    def on_link(self, address: str) -> None:
        """The screen listens."""
