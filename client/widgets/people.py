"""People in a session: avatars, rows, and how far they are."""

from __future__ import annotations

import zlib
from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from client.store.state import Participant, Session
from client.theme.palette import AVATAR_TINTS, Rgba
from client.theme.rules import load_rules
from client.widgets import text
from client.words import _

load_rules(__file__, text)


def tint_of(user_id: str) -> Rgba:
    """The same colour for the same person on every device."""
    return AVATAR_TINTS[zlib.crc32(user_id.encode()) % len(AVATAR_TINTS)]


class Avatar(Widget):
    """The first letter of somebody's name on their colour; faded while they are not there."""

    name = StringProperty("")
    tint = ColorProperty()
    away = BooleanProperty(False)
    done = BooleanProperty(False)


class PersonRow(BoxLayout):
    """One participant in the lobby."""

    name = StringProperty("")
    detail = StringProperty("")
    tint = ColorProperty()
    away = BooleanProperty(False)
    ready = BooleanProperty(False)
    host = BooleanProperty(False)


class ProgressRow(BoxLayout):
    """How many cards one participant has swiped."""

    name = StringProperty("")
    tint = ColorProperty()
    away = BooleanProperty(False)
    swiped = NumericProperty(0)
    deck_size = NumericProperty(0)
    share = NumericProperty(0)
    words = StringProperty("")
    done = BooleanProperty(False)


class ProgressBead(BoxLayout):
    """The same, small enough to stand beside others above the deck."""

    name = StringProperty("")
    tint = ColorProperty()
    away = BooleanProperty(False)
    words = StringProperty("")
    done = BooleanProperty(False)


class PeopleList(BoxLayout):
    """Rows for everybody present in `session`; rows live on while their person does."""

    session = ObjectProperty(None, allownone=True)
    row_class: type[Widget] = Widget

    def __init__(self, **properties: Any) -> None:
        self._rows: dict[str, Widget] = {}
        super().__init__(**properties)

    def on_session(self, _list: PeopleList, session: Session | None) -> None:
        people = present(session)
        wanted = [person.id for person in people]
        if wanted != list(self._rows):
            kept = self._rows
            self._rows = {user_id: kept.get(user_id) or self.row_class() for user_id in wanted}
            self.clear_widgets()
            for row in self._rows.values():
                self.add_widget(row)
        for person in people:
            self.describe(self._rows[person.id], person)

    def describe(self, row: Any, person: Participant) -> None:
        """Put what is known about the person into their row."""
        row.name = person.display_name
        row.tint = tint_of(person.id)
        row.away = person.status in {"away", "gone"}


class LobbyPeople(PeopleList):
    """Who is here, and who is ready."""

    row_class = PersonRow

    def describe(self, row: Any, person: Participant) -> None:
        super().describe(row, person)
        row.host = person.id == self.session.host_id
        row.ready = person.ready
        row.detail = lobby_detail(person)
        if person.id == self.session.you:
            row.name = _("{name} (you)").format(name=person.display_name)


class ProgressPeople(PeopleList):
    """How far everybody is."""

    row_class = ProgressRow

    def describe(self, row: Any, person: Participant) -> None:
        super().describe(row, person)
        row.swiped = person.swiped
        row.deck_size = person.deck_size
        row.share = min(1.0, person.swiped / person.deck_size) if person.deck_size else 0.0
        row.done = is_done(person)
        row.words = progress_words(person, between=" of ")


class ProgressStrip(PeopleList):
    """How far everybody is, in one line."""

    row_class = ProgressBead

    def describe(self, row: Any, person: Participant) -> None:
        super().describe(row, person)
        row.done = is_done(person)
        row.words = progress_words(person, between="/")


def present(session: Session | None) -> tuple[Participant, ...]:
    """Everybody who has not left, the host first, then in order of arrival."""
    if session is None:
        return ()
    here = [person for person in session.participants if person.status != "left"]
    return tuple(sorted(here, key=lambda person: person.id != session.host_id))


def deciding(session: Session | None) -> tuple[Participant, ...]:
    """Those who count: everybody present but who is gone and who only watches (docs/product.md, "Words")."""
    return tuple(person for person in present(session) if person.status != "gone" and not person.spectator)


def is_done(person: Participant) -> bool:
    """Whether somebody who is there has swiped all their cards of the round."""
    here = person.status == "connected" and not person.spectator
    return here and person.swiped >= person.deck_size > 0


def progress_words(person: Participant, between: str) -> str:
    """How far somebody is in the round, or why that says nothing."""
    if person.spectator:
        return _("watching")
    if person.status in {"away", "gone"}:
        return _("away") if person.status == "away" else _("gone")
    return _("done") if is_done(person) else f"{person.swiped}{between}{person.deck_size}"


def lobby_detail(person: Participant) -> str:
    """What somebody is doing, in a few words."""
    if person.status == "gone":
        return _("Away for a while, so nobody waits")
    if person.status == "away":
        return _("Connection lost, waiting for them")
    if person.ready:
        return _("Ready")
    return _("Energy chosen, not ready yet") if person.energy_voted else _("Choosing their energy")
