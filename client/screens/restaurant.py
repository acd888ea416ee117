"""A whole restaurant, and what one can do about it: find it, call it, reserve (docs/product.md M1)."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.utils import platform

from client.net.kitchen_values import Restaurant
from client.screens.fetched import FetchedScreen
from client.screens.restaurant_words import maps_link, page_link, phone_link, restaurant_facts, week_of
from client.store.kitchen.state import Kitchen
from client.store.listing import Fetched
from client.theme.rules import load_rules
from client.widgets import card, picture, states, top_bar
from client.words import _

load_rules(__file__, card, picture, states, top_bar)


class DayRow(BoxLayout):
    """When a place is open on one day of the week."""

    day = StringProperty("")
    hours = StringProperty("")


class RestaurantActions(BoxLayout):
    """The buttons for what one can do about a `place`; without one there are none. `on_link(address)` opens one."""

    place: Restaurant | None = ObjectProperty(None, allownone=True)
    reservation = StringProperty("")
    phone = StringProperty("")
    may_call = BooleanProperty(True)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_link")
        super().__init__(**properties)

    def on_place(self, _actions: RestaurantActions, place: Restaurant | None) -> None:
        self.reservation = page_link(place.reservation_url) if place else ""
        self.phone = phone_link(place.phone) if place else ""

    def open_map(self) -> None:
        """Show where it is."""
        if self.place is not None:
            self.dispatch("on_link", maps_link(self.place, platform))

    def on_link(self, address: str) -> None:
        """The screen listens."""


class RestaurantScreen(FetchedScreen):
    """Opened with the restaurant's id."""

    place: Restaurant | None = ObjectProperty(None, allownone=True)
    facts = ObjectProperty(())
    allergy_hint = StringProperty("")
    saved = BooleanProperty(False)
    has_hours = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.kitchen, self._show)

    def on_pre_enter(self, *_: Any) -> None:
        self.ids.scroll.scroll_y = 1
        super().on_pre_enter()
        self.load()

    def load(self) -> None:
        """Read it (again)."""
        self.ports.kitchen.show_restaurant(self.argument)

    def toggle_saved(self) -> None:
        """Make it a favourite, or one no longer."""
        self.ports.kitchen.set_saved("restaurant", self.argument, not self.saved)

    def _show(self, kitchen: Kitchen) -> None:
        known = kitchen.restaurants.get(self.argument, Fetched[Restaurant]())
        self.show_status(known)
        self.saved = kitchen.has_saved(self.argument)
        if known.thing != self.place:
            self._build(known.thing)

    def _build(self, place: Restaurant | None) -> None:
        self.place = place
        self.ids.week.clear_widgets()
        if place is None:
            return
        self.facts = restaurant_facts(place)
        week = week_of(place.hours)
        self.has_hours = bool(week)
        for day, hours in week:
            self.ids.week.add_widget(DayRow(day=day, hours=hours))
        # A restaurant can never promise what a recipe can.
        self.allergy_hint = _("Ask the staff about allergens before you order.")
