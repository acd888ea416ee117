"""What can happen to history, inbox, open group and name; `client.store.people.reducer` knows what that changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from client.net.paging import Page
from client.net.people_values import Decision, HistoryEntry, InboxPage, Opinion, RunningSession
from client.net.values import Group, Notification


@dataclass(frozen=True, slots=True)
class HistoryAsked:
    """A page of the user's own decisions is on its way."""


@dataclass(frozen=True, slots=True)
class HistoryCame:
    """A page of the user's own decisions."""

    page: Page[HistoryEntry]


@dataclass(frozen=True, slots=True)
class HistoryFailed:
    """It did not come: a sentence."""

    error: str


@dataclass(frozen=True, slots=True)
class RunningCame:
    """The sessions that the user can go back into."""

    sessions: tuple[RunningSession, ...]


@dataclass(frozen=True, slots=True)
class FeedbackDue:
    """The sessions that the server would like to hear about."""

    session_ids: frozenset[str]


@dataclass(frozen=True, slots=True)
class Rated:
    """The user thinks this of an outcome: shown before the server has it, and again as the server has kept it."""

    session_id: str
    opinion: Opinion


@dataclass(frozen=True, slots=True)
class FollowedUp:
    """The user has said whether they cooked it, or went there; None: that was refused, and is open again."""

    session_id: str
    followed_through: bool | None


@dataclass(frozen=True, slots=True)
class InboxAsked:
    """A page of notifications is on its way."""


@dataclass(frozen=True, slots=True)
class InboxCame:
    """A page of notifications."""

    page: InboxPage


@dataclass(frozen=True, slots=True)
class InboxFailed:
    """It did not come: a sentence."""

    error: str


@dataclass(frozen=True, slots=True)
class MarkedRead:
    """These notifications count as seen, at once; without ids all of them do."""

    ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MarkingRefused:
    """The server did not take that: these are unread again, `unread` are in all, and `hidden` are on Home again."""

    ids: frozenset[str]
    unread: int
    hidden: tuple[Notification, ...] = ()


@dataclass(frozen=True, slots=True)
class MutedAsked:
    """Which kinds of notifications the user does not want is on its way."""


@dataclass(frozen=True, slots=True)
class MutedCame:
    """The user does not want these kinds: as the server has it, or as they have just chosen."""

    kinds: frozenset[str]


@dataclass(frozen=True, slots=True)
class MutedFailed:
    """It did not come: a sentence."""

    error: str


@dataclass(frozen=True, slots=True)
class GroupOpened:
    """The user looks at a group. What is known of another one goes."""

    group_id: str


@dataclass(frozen=True, slots=True)
class GroupCame:
    """The group as the server has it now."""

    group: Group


@dataclass(frozen=True, slots=True)
class GroupFailed:
    """The open group did not come: a sentence, and whether it is `gone`."""

    group_id: str
    error: str
    gone: bool = False


@dataclass(frozen=True, slots=True)
class DecisionsAsked:
    """A page of what the open group has decided is on its way."""

    group_id: str


@dataclass(frozen=True, slots=True)
class DecisionsCame:
    """A page of what a group has decided."""

    group_id: str
    page: Page[Decision]


@dataclass(frozen=True, slots=True)
class DecisionsFailed:
    """It did not come: a sentence."""

    group_id: str
    error: str


@dataclass(frozen=True, slots=True)
class NameSent:
    """Another name is on its way; what was wrong with the last one is over."""


@dataclass(frozen=True, slots=True)
class NameChanged:
    """The new name holds."""


@dataclass(frozen=True, slots=True)
class NameRefused:
    """The old name stays: a sentence for the field."""

    error: str


PeopleAction: TypeAlias = (
    HistoryAsked
    | HistoryCame
    | HistoryFailed
    | RunningCame
    | FeedbackDue
    | Rated
    | FollowedUp
    | InboxAsked
    | InboxCame
    | InboxFailed
    | MarkedRead
    | MarkingRefused
    | MutedAsked
    | MutedCame
    | MutedFailed
    | GroupOpened
    | GroupCame
    | GroupFailed
    | DecisionsAsked
    | DecisionsCame
    | DecisionsFailed
    | NameSent
    | NameChanged
    | NameRefused
)
