"""Diet, allergies and the look of the app."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from client.net.values import Preferences, User
from client.screens.base import AppScreen
from client.theme.rules import load_rules
from client.widgets import chips

load_rules(__file__, chips)

# docs/product.md C, "Dietary tags"; the order is the one in which people look for theirs.
DIETARY_TAGS = (
    "vegetarian", "vegan", "pescatarian", "gluten-free", "dairy-free",
    "halal", "kosher", "keto", "paleo", "high-protein",
)  # fmt: skip
# The 14 of EU regulation 1169/2011, by the names that the API uses.
ALLERGENS = (
    "gluten", "crustaceans", "eggs", "fish", "peanuts", "soybeans", "milk",
    "nuts", "celery", "mustard", "sesame", "sulphites", "lupin", "molluscs",
)  # fmt: skip


class PreferencesScreen(AppScreen):
    """What this user can eat, and how the app looks on this device."""

    dietary_options = ListProperty(DIETARY_TAGS)
    allergy_options = ListProperty(ALLERGENS)
    loaded = BooleanProperty(False)
    saving = BooleanProperty(False)
    changed = BooleanProperty(False)
    dietary = ListProperty()
    allergies = ListProperty()
    look = StringProperty("light")
    calm = BooleanProperty(False)
    guest = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self._known: Preferences | None = None
        super().__init__(**properties)
        self.watch(lambda state: state.preferences, self._show)
        self.watch(lambda state: state.busy, self._show_busy)
        self.watch(lambda state: state.auth.user, self._show_user)
        self.bind(dietary=self._compare, allergies=self._compare)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        look = self.ports.appearance.look
        self.look, self.calm = ("dark" if look.dark else "light"), look.reduced_motion
        self.ports.commands.load_preferences()

    def choose_look(self, look: str) -> None:
        """Light or dark, at once."""
        self.look = look
        self.ports.appearance.choose(dark=look == "dark")

    def choose_calm(self, calm: bool) -> None:
        """More motion or less, at once."""
        self.calm = calm
        self.ports.appearance.choose(reduced_motion=calm)

    def save(self) -> None:
        """Send diet and allergies; everything else in the preferences stays as it is."""
        if self._known is not None:
            self.ports.commands.save_preferences(self._edited(self._known))

    def go_back(self) -> bool:
        self.dispatch("on_back")
        return True

    def _edited(self, known: Preferences) -> Preferences:
        return replace(known, dietary=tuple(self.dietary), allergies=tuple(self.allergies))

    def _show(self, preferences: Preferences | None) -> None:
        self._known = preferences
        self.loaded = preferences is not None
        if preferences is not None:
            self.dietary, self.allergies = list(preferences.dietary), list(preferences.allergies)
        self._compare()

    def _show_user(self, user: User | None) -> None:
        self.guest = user is not None and user.guest

    def _show_busy(self, busy: frozenset[str]) -> None:
        self.saving = "save_preferences" in busy

    def _compare(self, *_: Any) -> None:
        known = self._known
        self.changed = known is not None and (
            set(self.dietary) != set(known.dietary) or set(self.allergies) != set(known.allergies)
        )
