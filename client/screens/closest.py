"""No match, but close: the three that came nearest."""

from __future__ import annotations

from typing import Any

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.net.values import Card
from client.screens.base import AppScreen
from client.store.state import Session
from client.theme.rules import load_rules
from client.widgets import card as card_rules
from client.widgets.wording import Fact, facts_of

load_rules(__file__, card_rules)

FACTS_PER_ROW = 2


class RankedCard(BoxLayout):
    """One of the closest: its place, a small picture, and what it is."""

    place = StringProperty("")
    title = StringProperty("")
    subtitle = StringProperty("")
    image_url = StringProperty("")
    blurhash = StringProperty("")
    facts: tuple[Fact, ...] = ObjectProperty(())
    pictures = ObjectProperty(None, allownone=True)


class ClosestScreen(AppScreen):
    """The three cards with the most likes, best first (docs/product.md S11)."""

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
        if session is None or session.outcome is None:
            return
        self.ids.ranking.clear_widgets()
        for place, card in enumerate(session.outcome.items, start=1):
            self.ids.ranking.add_widget(self._row(place, card))

    def _row(self, place: int, card: Card) -> RankedCard:
        return RankedCard(
            place=str(place),
            title=card.title,
            subtitle=card.subtitle,
            image_url=card.image_url,
            blurhash=card.blurhash,
            facts=facts_of(card)[:FACTS_PER_ROW],
            pictures=self.ports.pictures,
        )
