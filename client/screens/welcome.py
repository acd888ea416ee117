"""Welcome, log in and register: one screen, one flow."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from client.screens.base import AppScreen
from client.store.state import Auth
from client.theme.rules import load_rules
from client.widgets import fields

load_rules(__file__, fields)

MISSING_PASSWORD = "Your password is missing."  # noqa: S105  (a sentence about passwords)


class WelcomeScreen(AppScreen):
    """Two forms in one; what the server says about a field stands under that field."""

    registering = BooleanProperty(False)
    busy = BooleanProperty(False)
    error = StringProperty("")
    email_error = StringProperty("")
    password_error = StringProperty("")
    name_error = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.auth, self._show)

    def switch(self, registering: bool) -> None:
        """Go to the other form; what was typed stays, what was wrong with it goes."""
        self.registering = registering
        self._show(Auth(status="signed_out"))

    def submit(self) -> None:
        """Send the form, unless it is plain that the server would refuse it."""
        if self.busy:
            return
        email, password, name = (self.ids[field].text for field in ("email", "password", "display_name"))
        self._show(Auth(status="signed_out"))
        if not self._complete(email, password, name):
            return
        if self.registering:
            self.ports.commands.register(email.strip(), password, name.strip())
        else:
            self.ports.commands.log_in(email.strip(), password)

    def _complete(self, email: str, password: str, name: str) -> bool:
        if "@" not in email.strip(" @"):
            self.email_error = "Your e-mail address, like ana@example.com."
        if not password:
            self.password_error = MISSING_PASSWORD
        if self.registering and not name.strip():
            self.name_error = "What should your friends see?"
        return not (self.email_error or self.password_error or self.name_error)

    def _show(self, auth: Auth) -> None:
        self.busy = auth.status == "signing_in"
        self.email_error = auth.field_errors.get("email", "")
        self.password_error = auth.field_errors.get("password", "")
        self.name_error = auth.field_errors.get("display_name", "")
        at_a_field = self.email_error or self.password_error or self.name_error
        self.error = "" if at_a_field else (auth.error or "")
