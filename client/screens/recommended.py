"""What suits one's taste, in a row that is pushed sideways (docs/product.md C5)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from client.net.values import Card
from client.theme.rules import load_rules
from client.widgets import focus, panel, picture, text
from client.widgets.focus import Reachable
from client.widgets.panel import Fold
from client.widgets.picture import Pictures
from client.widgets.wording import in_letters

load_rules(__file__, focus, panel, picture, text)


class SmallCard(Reachable, ButtonBehavior, BoxLayout):
    """A card's picture and name."""

    item_id = StringProperty("")
    title = StringProperty("")
    url = StringProperty("")
    blurhash = StringProperty("")
    pictures = ObjectProperty(None, allownone=True)


class RecommendedRow(Fold):
    """As many cards as there are; `on_choose(item_id)` tells which one was pressed."""

    def __init__(self, **properties: Any) -> None:
        self._shown: tuple[Card, ...] = ()
        self.register_event_type("on_choose")
        super().__init__(**properties)

    def on_choose(self, item_id: str) -> None:
        """The screen listens."""

    def show(self, cards: Sequence[Card], pictures: Pictures) -> None:
        """Show exactly these, in this order."""
        if tuple(cards) == self._shown:
            return
        self._shown = tuple(cards)
        self.ids.cards.clear_widgets()
        self.ids.scroll.scroll_x = 0
        for card in cards:
            small = SmallCard(
                item_id=card.id,
                title=in_letters(card.title),
                url=card.image_url,
                blurhash=card.blurhash,
                pictures=pictures,
            )
            small.bind(on_release=lambda pressed: self.dispatch("on_choose", pressed.item_id))
            self.ids.cards.add_widget(small)
