"""Home: start a session, join one, meet one's groups."""

from __future__ import annotations

import time
from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, StringProperty

from client.screens import groups
from client.screens.base import AppScreen
from client.screens.credentials import NO_WAY_BACK
from client.store.group_reducer import SessionInvitation, session_invitations
from client.store.state import User
from client.theme.rules import load_rules
from client.widgets import fields, invitations
from client.widgets.wording import greeting

load_rules(__file__, fields, groups, invitations)


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

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.auth.user, self._greet)
        self.watch(lambda state: state.busy, self._show_busy)
        self.watch(lambda state: state.invitation, self._fill_in)
        self.watch(lambda state: state.groups, self.ids.groups.show)
        self.watch(lambda state: state.group_invitation, self.ids.groups.invite)
        self.watch(session_invitations, self._invite)
        self.ids.groups.bind(form=self._bring_into_view)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ports.commands.refresh_user()
        self.ports.commands.load_groups()

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

    def go_back(self) -> bool:
        opened = bool(self.ids.groups.form)
        self.ids.groups.put_off()
        return opened

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

    def _bring_into_view(self, panel: groups.GroupsPanel, form: str) -> None:
        if form:
            # Once the form has its place.
            Clock.schedule_once(lambda _: self.ids.scroll.scroll_to(panel), 0.1)

    def _show_busy(self, busy: frozenset[str]) -> None:
        self.creating = "create_session" in busy
        self.joining = "join_session" in busy
        self.asking = "ask_to_confirm" in busy
        self.entering = "join_invitation" in busy
        self.ids.groups.show_busy(busy)
