"""No match, but close: the three that came nearest, and a coin where they share the first place."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from client.net.values import Card, Outcome
from client.screens.base import AppScreen
from client.store.state import Session
from client.theme.rules import load_rules
from client.widgets import card as card_rules
from client.widgets import talk
from client.widgets.focus import Reachable
from client.widgets.wording import Fact, facts_of
from client.words import _

load_rules(__file__, card_rules, talk)

FACTS_PER_ROW = 2


class RankedCard(Reachable, ButtonBehavior, BoxLayout):
    """One of the closest: its place, a small picture, and what it is; `mark` says that it is tied or drawn.

    Pressed it leads to all about it.
    """

    place = StringProperty("")
    mark = StringProperty("")
    drawn = BooleanProperty(False)
    title = StringProperty("")
    subtitle = StringProperty("")
    image_url = StringProperty("")
    blurhash = StringProperty("")
    facts: tuple[Fact, ...] = ObjectProperty(())
    pictures = ObjectProperty(None, allownone=True)


class ClosestScreen(AppScreen):
    """The three cards with the most likes, best first (docs/product.md S11)."""

    session = ObjectProperty(None, allownone=True)
    art = StringProperty("medal")
    title = StringProperty("")
    words = StringProperty("")
    can_toss = BooleanProperty(False)
    tossing = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self._shown: Outcome | None = None
        super().__init__(**properties)
        self.watch(lambda state: state.session, self._show)
        self.watch(lambda state: "toss" in state.busy, self._show_tossing)

    def toss(self) -> None:
        """Let a coin settle the tie."""
        self.ports.commands.toss()

    def done(self) -> None:
        """Back home."""
        self.ports.commands.close_session()

    def go_back(self) -> bool:
        self.done()
        return True

    def _show_tossing(self, tossing: bool) -> None:
        self.tossing = tossing

    def _show(self, session: Session | None) -> None:
        if session is None or session.outcome is None:
            return
        outcome = session.outcome
        self.session = session
        self.art = "medal" if outcome.tossed is None else "coin"
        self.title, self.words = closest_words(session, outcome)
        self.can_toss = session.is_host and is_tied(outcome)
        if outcome == self._shown:
            return
        self._shown = outcome
        self.ids.ranking.clear_widgets()
        for place, card in enumerate(outcome.items, start=1):
            self.ids.ranking.add_widget(self._row(place, card, outcome))

    def _row(self, place: int, card: Card, outcome: Outcome) -> RankedCard:
        drawn = card.id == outcome.tossed
        tied = card.id in outcome.tied
        row = RankedCard(
            place="1" if tied else str(place),
            mark=_("The coin's choice")
            if drawn
            else _("Tied for first")
            if tied and is_tied(outcome)
            else "",
            drawn=drawn,
            title=card.title,
            subtitle=card.subtitle,
            image_url=card.image_url,
            blurhash=card.blurhash,
            facts=() if drawn or tied else facts_of(card)[:FACTS_PER_ROW],
            pictures=self.ports.pictures,
        )
        row.bind(on_release=lambda _row: self.dispatch("on_open", card.kind, card.id))
        return row


def is_tied(outcome: Outcome) -> bool:
    """Whether a first place is shared and no coin has settled it."""
    return len(outcome.tied) > 1 and outcome.tossed is None


def closest_words(session: Session, outcome: Outcome) -> tuple[str, str]:
    """Title and sentence for how it stands."""
    drawn = next((card for card in outcome.items if card.id == outcome.tossed), None)
    if drawn is not None:
        return _("The coin has spoken"), _("{card} it is.").format(card=drawn.title)
    if not is_tied(outcome):
        return _("So close!"), _("No match, but these came nearest.")
    host = next((person for person in session.participants if person.id == session.host_id), None)
    if session.is_host or host is None:
        return _("So close!"), _("No match, and a tie. You can toss a coin.")
    words = _("No match, and a tie. {name} can toss a coin.").format(name=host.display_name)
    return _("So close!"), words
