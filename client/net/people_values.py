"""What the server says about past sessions and the inbox, as immutable values. Times are epoch seconds."""

from __future__ import annotations

from dataclasses import dataclass

from client.net.paging import Page
from client.net.values import Card, Notification, Outcome


@dataclass(frozen=True, slots=True)
class Decision:
    """What one session decided. `people` are the names of those who were there."""

    id: str
    outcome: Outcome
    host_name: str
    people: tuple[str, ...]

    @property
    def card(self) -> Card | None:
        """What the outcome stands for: the match, what the coin said, else the closest of all."""
        items = self.outcome.items
        return next((card for card in items if card.id == self.outcome.tossed), items[0] if items else None)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody thinks of an outcome, for themselves alone: 1 to 5 stars or None, and a note."""

    rating: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """A decision that the user was part of. `group_name` is empty where it was no group's, or the user has left it."""

    decision: Decision
    opinion: Opinion = Opinion()
    group_name: str = ""


@dataclass(frozen=True, slots=True)
class RunningSession:
    """A session that the user is in and that is not over, so that they can go back. `people` are all names in it."""

    id: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A page of notifications, newest first, and how many in all of the inbox are unread."""

    page: Page[Notification]
    unread: int
