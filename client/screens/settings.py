"""Settings: how this device shows the app, and which server it talks to."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from client.screens.base import AppScreen
from client.store.settings.state import LARGEST_TEXT, SMALLEST_TEXT, Look, ServerCheck, Settings
from client.theme.rules import load_rules
from client.widgets import fields, top_bar
from client.widgets.buttons import Chip
from client.words import ENGLISH, _, languages

load_rules(__file__, fields, top_bar)

TEXT_STEP = 25  # percent
AS_THE_SYSTEM = ""  # no language of one's own, as the settings keep it
# Each language by its own name: who looks for theirs can read it.
LANGUAGE_NAMES = {ENGLISH: "English", "de": "Deutsch"}


class SettingsScreen(AppScreen):
    """Every choice holds at once; another server is looked at first."""

    look = StringProperty("system")
    calm = BooleanProperty(False)
    percent = NumericProperty(SMALLEST_TEXT)
    smallest = BooleanProperty(True)
    largest = BooleanProperty(False)
    several_languages = BooleanProperty(len(languages()) > 1)
    server = StringProperty("")
    reports_go_to = StringProperty("")
    asking = BooleanProperty(False)
    server_error = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        for tag in (AS_THE_SYSTEM, *languages()):
            chip = Chip(text=LANGUAGE_NAMES.get(tag, tag) if tag else _("As the system"), value=tag)
            chip.bind(on_release=lambda chip: self.ports.settings.choose_language(chip.value))
            self.ids.languages.add_widget(chip)
        self.watch(lambda state: state.settings, self._show)
        self.watch(lambda state: state.settings.check, self._show_check)

    def on_pre_enter(self, *_: Any) -> None:
        self.ports.settings.drop_server_check()
        self.ids.address.text = ""
        super().on_pre_enter()
        self.ports.settings.look_around()

    def choose_look(self, look: Look) -> None:
        """Light, dark, or as the system is."""
        self.ports.settings.choose_look(look)

    def choose_calm(self, calm: bool) -> None:
        """Less motion, or all of it."""
        self.ports.settings.choose_reduced_motion(calm)

    def change_text(self, steps: int) -> None:
        """Larger text, or smaller."""
        self.ports.settings.choose_text_percent(round(self.percent) + steps * TEXT_STEP)

    def check_server(self) -> None:
        """Look whether a DinDin server answers at the address that was typed."""
        typed = self.ids.address.text.strip()
        if typed and not self.asking:
            self.ports.settings.check_server(typed)

    def _show(self, settings: Settings) -> None:
        chosen = settings.chosen
        self.look, self.calm, self.percent = chosen.look, chosen.reduced_motion, chosen.text_percent
        self.smallest, self.largest = self.percent <= SMALLEST_TEXT, self.percent >= LARGEST_TEXT
        self.server, self.reports_go_to = settings.server, settings.reports_go_to
        for chip in self.ids.languages.children:
            chip.chosen = chip.value == chosen.language

    def _show_check(self, check: ServerCheck) -> None:
        self.asking = check.status == "asking"
        self.server_error = check.error
        if check.status == "found":
            self._ask_to_move(check.address)

    def _ask_to_move(self, address: str) -> None:
        words = _("You are logged out here, and log in again or make an account there.")
        self.dispatch(
            "on_ask",
            _("Change to {server}?").format(server=address),
            words,
            _("Change"),
            lambda: self.ports.settings.move_to_server(address),
        )
