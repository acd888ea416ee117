"""Home: start a session, or join one."""

from __future__ import annotations

import time
from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from client.screens.base import AppScreen
from client.store.state import User
from client.theme.rules import load_rules
from client.widgets import fields
from client.widgets.wording import greeting

load_rules(__file__, fields)

NO_WAY_BACK = "As a guest you could not log in again. Keep your account first if you want to come back."


class HomeScreen(AppScreen):
    """What's for dinner?"""

    hello = StringProperty("")
    guest = BooleanProperty(False)
    unconfirmed = StringProperty("")
    asking = BooleanProperty(False)
    menu = StringProperty("both")
    creating = BooleanProperty(False)
    joining = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.auth.user, self._greet)
        self.watch(lambda state: state.busy, self._show_busy)
        self.watch(lambda state: state.invitation, self._fill_in)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ports.commands.refresh_user()

    def create(self) -> None:
        """Open a session with the chosen menu."""
        self.ports.commands.create_session(self.menu)

    def join(self) -> None:
        """Join the session whose code was typed."""
        if self.ids.code.complete:
            self.ports.commands.join_session(self.ids.code.text)

    def ask_log_out(self) -> None:
        """Log out, after a question."""
        words = NO_WAY_BACK if self.guest else "You can come back any time, the way you came in."
        self.dispatch("on_ask", "Log out?", words, "Log out", self.ports.commands.log_out)

    def _greet(self, user: User | None) -> None:
        if user is not None:
            self.hello = greeting(time.localtime(self.ports.now()).tm_hour, user.display_name)
            self.guest = user.guest
            self.unconfirmed = (user.email or "") if user.has_to_confirm else ""

    def _fill_in(self, code: str) -> None:
        self.ids.code.text = code

    def _show_busy(self, busy: frozenset[str]) -> None:
        self.creating = "create_session" in busy
        self.joining = "join_session" in busy
        self.asking = "ask_to_confirm" in busy
