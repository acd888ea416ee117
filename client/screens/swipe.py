"""A round: swipe the deck against the clock, then wait for the others."""

from __future__ import annotations

from typing import Any

from kivy.properties import NumericProperty, ObjectProperty, StringProperty

from client.net.values import Card, Direction
from client.screens.base import AppScreen
from client.store.state import AppState, Session
from client.theme.rules import load_rules
from client.widgets import countdown, deck, people
from client.widgets.countdown import ServerTimer
from client.widgets.people import present
from client.widgets.wording import spoken_list

load_rules(__file__, countdown, deck, people)

KEYS: dict[str, Direction] = {"left": "left", "right": "right", "up": "up"}
ROUND_NAMES = {1: "Round 1", 2: "Round 2", 3: "Sudden death"}


class SwipeScreen(AppScreen):
    """Shows the deck while cards remain; `phase` is "loading", "cards" or "waiting"."""

    session = ObjectProperty(None, allownone=True)
    cards: tuple[Card, ...] = ObjectProperty(())
    phase = StringProperty("loading")
    round = NumericProperty(1)
    caption = StringProperty("")
    waiting_for = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._timer = ServerTimer(self.ports.now, self.ids.countdown.show)
        self.ids.deck.bind(on_swipe=self._swiped)
        self.watch(lambda state: state.session, self._show)
        self.watch(_end, lambda end: self._timer.set(*end))

    def on_leave(self, *_: Any) -> None:
        self._timer.stop()

    def swipe(self, direction: Direction) -> None:
        """Swipe the top card as a button asks."""
        if self.phase == "cards":
            self.ids.deck.throw(direction)

    def key(self, name: str) -> bool:
        direction = KEYS.get(name)
        if direction is None:
            return False
        self.swipe(direction)
        return True

    def go_back(self) -> bool:
        self.dispatch(
            "on_ask",
            "Leave this session?",
            "Your likes stop counting and the others go on without you.",
            "Leave",
            self.ports.commands.leave,
        )
        return True

    def _swiped(self, _deck: Any, item_id: str, direction: Direction) -> None:
        self.ports.commands.swipe(item_id, direction)

    def _show(self, session: Session | None) -> None:
        if session is None:
            return
        self.session = session
        self.round = session.round
        self.caption = ROUND_NAMES.get(session.round, f"Round {session.round}")
        self.cards = session.remaining_cards
        self.phase = phase_of(session)
        self.waiting_for = waiting_words(session)


def phase_of(session: Session) -> str:
    """Whether the cards are still on their way, there to be swiped, or all done."""
    if not session.deck:
        return "loading"
    return "cards" if session.current_card is not None else "waiting"


def waiting_words(session: Session) -> str:
    """Whom those who are done wait for."""
    others = [
        person.display_name
        for person in present(session)
        if person.id != session.you and person.swiped < person.deck_size
    ]
    if not others:
        return "Everybody is done. Counting the likes…"
    return f"{spoken_list(others)} {'is' if len(others) == 1 else 'are'} still choosing."


def _end(state: AppState) -> tuple[float | None, float]:
    ends_at = state.session.ends_at if state.session is not None else None
    return ends_at, state.connection.clock_offset
