"""Home, the place Tonight: start a session, join one, go back into one, and what was decided last."""

from __future__ import annotations

import time
from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from client.net.people_values import Decision, HistoryEntry, RunningSession
from client.screens import decisions, running
from client.screens.base import AppScreen
from client.store.group_reducer import SessionInvitation, session_invitations
from client.store.listing import Listing
from client.store.state import User
from client.theme.rules import load_rules
from client.widgets import fields, invitations
from client.widgets.wording import greeting

load_rules(__file__, decisions, fields, invitations, running)


class HomeScreen(AppScreen):
    """What's for dinner?"""

    hello = StringProperty("")
    guest = BooleanProperty(False)
    unconfirmed = StringProperty("")
    asking = BooleanProperty(False)
    menu = StringProperty("both")
    creating = BooleanProperty(False)
    joining = BooleanProperty(False)
    entering = BooleanProperty(False)
    returning = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.auth.user, self._greet)
        self.watch(lambda state: state.busy, self._show_busy)
        self.watch(lambda state: state.invitation, self._fill_in)
        self.watch(session_invitations, self._invite)
        self.watch(lambda state: state.people.running, self._offer_return)
        self.watch(lambda state: state.people.history, self._show_recent)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ports.commands.refresh_user()
        self.ports.commands.load_groups()
        self.ports.people.load_recent()

    def create(self) -> None:
        """Open a session with the chosen menu."""
        self.ports.commands.create_session(self.menu)

    def join(self) -> None:
        """Join the session whose code was typed."""
        if self.ids.code.complete:
            self.ports.commands.join_session(self.ids.code.text)

    def _greet(self, user: User | None) -> None:
        if user is not None:
            self.hello = greeting(time.localtime(self.ports.now()).tm_hour, user.display_name)
            self.guest = user.guest
            self.unconfirmed = (user.email or "") if user.has_to_confirm else ""

    def _fill_in(self, code: str) -> None:
        self.ids.code.text = code

    def _invite(self, invitations: tuple[SessionInvitation, ...]) -> None:
        more = len(invitations) > len(self.ids.invitations.children)
        self.ids.invitations.show(invitations)
        if more:
            # Wherever on the screen the user is: somebody waits for them.
            self.ids.scroll.scroll_y = 1

    def _offer_return(self, sessions: tuple[RunningSession, ...]) -> None:
        user = self.ports.store.state.auth.user
        self.ids.running.show(sessions, "" if user is None else user.display_name)

    def _show_recent(self, history: Listing[HistoryEntry]) -> None:
        rows: tuple[Decision, ...] = tuple(entry.decision for entry in history.rows)
        self.ids.recent.show(
            Listing(rows, history.status, history.error, history.next_page, history.total), self.ports
        )

    def _show_busy(self, busy: frozenset[str]) -> None:
        self.creating = "create_session" in busy
        self.joining = "join_session" in busy
        self.asking = "ask_to_confirm" in busy
        self.entering = "join_invitation" in busy
        self.returning = "open_session" in busy
