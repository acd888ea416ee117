"""What one's sessions decided, newest first (docs/product.md M4)."""

from __future__ import annotations

from typing import Any

from client.net.people_values import HistoryEntry
from client.screens.base import AppScreen
from client.screens.decisions import decision_row
from client.store.people.state import People
from client.theme.rules import load_rules
from client.widgets import listing_view, top_bar
from client.words import _

load_rules(__file__, listing_view, top_bar)


class HistoryScreen(AppScreen):
    """A list that leads to what one thinks of each evening."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.watch(lambda state: state.people, self._show)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        self.ports.people.load_history()

    def _show(self, people: People) -> None:
        def as_row(entry: HistoryEntry) -> dict[str, object]:
            row = decision_row(entry.decision, self.ports, entry.group_name)
            return row | _opinion(entry, people)

        self.ids.list.show(people.history, as_row)


def _opinion(entry: HistoryEntry, people: People) -> dict[str, object]:
    session_id = entry.decision.id
    if session_id in people.due and session_id not in people.followed:
        cooked = entry.decision.card is None or entry.decision.card.kind == "recipe"
        return {"subtitle": _("Did you cook it?") if cooked else _("Did you go?"), "asks": True}
    rating = entry.opinion.rating
    return {"rating": rating or 0, "noted": bool(entry.opinion.note)}
