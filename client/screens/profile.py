"""One's name and address; guests are shown the way to an account (docs/product.md A3, A5)."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, StringProperty

from client.screens.base import AppScreen
from client.store.people.state import NameForm
from client.store.state import User
from client.theme.rules import load_rules
from client.widgets import buttons, fields, people, top_bar
from client.widgets.people import tint_of
from client.widgets.wording import in_letters
from client.words import _

load_rules(__file__, buttons, fields, people, top_bar)


class ProfileScreen(AppScreen):
    """How the others see the user."""

    name_shown = StringProperty("")
    name_kept = StringProperty("")
    name_error = StringProperty("")
    tint = ColorProperty()
    email = StringProperty("")
    confirmed = BooleanProperty(True)
    guest = BooleanProperty(False)
    pro = BooleanProperty(False)
    changed = BooleanProperty(False)
    saving = BooleanProperty(False)
    asking = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.auth.user, self._show_user)
        self.watch(lambda state: state.people.name_form, self._show_form)
        self.watch(lambda state: state.busy, self._show_busy)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        # What was wrong the last time one was here is over, and what was typed then.
        self.name_error, self.ids.name.text = "", self.name_kept
        self.ports.commands.refresh_user()

    def weigh_name(self) -> None:
        """See whether another name was typed."""
        self.changed = self.ids.name.text.strip() != self.name_kept

    def save(self) -> None:
        """Be called what was typed."""
        name = self.ids.name.text.strip()
        self.name_error = "" if name else _("What shall the others call you?")
        if name and self.changed and not self.saving:
            self.ports.people.rename_self(name)

    def _show_user(self, user: User | None) -> None:
        if user is None:
            return
        untouched = not self.changed or self.ids.name.text.strip() == user.display_name
        self.name_kept, self.name_shown = user.display_name, in_letters(user.display_name)
        if untouched:
            self.ids.name.text = user.display_name
        self.weigh_name()
        self.tint, self.email, self.confirmed = tint_of(user.id), user.email or "", not user.has_to_confirm
        self.guest, self.pro = user.guest, user.tier == "pro"

    def _show_form(self, form: NameForm) -> None:
        self.name_error = form.error

    def _show_busy(self, busy: frozenset[str]) -> None:
        self.saving = "rename_self" in busy
        self.asking = "ask_to_confirm" in busy
