"""A past decision as a row: its picture, what it was, who was there, and what one thought of it."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from client.net.people_values import Decision
from client.screens.ports import Ports
from client.theme.rules import load_rules
from client.widgets import rows
from client.widgets.rows import ListRow
from client.widgets.wording import day_text, in_letters, spoken_list
from client.words import _, ngettext

load_rules(__file__, rows)

MOST_NAMES = 3


class DecisionRow(ListRow):
    """`rating` are stars, 0 where there are none. `noted` where there is a note, `asks` where a question waits."""

    rating = NumericProperty(0)
    noted = BooleanProperty(False)
    asks = BooleanProperty(False)
    sign_at_end = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.bind(rating=self._sign, noted=self._sign, asks=self._sign)

    def on_release(self) -> None:
        self.choose()

    def _sign(self, *_: Any) -> None:
        opinion = "star" if self.rating else "pencil" if self.noted else ""
        self.sign_at_end = "help-circle-outline" if self.asks else opinion


def decision_row(decision: Decision, ports: Ports, group_name: str = "") -> dict[str, object]:
    """The properties of a row about a decision; all of them, because rows are used for others before."""
    card = decision.card
    return {
        "key": decision.id,
        "pictures": ports.pictures,
        "url": card.image_url if card else "",
        "blurhash": card.blurhash if card else "",
        "title": in_letters(card.title) if card else _("Nothing was left"),
        "subtitle": f"{the_day(decision, ports.now())} · {in_letters(group_name) or company(decision, ports)}",
        "rating": 0,
        "noted": False,
        "asks": False,
    }


def the_day(decision: Decision, now: float) -> str:
    """When it was decided, to begin a line with."""
    day = day_text(decision.outcome.decided_at, now)
    return day[:1].upper() + day[1:]


def company(decision: Decision, ports: Ports) -> str:
    """Whom the user was with: `With Ben`, `With Ben, Cleo, Dev and 2 others`."""
    user = ports.store.state.auth.user
    others = list(decision.people)
    if user is not None and user.display_name in others:
        others.remove(user.display_name)
    if not others:
        return _("Only you")
    shown = [in_letters(name) for name in others[:MOST_NAMES]]
    more = len(others) - len(shown)
    if more:
        shown.append(ngettext("{count} other", "{count} others", more).format(count=more))
    return _("With {names}").format(names=spoken_list(shown))
