"""Which kinds of notifications one wants (docs/product.md M5)."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from client.screens.fetched import FetchedScreen
from client.screens.notifications import SIGNS
from client.store.listing import Fetched
from client.theme.rules import load_rules
from client.widgets import buttons, focus, panel, states, top_bar
from client.widgets.focus import Reachable
from client.words import _, marked

load_rules(__file__, buttons, focus, panel, states, top_bar)

# What there is to be told, in the order of how often it is; each as whoever gets it would say it.
KINDS: dict[str, str] = {
    "session_started": marked("A group of mine starts dinner"),
    "group_joined": marked("Somebody joins a group of mine"),
    "group_owned": marked("A group is mine to look after"),
    "group_removed": marked("I am shown out of a group"),
    "group_deleted": marked("A group of mine is deleted"),
}


class KindRow(Reachable, ButtonBehavior, BoxLayout):
    """One kind; `wanted` as long as the user gets it."""

    kind = StringProperty("")
    icon = StringProperty("bell-outline")
    words = StringProperty("")
    wanted = BooleanProperty(True)


class NotificationSettingsScreen(FetchedScreen):
    """A tick for each kind. It shows at once, and goes back where the server refuses."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        for kind, words in KINDS.items():
            row = KindRow(kind=kind, icon=SIGNS.get(kind, "bell-outline"), words=_(words))
            row.bind(on_release=lambda row: self.ports.people.mute(row.kind, bool(row.wanted)))
            self.ids.kinds.add_widget(row)
        self.watch(lambda state: state.people.muted, self._show)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ports.people.load_muted()

    def _show(self, muted: Fetched[frozenset[str]]) -> None:
        self.show_status(muted)
        if muted.thing is None:
            return
        for row in self.ids.kinds.children:
            row.wanted = row.kind not in muted.thing
