"""Me: everything that is about the user and this app, each a row that leads on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, StringProperty

from client.screens.base import AppScreen
from client.screens.credentials import NO_WAY_BACK
from client.screens.table import SCREENS
from client.store.state import User
from client.theme.rules import load_rules
from client.widgets import people, top_bar
from client.widgets.buttons import RowButton
from client.widgets.people import tint_of
from client.widgets.wording import in_letters
from client.words import _, marked

load_rules(__file__, people, top_bar)


@dataclass(frozen=True, slots=True)
class Entry:
    """A row: the screen it opens, its icon, its words."""

    screen: str
    icon: str
    words: str


# Rows of screens that there are none of (`client.screens.table`) are left out.
PARTS: dict[str, tuple[Entry, ...]] = {
    "kitchen": (
        Entry("favourites", "heart-outline", marked("Favourites")),
        Entry("shopping", "cart-outline", marked("Shopping list")),
        Entry("history", "history", marked("History")),
        Entry("notifications", "bell-outline", marked("Notifications")),
    ),
    "person": (
        Entry("profile", "account-outline", marked("Profile")),
        Entry("preferences", "food-off-outline", marked("Diet and preferences")),
        Entry("account", "key-outline", marked("Account and devices")),
        Entry("privacy", "shield-account-outline", marked("Privacy and your data")),
    ),
    "app": (Entry("settings", "cog-outline", marked("Settings")),),
}


class MeScreen(AppScreen):
    """The first screen of the place Me."""

    name_shown = StringProperty("")
    about = StringProperty("")
    tint = ColorProperty()
    guest = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        for part, entries in PARTS.items():
            for entry in entries:
                if entry.screen in SCREENS:
                    self.ids[part].add_widget(self._row(entry))
        self.watch(lambda state: state.auth.user, self._show_user)
        self.watch(lambda state: state.people.unread, self._show_unread)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        if not self.guest:
            # How many are unread comes with them.
            self.ports.people.load_inbox()

    def ask_log_out(self) -> None:
        """Log out, after a question."""
        words = _(NO_WAY_BACK) if self.guest else _("You can come back any time, the way you came in.")
        self.dispatch("on_ask", _("Log out?"), words, _("Log out"), self.ports.commands.log_out)

    def _row(self, entry: Entry) -> RowButton:
        row = RowButton(icon=entry.icon, text=_(entry.words))
        row.bind(on_release=lambda _row: self.dispatch("on_open", entry.screen))
        # For who looks for the row of a screen: it bears its name.
        self.ids[entry.screen] = row.proxy_ref
        return row

    def _show_unread(self, unread: int) -> None:
        self.ids["notifications"].count = unread

    def _show_user(self, user: User | None) -> None:
        if user is not None:
            self.name_shown, self.tint = in_letters(user.display_name), tint_of(user.id)
            self.guest = user.guest
            self.about = user.email or _("Here as a guest")
