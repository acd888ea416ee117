"""A round: swipe the deck against the clock, ask the others for a break, then wait for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from client.net.values import Card, Direction, MotionKind
from client.screens.base import AppScreen
from client.store.own_swipes import last_swiped
from client.store.state import AppState, Session
from client.theme.active import theme
from client.theme.rules import load_rules
from client.widgets import countdown, deck, interlude, motions, people, splash, talk
from client.widgets.countdown import ServerTimer
from client.widgets.interlude import dealing_words, phase_of
from client.words import _, marked

load_rules(__file__, countdown, deck, interlude, motions, people, splash, talk)

KEYS: dict[str, Direction] = {"left": "left", "right": "right", "up": "up"}
# docs/product.md S10: the name of a round, and what its cards are. Whatever comes after the second is the last.
ROUNDS = {
    1: (marked("Round 1"), marked("one deck for all")),
    2: (marked("Round 2"), marked("what others liked")),
}
LAST_ROUND = (marked("Sudden death"), marked("the top five"))


class SwipeScreen(AppScreen):
    """Shows the deck while cards remain, and an interlude in every other `phase`."""

    session = ObjectProperty(None, allownone=True)
    cards: tuple[Card, ...] = ObjectProperty(())
    phase = StringProperty("loading")
    caption = StringProperty("")
    round_length = NumericProperty(1)
    can_undo = BooleanProperty(False)
    watching = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._timer = ServerTimer(self.ports.now, self.ids.countdown.show)
        self.ids.deck.bind(on_swipe=self._swiped, on_tap=lambda _deck, item_id: self.open_details(item_id))
        self.ids.wishes.bind(on_wish=lambda _sheet, kind: self.vote(kind, True))
        self.ids.motions.bind(on_vote=lambda _cards, kind, in_favour: self.vote(kind, in_favour))
        self.ids.interlude.bind(on_resume=lambda _: self.vote("resume", True))
        self.watch(lambda state: state.session, self._show)
        self.watch(_clock, self._set_clock)

    def on_leave(self, *_: Any) -> None:
        self._timer.stop()
        self.ids.wishes.close()

    def swipe(self, direction: Direction) -> None:
        """Swipe the top card as a button asks."""
        if self.phase == "cards":
            self.ids.deck.throw(direction)

    def open_details(self, item_id: str) -> None:
        """Show all about a card; the round goes on beneath."""
        card = next((card for card in self.cards if card.id == item_id), None)
        if card is not None and self.phase == "cards":
            self.dispatch("on_open", card.kind, card.id)

    def undo(self) -> None:
        """Take the last swipe back; its card comes back at once where this device knows which one it was."""
        session = self.ports.store.state.session
        if session is None or not session.can_undo:
            return
        returning = last_swiped(session)
        self.ports.commands.undo()
        if returning is not None:
            self.ids.deck.take_back(returning)

    def vote(self, motion: MotionKind, in_favour: bool) -> None:
        """Ask for something, or vote on what somebody asked for."""
        self.ports.commands.vote(motion, in_favour)

    def vote_on_newest(self, in_favour: bool) -> None:
        """Vote on what was asked last, if anything is open."""
        session = self.ports.store.state.session
        if session is not None and session.motions and not session.spectating:
            self.vote(session.motions[-1].kind, in_favour)

    def open_menu(self) -> None:
        """Show what can be asked of the others."""
        if not self.watching:
            self.ids.wishes.show()

    def key(self, name: str) -> bool:
        if self.ids.wishes.open:
            return False
        if name in KEYS:
            self.swipe(KEYS[name])
            return True
        acts: dict[str, Callable[[], object]] = {
            "down": self._open_top,
            "z": self.undo,
            "m": self.open_menu,
            "c": lambda: self.dispatch("on_talk"),
            "y": lambda: self.vote_on_newest(True),
            "n": lambda: self.vote_on_newest(False),
        }
        if name not in acts:
            return False
        acts[name]()
        return True

    def go_back(self) -> bool:
        if self.ids.wishes.open:
            self.ids.wishes.close()
            return True
        self.dispatch(
            "on_ask",
            _("Leave this session?"),
            _("Your likes stop counting and the others go on without you."),
            _("Leave"),
            self.ports.commands.leave,
        )
        return True

    def _open_top(self) -> None:
        if self.cards:
            self.open_details(self.cards[0].id)

    def _swiped(self, _deck: Any, item_id: str, direction: Direction) -> None:
        self.ports.commands.swipe(item_id, direction)

    def _show(self, session: Session | None) -> None:
        if session is None:
            return
        before, self.session = self.session, session
        name, cards = map(_, ROUNDS.get(session.round, LAST_ROUND))
        # Beside a large clock there is room for no more than its name.
        self.caption = name if theme.large_text else f"{name} · {cards}"
        if before is not None and before.id == session.id and before.round < session.round:
            self.ids.splash.announce(name, dealing_words(session.round))
        self.round_length = session.round_length or 1
        self.cards = session.remaining_cards
        self.phase = phase_of(session)
        self.can_undo = session.can_undo
        self.watching = session.spectating
        self.ids.wishes.offer(session)

    def _set_clock(self, clock: tuple[float | None, float, float | None]) -> None:
        ends_at, offset, standing_at = clock
        self.ids.countdown.standing = standing_at is not None
        self._timer.set(ends_at, offset)
        if standing_at is not None:
            self.ids.countdown.show(standing_at)


def _clock(state: AppState) -> tuple[float | None, float, float | None]:
    """When the round ends, how far the server's clock is ahead, and what is left while it stands."""
    session = state.session
    offset = state.connection.clock_offset
    if session is None:
        return None, offset, None
    return session.ends_at, offset, None if session.pause is None else session.pause.remaining
