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


class HomeScreen(AppScreen):
    """What's for dinner?"""

    hello = StringProperty("")
    initial = StringProperty("")
    menu = StringProperty("both")
    creating = BooleanProperty(False)
    joining = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.auth.user, self._greet)
        self.watch(lambda state: state.busy, self._show_busy)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ids.code.text = ""

    def create(self) -> None:
        """Open a session with the chosen menu."""
        self.ports.commands.create_session(self.menu)

    def join(self) -> None:
        """Join the session whose code was typed."""
        if self.ids.code.complete:
            self.ports.commands.join_session(self.ids.code.text)

    def ask_log_out(self) -> None:
        """Log out, after a question."""
        self.dispatch(
            "on_ask",
            "Log out?",
            "You can come back any time with your e-mail address and password.",
            "Log out",
            self.ports.commands.log_out,
        )

    def _greet(self, user: User | None) -> None:
        if user is not None:
            self.hello = greeting(time.localtime(self.ports.now()).tm_hour, user.display_name)
            self.initial = user.display_name[:1].upper()

    def _show_busy(self, busy: frozenset[str]) -> None:
        self.creating = "create_session" in busy
        self.joining = "join_session" in busy
