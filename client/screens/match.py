"""A match: the one screen that celebrates."""

from __future__ import annotations

from typing import Any

from kivy.animation import Animation
from kivy.properties import NumericProperty, ObjectProperty, StringProperty

from client.net.kitchen_values import Restaurant
from client.net.values import Card
from client.screens import outcome_actions
from client.screens.base import AppScreen
from client.store.state import AppState, Session
from client.theme.active import theme
from client.theme.rules import load_rules
from client.widgets import card, confetti, talk
from client.widgets.people import deciding
from client.widgets.wording import spoken_list
from client.words import _

load_rules(__file__, card, confetti, outcome_actions, talk)


class MatchScreen(AppScreen):
    """What everybody likes, and what to do about it."""

    session = ObjectProperty(None, allownone=True)
    card: Card | None = ObjectProperty(None, allownone=True)
    place = ObjectProperty(None, allownone=True)
    who = StringProperty("")
    pop = NumericProperty(1)

    def __init__(self, **properties: Any) -> None:
        self._celebrated = ""
        super().__init__(**properties)
        self.watch(lambda state: state.session, self._show)
        self.watch(_place, self._show_place)

    def on_enter(self, *_: Any) -> None:
        if self.session is None or self.session.id == self._celebrated:
            # Back from what was opened on top.
            return
        self._celebrated = self.session.id
        self.ids.confetti.start()
        if not theme.reduced_motion:
            self.pop = 0.7
            Animation(pop=1, duration=0.5, transition="out_back").start(self)

    def on_leave(self, *_: Any) -> None:
        self.ids.confetti.stop()

    def open_details(self) -> None:
        """Show all about what was decided; the session stays beneath."""
        if self.card is not None:
            self.dispatch("on_open", self.card.kind, self.card.id)

    def done(self) -> None:
        """Back home; the decision stands."""
        self.ports.commands.close_session()

    def go_back(self) -> bool:
        self.done()
        return True

    def _show(self, session: Session | None) -> None:
        if session is None or session.outcome is None or not session.outcome.items:
            return
        self.session = session
        before, self.card = self.card, session.outcome.items[0]
        if self.card.kind == "restaurant" and (before is None or before.id != self.card.id):
            self.ports.kitchen.show_restaurant(self.card.id)
        self.who = match_words(session)

    def _show_place(self, place: Restaurant | None) -> None:
        self.place = place


def _place(state: AppState) -> Restaurant | None:
    """The restaurant that was decided on, once everything about it is known."""
    outcome = state.session.outcome if state.session is not None else None
    known = state.kitchen.restaurants.get(outcome.items[0].id) if outcome and outcome.items else None
    return None if known is None else known.thing


def match_words(session: Session) -> str:
    """Who agreed, by name as long as that stays short."""
    people = sorted(deciding(session), key=lambda person: person.id != session.you)
    names = [_("You") if person.id == session.you else person.display_name for person in people]
    if len(names) > 4:  # noqa: PLR2004  (more names do not fit one line)
        return _("All {count} of you like").format(count=len(names))
    words = _("{names} all like") if len(names) > 2 else _("{names} both like")  # noqa: PLR2004  (both are two)
    return words.format(names=spoken_list(names))
