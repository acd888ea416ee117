"""A past decision as a row: its picture, what it was, who was there, what one thought of it; and the latest of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from client.net.people_values import Decision
from client.screens.ports import Ports
from client.store.listing import Listing
from client.theme.rules import load_rules
from client.widgets import buttons, panel, rows, text
from client.widgets.panel import Panel
from client.widgets.rows import ListRow
from client.widgets.wording import day_text, in_letters, spoken_list
from client.words import _, ngettext

load_rules(__file__, buttons, panel, rows, text)

MOST_NAMES = 3
LATEST = 3
"""So many decisions are shown outside of a list; a link leads to the others."""


class DecisionRow(ListRow):
    """`rating` are stars, 0 where there are none. `noted` where there is a note, `asks` where a question waits."""

    rating = NumericProperty(0)
    noted = BooleanProperty(False)
    asks = BooleanProperty(False)
    sign_at_end = StringProperty("")
    plain: ClassVar[Mapping[str, object]] = {}

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.bind(rating=self._sign, noted=self._sign, asks=self._sign)

    @classmethod
    def width_beside(cls, row: Mapping[str, Any]) -> float:
        """The stars' number and the sign at the end come with the opinion; no chevron does."""
        signs = dp(36) if row["asks"] or row["rating"] or row["noted"] else 0
        note = f"{row['rating']:.0f}" if row["rating"] else ""
        return super().width_beside({**row, "note": note, "leads": False}) + signs

    def on_release(self) -> None:
        self.choose()

    def _sign(self, *_: Any) -> None:
        opinion = "star" if self.rating else "pencil" if self.noted else ""
        self.sign_at_end = "help-circle-outline" if self.asks else opinion


class LatestDecision(ListRow):
    """A decision outside a list."""

    decision: Decision = ObjectProperty(None, allownone=True)

    def choose(self) -> None:
        """Nobody's row: whoever made it listens to its release."""


class LatestDecisions(Panel):
    """The first few of a list, newest first, in all its states; `nothing` is what it says where there are none.

    `on_choose(decision)` tells which one was pressed, `on_all()` wants to see the others, `on_retry()` another attempt.
    """

    nothing = StringProperty("")
    state = StringProperty("waiting")  # waiting, failed, nothing, something
    more = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        for event in ("on_choose", "on_all", "on_retry"):
            self.register_event_type(event)
        self._shown: tuple[Decision, ...] = ()
        super().__init__(**properties)

    def show(self, decisions: Listing[Decision], ports: Ports) -> None:
        """Show the newest of these."""
        known = {"failed": "failed", "loaded": "nothing"}
        self.state = "something" if decisions.rows else known.get(decisions.status, "waiting")
        self.more = len(decisions.rows) > LATEST
        latest = decisions.rows[:LATEST]
        if latest == self._shown:
            return
        self._shown = latest
        self.ids.rows.clear_widgets()
        for decision in latest:
            self.ids.rows.add_widget(self._row(decision, ports))

    def on_choose(self, decision: Decision) -> None:
        """Screens listen."""

    def on_all(self) -> None:
        """Screens listen."""

    def on_retry(self) -> None:
        """Screens listen."""

    def _row(self, decision: Decision, ports: Ports) -> LatestDecision:
        row = decision_row(decision, ports)
        shown = ("key", "pictures", "url", "blurhash", "title", "subtitle")
        latest = LatestDecision(decision=decision, **{name: row[name] for name in shown})
        latest.bind(on_release=lambda pressed: self.dispatch("on_choose", pressed.decision))
        return latest


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
    return with_whom(decision.people, "" if user is None else user.display_name)


def with_whom(people: Sequence[str], own_name: str) -> str:
    """Whom somebody called `own_name` is with among `people`."""
    others = list(people)
    if own_name in others:
        others.remove(own_name)
    if not others:
        return _("Only you")
    shown = [in_letters(name) for name in others[:MOST_NAMES]]
    more = len(others) - len(shown)
    if more:
        shown.append(ngettext("{count} other", "{count} others", more).format(count=more))
    return _("With {names}").format(names=spoken_list(shown))
