"""The account that a guest keeps: an address and a password, and everything stays (docs/product.md A3)."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from client.screens.accepting import texts_to_accept
from client.screens.base import AppScreen
from client.screens.credentials import email_error, password_error
from client.store.state import Auth
from client.theme.rules import load_rules
from client.widgets import fields, reading

load_rules(__file__, fields, reading)


class ClaimScreen(AppScreen):
    """Shown while the store has a wish for an account; `reason` is why, if not the guest wished it."""

    reason = StringProperty("")
    busy = BooleanProperty(False)
    error = StringProperty("")
    email_error = StringProperty("")
    password_error = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.account_wish, self._explain)
        self.watch(lambda state: state.auth, self._show)
        self.watch(lambda state: "claim" in state.busy, self._show_busy)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ports.commands.load_texts()

    def read_texts(self) -> None:
        """Show what one accepts by going on."""
        self.dispatch("on_read", *texts_to_accept(self.ports))

    def on_leave(self, *_: Any) -> None:
        """A password is not left lying around."""
        self.ids.password.text = ""

    def submit(self) -> None:
        """Send the form, unless it is plain that the server would refuse it."""
        if self.busy:
            return
        email, password = self.ids.email.text, self.ids.password.text
        self.email_error, self.password_error, self.error = email_error(email), password_error(password), ""
        if not (self.email_error or self.password_error):
            self.ports.commands.claim(email.strip(), password)

    def go_back(self) -> bool:
        self.ports.commands.drop_account_wish()
        return True

    def _explain(self, reason: str | None) -> None:
        self.reason = reason or ""

    def _show(self, auth: Auth) -> None:
        self.email_error = auth.field_errors.get("email", "")
        self.password_error = auth.field_errors.get("password", "")
        self.error = "" if self.email_error or self.password_error else (auth.error or "")

    def _show_busy(self, busy: bool) -> None:
        self.busy = busy
