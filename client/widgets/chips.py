"""A group of chips of which any number may be on."""

from __future__ import annotations

from typing import Any

from kivy.properties import ListProperty
from kivy.uix.stacklayout import StackLayout

from client.theme.rules import load_rules
from client.widgets import buttons
from client.widgets.buttons import Chip
from client.widgets.wording import label_of

load_rules(__file__, buttons)


class ChipGroup(StackLayout):
    """Any number of `options` may be on; `chosen` are those that are."""

    options = ListProperty()
    chosen = ListProperty()

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.bind(chosen=self._show)

    def on_options(self, _group: ChipGroup, options: list[str]) -> None:
        self.clear_widgets()
        for option in options:
            chip = Chip(text=label_of(option), value=option)
            chip.bind(on_release=self._toggle)
            self.add_widget(chip)
        self._show()

    def _toggle(self, chip: Chip) -> None:
        on = set(self.chosen) ^ {chip.value}
        self.chosen = [option for option in self.options if option in on]

    def _show(self, *_: Any) -> None:
        for chip in self.children:
            chip.chosen = chip.value in self.chosen
