"""Which events are next, known or missing (docs/live-protocol.md, "Delivery promises"). Pure."""

from __future__ import annotations

from enum import Enum

from client.net.frames import Welcome
from client.net.values import Epoch


class Place(Enum):
    """Where an event stands in the sequence."""

    NEXT = "next"
    KNOWN = "known"
    AFTER_GAP = "after a gap"


class Sequence:
    """The numbering as far as it is known; survives reconnects, so that they can resume."""

    def __init__(self) -> None:
        self._known: tuple[Epoch, int] | None = None
        self._gap_at: int | None = None

    @property
    def resume(self) -> tuple[Epoch, int] | None:
        """What to resume from: (epoch, seq), or None for a snapshot."""
        return self._known

    @property
    def epoch(self) -> Epoch:
        """The numbering in force; empty before the first welcome."""
        return "" if self._known is None else self._known[0]

    @property
    def number(self) -> int:
        """The number of the last event that is known."""
        return 0 if self._known is None else self._known[1]

    def welcome(self, welcome: Welcome) -> bool:
        """Take a welcome in; False when it resumes something else than what was asked for."""
        if not welcome.resumed:
            self._known = (welcome.epoch, welcome.seq)
            return True
        return self._known is not None and self._known[0] == welcome.epoch

    def place(self, seq: int) -> Place:
        """Judge an event's number and, if it is the next one, count it."""
        if self._known is None:
            return Place.AFTER_GAP
        epoch, known = self._known
        if seq <= known:
            return Place.KNOWN
        if seq > known + 1:
            return Place.AFTER_GAP
        self._known = (epoch, seq)
        return Place.NEXT

    def gap_found(self) -> None:
        """A gap is mended by resuming; the same gap again after that only by a snapshot."""
        if self._gap_at == self.number:
            self.forget()
        else:
            self._gap_at = self.number

    def forget(self) -> None:
        """Ask for a snapshot the next time."""
        self._known = self._gap_at = None
