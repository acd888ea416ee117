"""Diet and allergies."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, StringProperty

from client.net.values import Consent, ConsentText, Preferences, User
from client.screens.base import AppScreen
from client.theme.rules import load_rules
from client.widgets import chips
from client.widgets.reading import words_of
from client.words import _, marked

load_rules(__file__, chips)

DELETE_TITLE = marked("Delete your diet and allergies?")
DELETE_WORDS = marked(
    "They go at once, and cards are no longer left out for you. You can agree again whenever you like."
)

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
    """What this user can eat."""

    dietary_options = ListProperty(DIETARY_TAGS)
    allergy_options = ListProperty(ALLERGENS)
    loaded = BooleanProperty(False)
    saving = BooleanProperty(False)
    changed = BooleanProperty(False)
    dietary = ListProperty()
    allergies = ListProperty()
    guest = BooleanProperty(False)
    consent_known = BooleanProperty(False)
    looking_up = BooleanProperty(False)
    agreed = BooleanProperty(False)
    agreeing = BooleanProperty(False)
    withdrawing = BooleanProperty(False)
    anything_kept = BooleanProperty(False)
    question = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        self._known: Preferences | None = None
        super().__init__(**properties)
        self.watch(lambda state: state.preferences, self._show)
        self.watch(lambda state: state.busy, self._show_busy)
        self.watch(lambda state: state.auth.user, self._show_user)
        self.watch(lambda state: state.texts.get("special_category"), self._show_text)
        self.watch(lambda state: state.diet_consent, self._show_consent)
        self.bind(dietary=self._compare, allergies=self._compare, agreed=self._compare)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ports.commands.load_preferences()
        self.ports.commands.load_diet_consent()

    def ask_withdraw(self) -> None:
        """Take the consent back, after a question: what was kept is gone then."""
        withdraw = self.ports.commands.withdraw_diet
        self.dispatch("on_ask", _(DELETE_TITLE), _(DELETE_WORDS), _("Delete"), withdraw, _("Keep them"))

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
        self._show_known()
        self._compare()

    def _show_known(self) -> None:
        known = self._known or Preferences()
        self.dietary, self.allergies = list(known.dietary), list(known.allergies)
        self.anything_kept = bool(known.dietary or known.allergies)

    def _show_text(self, text: ConsentText | None) -> None:
        self.question = words_of(text.text) if text is not None else ""

    def _show_consent(self, consent: Consent | None) -> None:
        self.consent_known = consent is not None
        self.agreed = consent is not None and consent.up_to_date
        if not self.agreed:
            # What was chosen and not saved cannot be saved any more.
            self._show_known()

    def _show_user(self, user: User | None) -> None:
        self.guest = user is not None and user.guest

    def _show_busy(self, busy: frozenset[str]) -> None:
        self.saving = "save_preferences" in busy
        self.looking_up = "load_diet_consent" in busy
        self.agreeing = "agree_to_diet" in busy
        self.withdrawing = "withdraw_diet" in busy

    def _compare(self, *_: Any) -> None:
        known = self._known
        self.changed = (
            known is not None
            and self.agreed
            and (set(self.dietary) != set(known.dietary) or set(self.allergies) != set(known.allergies))
        )
