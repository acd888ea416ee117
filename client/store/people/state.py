"""What is known of past sessions, the inbox, the group that is looked at, and the form for one's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from client.net.people_values import Decision, HistoryEntry, RunningSession
from client.net.values import Group, Notification
from client.store.listing import Fetched, Listing


@dataclass(frozen=True, slots=True)
class NameForm:
    """What became of the last name that was sent; `error` is a sentence for its field."""

    status: Literal["open", "done", "refused"] = "open"
    error: str = ""


@dataclass(frozen=True, slots=True)
class OpenGroup:
    """The group with this id, and what it has decided; `gone` where the user is not in it (any more)."""

    id: str
    group: Fetched[Group] = field(default_factory=Fetched)
    decisions: Listing[Decision] = field(default_factory=Listing)
    gone: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """`due` are the sessions that the server would like to hear about, `followed` what the user has said about some.

    `running` are those that the user can go back into. `muted` are the kinds of notifications that they do not want.

    `inbox` holds read and unread notifications, newest first; `unread` counts those that are not, on later pages too.
    """

    history: Listing[HistoryEntry] = field(default_factory=Listing)
    due: frozenset[str] = frozenset()
    followed: Mapping[str, bool] = field(default_factory=lambda: MappingProxyType({}))
    running: tuple[RunningSession, ...] = ()
    inbox: Listing[Notification] = field(default_factory=Listing)
    unread: int = 0
    muted: Fetched[frozenset[str]] = field(default_factory=Fetched)
    open_group: OpenGroup | None = None
    name_form: NameForm = NameForm()
