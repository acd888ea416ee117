"""Asking the others for something, and voting on what they ask for (docs/product.md S12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from client.net.values import Motion, MotionKind
from client.store.state import Session
from client.theme.rules import load_rules
from client.widgets import buttons, focus, panel, sheet, text
from client.widgets.focus import Reachable
from client.widgets.sheet import Sheet
from client.words import _, marked

load_rules(__file__, buttons, focus, panel, sheet, text)


@dataclass(frozen=True, slots=True)
class Wish:
    """What one can ask for: its icon, how the menu calls it, what it does, and the sentences for who wants it."""

    icon: str
    title: str
    detail: str
    you_want: str
    they_want: str


WISHES: dict[MotionKind, Wish] = {
    "pause": Wish(
        "pause",
        marked("Take a break"),
        marked("The clock stops for everybody"),
        marked("You want to take a break"),
        marked("{name} wants to take a break"),
    ),
    "resume": Wish(
        "play",
        marked("Go on"),
        marked("The clock runs again"),
        marked("You want to go on"),
        marked("{name} wants to go on"),
    ),
    "skip_round": Wish(
        "skip-next",
        marked("Skip this round"),
        marked("On to the next one"),
        marked("You want to skip this round"),
        marked("{name} wants to skip this round"),
    ),
    "end_now": Wish(
        "flag-checkered",
        marked("Decide now"),
        marked("See the closest three and stop here"),
        marked("You want to decide now"),
        marked("{name} wants to decide now"),
    ),
}


def wishes_for(session: Session) -> tuple[MotionKind, ...]:
    """What can be asked for now: not what somebody asks for already, and nothing by who only watches."""
    if not session.running or session.spectating:
        return ()
    possible: tuple[MotionKind, ...] = ("pause", "skip_round", "end_now")
    if session.pause is not None:
        # A pause because most are away ends when they are back, not by a vote.
        possible = ("resume", "end_now") if session.pause.reason == "vote" else ("end_now",)
    asked = {motion.kind for motion in session.motions}
    return tuple(kind for kind in possible if kind not in asked)


def motion_words(session: Session, motion: Motion) -> str:
    """Who wants what."""
    wish = WISHES[motion.kind]
    if motion.opened_by == session.you:
        return _(wish.you_want)
    names = {person.id: person.display_name for person in session.participants}
    return _(wish.they_want).format(name=names.get(motion.opened_by) or _("Somebody"))


def tally_words(motion: Motion) -> str:
    """How the vote stands."""
    words = _("{count} of {needed} needed").format(count=len(motion.in_favour), needed=motion.needed)
    if not motion.against:
        return words
    return _("{tally}, {count} against").format(tally=words, count=len(motion.against))


class WishRow(Reachable, ButtonBehavior, BoxLayout):
    """Something to ask for."""

    icon = StringProperty("")
    text = StringProperty("")
    detail = StringProperty("")


class WishSheet(Sheet):
    """The menu of a round; `on_wish(kind)` tells what was chosen."""

    kinds = ListProperty()

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_wish")
        super().__init__(**properties)

    def on_wish(self, kind: MotionKind) -> None:
        """The screen listens."""

    def offer(self, session: Session) -> None:
        """Offer what can be asked for now."""
        self.kinds = list(wishes_for(session))

    def on_kinds(self, _sheet: WishSheet, kinds: list[MotionKind]) -> None:
        rows = self.ids.rows
        rows.clear_widgets()
        for kind in kinds:
            wish = WISHES[kind]
            row = WishRow(icon=wish.icon, text=_(wish.title), detail=_(wish.detail))
            row.bind(on_release=lambda _row, kind=kind: self._choose(kind))
            rows.add_widget(row)

    def _choose(self, kind: MotionKind) -> None:
        self.close()
        self.dispatch("on_wish", kind)


class VoteButton(buttons.Pressable):
    """Yes or no; `chosen` when that is how one has voted."""

    chosen = BooleanProperty(False)


class MotionCard(panel.Panel):
    """An open motion with its tally, and two buttons for who may vote; `tell(kind, in_favour)` hears of a press."""

    kind = StringProperty("")
    icon = StringProperty("")
    words = StringProperty("")
    tally = StringProperty("")
    voted_yes = BooleanProperty(False)
    voted_no = BooleanProperty(False)
    may_vote = BooleanProperty(True)
    tell: Any = ObjectProperty(None)

    def vote(self, in_favour: bool) -> None:
        """Report a press that changes something."""
        if not (self.voted_yes if in_favour else self.voted_no):
            self.tell(self.kind, in_favour)


class MotionCards(BoxLayout):
    """All open motions of `session`, each as a card that lives as long; `on_vote(kind, in_favour)` tells one's vote."""

    session = ObjectProperty(None, allownone=True)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_vote")
        self._cards: dict[str, MotionCard] = {}
        super().__init__(**properties)

    def on_vote(self, kind: MotionKind, in_favour: bool) -> None:
        """The screen listens."""

    def on_session(self, _cards: MotionCards, session: Session | None) -> None:
        motions = () if session is None else session.motions
        wanted = [motion.kind for motion in motions]
        if wanted != list(self._cards):
            kept = self._cards
            self._cards = {kind: kept.get(kind) or self._new_card(kind) for kind in wanted}
            self.clear_widgets()
            for card in self._cards.values():
                self.add_widget(card)
        for motion in motions:
            _describe(self._cards[motion.kind], self.session, motion)

    def _new_card(self, kind: MotionKind) -> MotionCard:
        return MotionCard(kind=kind, tell=lambda *vote: self.dispatch("on_vote", *vote))


def _describe(card: MotionCard, session: Session, motion: Motion) -> None:
    card.icon = WISHES[motion.kind].icon
    card.words = motion_words(session, motion)
    card.tally = tally_words(motion)
    card.voted_yes = session.you in motion.in_favour
    card.voted_no = session.you in motion.against
    card.may_vote = not session.spectating
