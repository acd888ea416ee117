"""What the server has recorded about the user, newest first (docs/product.md P5)."""

from __future__ import annotations

from typing import Any

from client.net.privacy_values import RecordedEvent
from client.screens.base import AppScreen
from client.screens.privacy_words import event_details, event_title
from client.store.listing import Listing
from client.theme.rules import load_rules
from client.widgets import listing_view, top_bar

load_rules(__file__, listing_view, top_bar)

SIGNS = {"auth": "key-outline", "compliance": "shield-account-outline", "groups": "account-group-outline"}


class PrivacyRecordScreen(AppScreen):
    """Lies on top of the one about privacy."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.privacy.record, self._show)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ports.privacy.load_record()

    def _show(self, record: Listing[RecordedEvent]) -> None:
        self.ids.list.show(record, _row)


def _row(event: RecordedEvent) -> dict[str, object]:
    sign = SIGNS.get(event.action.partition(".")[0], "information")
    return {
        "key": f"{event.at} {event.action}",
        "sign": "alert-circle" if event.outcome != "done" else sign,
        "title": event_title(event),
        "subtitle": event_details(event),
        "leads": False,
    }
