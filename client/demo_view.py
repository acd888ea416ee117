"""What the demo shows in the terminal while a session runs."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import replace

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from client.demo_words import sentence
from client.net import signals
from client.net.values import Card, Outcome, Snapshot
from client.store.session_reducer import session_from_snapshot, with_event
from client.store.state import Session

_LINES = 8
_URGENT_SECONDS = 30
_CORAL = "#ff6b5e"
_FACES = {"connected": "●", "away": "◌", "gone": "○", "left": "x"}


class Scene:
    """One friend's view of the session, fed by its signals and drawn by rich. Thread safe."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._lock = threading.Lock()
        self._session: Session | None = None
        self._clock_offset = 0.0
        self._lines: deque[str] = deque(maxlen=_LINES)

    @property
    def outcome(self) -> Outcome | None:
        """How the session ended, when it has."""
        with self._lock:
            return None if self._session is None else self._session.outcome

    def say(self, line: str) -> None:
        """Add a line to the last events."""
        with self._lock:
            self._lines.append(f"{time.strftime('%H:%M:%S')}  {line}")

    def enter(self, snapshot: Snapshot) -> None:
        """Begin with what joining or creating the session told."""
        with self._lock:
            self._session = session_from_snapshot(snapshot, self._session)

    def watch(self, signal: signals.Signal) -> None:
        """Take in what one of the friends' sockets told."""
        match signal:
            case signals.Welcomed(_, Snapshot() as snapshot):
                self.enter(snapshot)
            case signals.ClockMeasured(offset):
                with self._lock:
                    self._clock_offset = offset
            case signals.EventReceived(epoch, event):
                line = sentence(event.body, self._name)
                with self._lock:
                    if self._session is not None:
                        # The socket has put the events in order; the REST snapshot before it may be newer.
                        self._session = with_event(replace(self._session, epoch=epoch), epoch, event)
                if line:
                    self.say(line)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        with self._lock:
            session, lines = self._session, list(self._lines)
            left = self._seconds_left()
        parts: list[Table | Text | Panel] = [Text("\n".join(lines), style="dim")]
        if session is not None:
            parts = [_people(session), _status(session, left), *parts]
            if session.outcome is not None:
                parts.append(outcome_panel(session.outcome))
        yield Panel(Group(*parts), title=self._title, border_style=_CORAL, width=min(options.max_width, 78))

    def _seconds_left(self) -> float | None:
        session = self._session
        if session is not None and session.pause is not None:
            return session.pause.remaining
        ends_at = None if session is None else session.starts_at or session.ends_at
        return None if ends_at is None else max(0.0, ends_at - (time.time() + self._clock_offset))

    def _name(self, participant_id: str) -> str:
        with self._lock:
            people = () if self._session is None else self._session.participants
        return next((person.display_name for person in people if person.id == participant_id), "Somebody")


def _people(session: Session) -> Table:
    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(width=2)
    table.add_column(min_width=10)
    table.add_column(ratio=1)
    table.add_column(justify="right", min_width=8)
    for person in session.participants:
        if session.status == "lobby":
            doing = "ready" if person.ready else "voted" if person.energy_voted else "thinking"
            bar: ProgressBar | Text = Text(doing, style="green" if person.ready else "dim")
            count = ""
        elif person.spectator:
            bar, count = Text("watching", style="dim"), ""
        else:
            bar = ProgressBar(total=max(person.deck_size, 1), completed=person.swiped, complete_style=_CORAL)
            count = f"{person.swiped}/{person.deck_size}"
        name = f"{person.display_name} ★" if person.id == session.host_id else person.display_name
        table.add_row(_FACES[person.status], name, bar, count)
    return table


def _status(session: Session, left: float | None) -> Text:
    text = Text(f"\nCode {session.code}   ", style="bold")
    text.append(session.status, style="default")
    if session.round:
        text.append(f"   round {session.round}", style="default")
    if left is not None:
        urgent = left < _URGENT_SECONDS
        text.append(f"   {int(left) // 60}:{int(left) % 60:02d}", style="bold red" if urgent else "bold")
    text.append("\n")
    return text


def outcome_panel(outcome: Outcome) -> Panel:
    """The end of the evening's debate."""
    table = Table.grid(padding=(0, 2))
    for place, card in enumerate(outcome.items, start=1):
        table.add_row(
            "" if outcome.kind == "match" else f"{place}.", Text(card.title, style="bold"), _facts(card)
        )
    title = "♥ It's a match" if outcome.kind == "match" else "The closest you came"
    return Panel(table, title=title, border_style="bold green", padding=(1, 2))


def _facts(card: Card) -> str:
    stars = "" if card.rating is None else f"{card.rating:.1f} stars"
    return " · ".join(fact for fact in (card.subtitle, stars) if fact)
