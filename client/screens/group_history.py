"""All that a group has decided, newest first (docs/product.md G3)."""

from __future__ import annotations

from typing import Any

from client.net.people_values import Decision
from client.screens.base import AppScreen
from client.screens.decisions import decision_row
from client.store.listing import Listing
from client.store.people.state import OpenGroup
from client.theme.rules import load_rules
from client.widgets import listing_view, top_bar

load_rules(__file__, listing_view, top_bar)


class GroupHistoryScreen(AppScreen):
    """Its argument is the group's id; a row leads to the recipe or restaurant."""

    def __init__(self, **properties: Any) -> None:
        self._decisions: dict[str, Decision] = {}
        super().__init__(**properties)
        self.watch(lambda state: state.people.open_group, self._show)

    def on_pre_enter(self, *_: Any) -> None:
        super().on_pre_enter()
        opened = self.ports.store.state.people.open_group
        if opened is None or opened.id != self.argument:
            self.ports.people.open_group(self.argument)

    def open_decision(self, session_id: str) -> None:
        """Show what it was."""
        decision = self._decisions.get(session_id)
        if decision is not None and decision.card is not None:
            self.dispatch("on_open", decision.card.kind, decision.card.id)

    def _show(self, opened: OpenGroup | None) -> None:
        mine = opened is not None and opened.id == self.argument
        decisions = opened.decisions if opened is not None and mine else Listing[Decision]()
        self._decisions = {decision.id: decision for decision in decisions.rows}
        self.ids.list.show(decisions, lambda decision: decision_row(decision, self.ports))
