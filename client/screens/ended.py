"""A session that is over without an outcome."""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty

from client.screens.base import AppScreen
from client.store.state import Session
from client.theme.rules import load_rules
from client.words import _, marked

load_rules(__file__)

WORDS = {
    "expired": (
        "sleepy",
        marked("This session fell asleep"),
        marked("Nobody swiped for a while, so it ended. Start another any time."),
    ),
    "closed": (
        "closed",
        marked("This session is over"),
        marked("It was closed before anything was decided."),
    ),
}


class EndedScreen(AppScreen):
    """Says what happened and leads home."""

    art = StringProperty("closed")
    title = StringProperty("")
    words = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.session, self._show)

    def done(self) -> None:
        """Back home."""
        self.ports.commands.close_session()

    def go_back(self) -> bool:
        self.done()
        return True

    def _show(self, session: Session | None) -> None:
        if session is not None and session.status in WORDS:
            self.art, title, words = WORDS[session.status]
            self.title, self.words = _(title), _(words)
