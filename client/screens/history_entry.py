"""One past decision: what it was, who was there, whether it was cooked, and what one thinks of it for oneself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.net.people_values import HistoryEntry
from client.net.values import Card
from client.screens.base import AppScreen
from client.screens.decisions import company, the_day
from client.store.listing import Listing
from client.store.people.state import People
from client.theme.rules import load_rules
from client.widgets import buttons, picture, stars, states, top_bar, writing
from client.widgets.wording import in_letters
from client.words import _

load_rules(__file__, buttons, picture, states, stars, top_bar, writing)

NOTE_LIMIT = 500
"""Characters of a note, as the server bounds it."""


class OptionRow(buttons.RowButton):
    """One of the cards that an evening ended with."""

    card = ObjectProperty(None, allownone=True)


class HistoryEntryScreen(AppScreen):
    """Its argument is the id of the session. Stars and answers show at once, and go back where they are refused."""

    state = StringProperty("waiting")  # waiting, failed, gone, found
    error = StringProperty("")
    looking = BooleanProperty(False)
    title = StringProperty("")
    ending = StringProperty("")
    people = StringProperty("")
    group = StringProperty("")
    image_url = StringProperty("")
    blurhash = StringProperty("")
    kind = StringProperty("recipe")
    rating = NumericProperty(0)
    followed = StringProperty("")  # yes, no, or not said
    note_changed = BooleanProperty(False)
    note_left = NumericProperty(NOTE_LIMIT)

    def __init__(self, **properties: Any) -> None:
        self._entry: HistoryEntry | None = None
        # Notes that others were to take the place of, while this evening was shown.
        self._replaced: set[str] = set()
        self._asked = False
        super().__init__(**properties)
        self.watch(lambda state: state.people, self._show)
        self.watch(lambda state: (state.people.history, "load_history" in state.busy), self._seek)

    def on_pre_enter(self, *_: Any) -> None:
        self._entry = None
        self._replaced.clear()
        self._asked = False
        super().on_pre_enter()
        self.ids.scroll.scroll_y = 1
        if self._entry is None:
            self.ports.people.load_history()
            self._asked = True

    def open_card(self) -> None:
        """Show all of what it was."""
        if self._entry is not None and self._entry.decision.card is not None:
            self._open(self._entry.decision.card)

    def rate(self, stars_given: int) -> None:
        """Keep so many stars; those that it has already are taken back."""
        if self._entry is not None:
            rating = None if stars_given == self.rating else stars_given
            opinion = replace(self._entry.opinion, rating=rating)
            self.ports.people.rate(self.argument, opinion)

    def follow_up(self, followed_through: bool) -> None:
        """Say whether one cooked it, or went there."""
        self.ports.people.follow_up(self.argument, followed_through)

    def weigh_note(self) -> None:
        """See whether the note is another one by now, and how much room is left."""
        written = self.ids.note.text.strip()
        kept = self._entry.opinion.note if self._entry is not None else ""
        self.note_left = NOTE_LIMIT - len(written)
        self.note_changed = written != kept

    def keep_note(self) -> None:
        """Keep what was written; where it is refused it stays in the field, to be kept later."""
        if self._entry is not None and self.note_changed and self.note_left >= 0:
            self._replaced.add(self._entry.opinion.note)
            opinion = replace(self._entry.opinion, note=self.ids.note.text.strip())
            self.ports.people.rate(self.argument, opinion)

    def _open(self, card: Card) -> None:
        self.dispatch("on_open", card.kind, card.id)

    def _show(self, people: People) -> None:
        entry = next((one for one in people.history.rows if one.decision.id == self.argument), None)
        known, self._entry = self._entry, entry
        self.error, self.looking = people.history.error, people.history.status == "loading"
        if entry is None:
            all_known = people.history.status == "loaded" and people.history.next_page is None
            failed = people.history.status == "failed"
            self.state = "gone" if all_known else "failed" if failed else "waiting"
            return
        self.state = "found"
        self.rating = entry.opinion.rating or 0
        said = people.followed.get(self.argument)
        self.followed = "" if said is None else "yes" if said else "no"
        if known is None or known.decision != entry.decision:
            self._show_decision(entry)
        if known is None or not self._is_writing(known, entry):
            # As the server has it.
            self.ids.note.text = entry.opinion.note
        self.weigh_note()

    def _seek(self, known: tuple[Listing[HistoryEntry], bool]) -> None:
        """Read on while there may be an evening further back that has not been found yet."""
        history, reading = known
        unknown = self._asked and self._entry is None
        if unknown and history.status == "loaded" and history.next_page is not None and not reading:
            self.ports.people.load_more_history()

    def _is_writing(self, known: HistoryEntry, entry: HistoryEntry) -> bool:
        """Whether the field holds what the user has written and nobody else: more than was known, or what went back."""
        unsent = self.ids.note.text.strip() != known.opinion.note
        return unsent or known.opinion.note == entry.opinion.note or entry.opinion.note in self._replaced

    def _show_decision(self, entry: HistoryEntry) -> None:
        decision, card = entry.decision, entry.decision.card
        self.title = in_letters(card.title) if card else _("Nothing was left")
        self.image_url, self.blurhash = (card.image_url, card.blurhash) if card else ("", "")
        self.kind = card.kind if card else "recipe"
        matched = decision.outcome.kind == "match"
        ending = _("You all liked it.") if matched else _("The closest that you got.")
        self.ending = f"{the_day(decision, self.ports.now())}. {ending}"
        self.people, self.group = company(decision, self.ports), in_letters(entry.group_name)
        self.ids.others.clear_widgets()
        for other in decision.outcome.items:
            if other is not card:
                row = OptionRow(text=in_letters(other.title), icon="medal", card=other)
                row.bind(on_release=lambda pressed: self._open(pressed.card))
                self.ids.others.add_widget(row)


class YesNo(BoxLayout):
    """A question that is answered with yes or no; `said` is which, empty where it is open."""

    text = StringProperty("")
    said = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_answer")
        super().__init__(**properties)

    def on_answer(self, yes: bool) -> None:
        """The screen listens."""
