"""What one was told, read and unread, newest first; each leads to what it is about (docs/product.md M5)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kivy.metrics import dp
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from client.net.values import Notification
from client.screens.base import AppScreen
from client.store.people.state import People
from client.theme.active import theme
from client.theme.rules import load_rules
from client.told_words import told
from client.widgets import listing_view, top_bar
from client.widgets.measuring import MOST_LINES, height_of
from client.widgets.rows import RecycledRow
from client.widgets.wording import day_text, in_letters

load_rules(__file__, listing_view, top_bar)

SIGNS = {
    "session_started": "silverware-fork-knife",
    "group_joined": "account-plus",
    "group_removed": "account-remove-outline",
    "group_deleted": "account-remove-outline",
    "group_owned": "crown-outline",
}
ABOUT_A_GROUP = frozenset({"group_joined", "group_owned"})
"""Those whose group one is still in, as far as they tell."""


class NotificationRow(RecycledRow, ButtonBehavior, BoxLayout):
    """One of them: its sentence, when, and a dot as long as it is `unread`."""

    sign = StringProperty("bell-outline")
    words = StringProperty("")
    day = StringProperty("")
    unread = BooleanProperty(False)

    @classmethod
    def height_for(cls, row: Mapping[str, Any], width: float) -> float:
        """Sentences are as long as they are."""
        beside = dp(24) * theme.icon_scale * 1.15 + dp(10) + 2 * (theme.edge + theme.medium)
        unread = bool(row["unread"])
        words = height_of(row["words"], width - beside, theme.size_body, MOST_LINES, bold=unread)
        day = height_of(row["day"], width, theme.size_label, 1)
        return float(max(dp(72), words + day + 2 * theme.medium))

    def on_release(self) -> None:
        self.choose()


class NotificationsScreen(AppScreen):
    """The inbox."""

    any_unread = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self._shown: dict[str, Notification] = {}
        super().__init__(**properties)
        self.watch(lambda state: state.people, self._show)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ports.people.load_inbox()

    def open(self, notification_id: str) -> None:
        """Go where it leads; it counts as read from then on."""
        notification = self._shown.get(notification_id)
        if notification is None:
            return
        if not notification.read:
            self.ports.people.mark_read(notification_id)
        about = notification.about
        if notification.kind == "session_started" and "code" in about:
            self.ports.commands.join_session(about["code"])
        elif notification.kind in ABOUT_A_GROUP and "group_id" in about:
            self.dispatch("on_open", "group", about["group_id"])

    def _show(self, people: People) -> None:
        self._shown = {one.id: one for one in people.inbox.rows}
        self.any_unread = people.unread > 0
        self.ids.list.show(people.inbox, self._row)

    def _row(self, notification: Notification) -> dict[str, object]:
        day = day_text(notification.created_at, self.ports.now())
        return {
            "key": notification.id,
            "sign": SIGNS.get(notification.kind, "bell-outline"),
            "words": in_letters(told(notification)),
            "day": day[:1].upper() + day[1:],
            "unread": not notification.read,
        }
