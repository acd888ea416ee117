"""The sheet with what narrows a search; it tells its wishes only when they are to hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty

from client.net.kitchen_values import CatalogueQuery
from client.net.values import Location
from client.screens.preferences import DIETARY_TAGS
from client.theme.rules import load_rules
from client.widgets import buttons, chips, panel, sheet, text
from client.widgets.sheet import Sheet
from client.widgets.wording import minutes_text

load_rules(__file__, buttons, chips, panel, sheet, text)

# Cuisines are free words in the catalogue; these are the ones most of it belongs to.
CUISINES = (
    "American", "Italian", "Indian", "Mexican", "Middle Eastern", "Chinese", "French", "Japanese", "Greek",
    "Spanish", "Korean", "Thai", "Vietnamese", "Lebanese", "Caribbean", "Moroccan", "West African",
)  # fmt: skip
MINUTES = {minutes_text(minutes): minutes for minutes in (15, 30, 45, 60)}
DIFFICULTIES = ("easy", "medium", "hard")
PRICES = ("$", "$$", "$$$", "$$$$")


class FilterSheet(Sheet):
    """Shows the filters of a query; `on_filter(query)` wants what the user has made of them.

    `home` is where the user lives, if they have said so.
    """

    recipes = BooleanProperty(True)
    cuisine_options = ListProperty(CUISINES)
    diet_options = ListProperty(DIETARY_TAGS)
    minutes_options = ListProperty(MINUTES)
    difficulty_options = ListProperty(DIFFICULTIES)
    price_options = ListProperty(PRICES)
    minutes = StringProperty("")
    near_me = BooleanProperty(False)
    home: Location | None = ObjectProperty(None, allownone=True)
    query = ObjectProperty(CatalogueQuery())

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_filter")
        super().__init__(**properties)

    def ask(self, query: CatalogueQuery) -> None:
        """Come up with what holds now."""
        self.query = query
        self.recipes = query.kind == "recipe"
        self._fill(query)
        self.ids.scroll.scroll_y = 1
        self.show()

    def clear(self) -> None:
        """Narrow nothing but by words; it holds once it is applied."""
        self._fill(CatalogueQuery())

    def apply(self) -> None:
        """Let it hold."""
        minutes = next(iter(self.ids.minutes.chosen), "")
        wanted = replace(
            self.query,
            cuisines=tuple(self.ids.cuisines.chosen),
            diets=tuple(self.ids.diets.chosen),
            max_minutes=MINUTES.get(minutes),
            difficulties=tuple(self.ids.difficulties.chosen),
            prices=tuple(PRICES.index(sign) + 1 for sign in self.ids.prices.chosen),
            near=self.home if self.near_me else None,
        )
        self.close()
        self.dispatch("on_filter", wanted)

    def limit(self, group: chips.ChipGroup, chosen: list[str]) -> None:
        """There is one limit at most: the newest."""
        if len(chosen) > 1:
            group.chosen = [option for option in chosen if option != self.minutes]
        else:
            self.minutes = next(iter(chosen), "")

    def on_filter(self, query: CatalogueQuery) -> None:
        """The screen listens."""

    def _fill(self, query: CatalogueQuery) -> None:
        self.ids.cuisines.chosen = list(query.cuisines)
        self.ids.diets.chosen = list(query.diets)
        self.minutes = minutes_text(query.max_minutes) if query.max_minutes else ""
        self.ids.minutes.chosen = [self.minutes] if self.minutes else []
        self.ids.difficulties.chosen = list(query.difficulties)
        self.ids.prices.chosen = [PRICES[price - 1] for price in query.prices]
        self.near_me = query.near is not None
