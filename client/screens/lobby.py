"""The lobby: share the code, say how much energy there is, get ready."""

from __future__ import annotations

from typing import Any

from kivy.core.clipboard import Clipboard
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty

from client.net.values import EnergyLevel
from client.screens.base import AppScreen
from client.store.state import AppState, Session
from client.theme.rules import load_rules
from client.widgets import countdown, energy, people, qr, talk
from client.widgets.countdown import ServerTimer
from client.widgets.people import deciding
from client.widgets.wording import spaced_code
from client.words import _, ngettext

load_rules(__file__, countdown, energy, people, qr, talk)

# docs/product.md S4: a round needs somebody to agree with.
FEWEST_PEOPLE = 2


class LobbyScreen(AppScreen):
    """Everything before the first round."""

    session = ObjectProperty(None, allownone=True)
    code = StringProperty("")
    my_energy = StringProperty("")
    ready = BooleanProperty(False)
    host = BooleanProperty(False)
    starting = BooleanProperty(False)
    head_count = NumericProperty(0)
    hint = StringProperty("")
    copied = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._timer = ServerTimer(self.ports.now, self.ids.countdown.show)
        self.watch(lambda state: state.session, self._show)
        self.watch(_own_energy, self._show_energy)
        self.watch(_start, self._count_down)
        self.watch(lambda state: "start" in state.busy, self._show_starting)

    def on_pre_enter(self, *_: Any) -> None:
        self.copied = ""
        super().on_pre_enter()

    def on_leave(self, *_: Any) -> None:
        self._timer.stop()
        self.ids.countdown.hide()

    def choose_energy(self, level: EnergyLevel) -> None:
        """Vote; the tile shows it at once."""
        self.my_energy = level
        self.ports.commands.set_energy(level)

    def toggle_ready(self) -> None:
        """Ready, or not yet after all."""
        self.ports.commands.set_ready(not self.ready)

    def copy(self, what: str) -> None:
        """Put the code or the link into the clipboard."""
        if self.session is not None:
            Clipboard.copy(self.session.code if what == "code" else self.session.link)
            self.copied = what

    def go_back(self) -> bool:
        self.dispatch(
            "on_ask",
            _("Leave this session?"),
            _("The others go on without you. You can come back with the code."),
            _("Leave"),
            self.ports.commands.leave,
        )
        return True

    def _show(self, session: Session | None) -> None:
        if session is None:
            return
        self.session = session
        self.code = spaced_code(session.code)
        self.host = session.is_host
        self.ready = session.me is not None and session.me.ready
        self.head_count = len(deciding(session))
        self.hint = lobby_hint(session)

    def _show_energy(self, energy_vote: tuple[bool, str]) -> None:
        voting, level = energy_vote
        if not voting:
            self.my_energy = level

    def _show_starting(self, starting: bool) -> None:
        self.starting = starting

    def _count_down(self, start: tuple[float | None, float]) -> None:
        starts_at, offset = start
        if starts_at is None:
            self.ids.countdown.hide()
        self._timer.set(starts_at, offset)


def lobby_hint(session: Session) -> str:
    """The one sentence that says what the lobby waits for."""
    here = deciding(session)
    if len(here) < FEWEST_PEOPLE:
        return _("Share the code: it takes two to agree.")
    waiting = [person for person in here if not person.ready]
    if not waiting:
        return _("Everybody is ready. Here we go!")
    if [person.id for person in waiting] == [session.you]:
        return _("They are all waiting for you.")
    others = sum(person.id != session.you for person in waiting)
    return ngettext(
        "Waiting for one more to be ready.", "Waiting for {count} more to be ready.", others
    ).format(count=others)


def _own_energy(state: AppState) -> tuple[bool, str]:
    level = state.session.my_energy if state.session is not None else None
    return "set_energy" in state.busy, level or ""


def _start(state: AppState) -> tuple[float | None, float]:
    starts_at = state.session.starts_at if state.session is not None else None
    return starts_at, state.connection.clock_offset
