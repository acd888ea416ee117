"""A session as a value: what it is made of, and what the rules give back. Nothing here acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bson import ObjectId

from backend.errors import NotFound

# A round is counted this long after its end, so that the swipes that were in time are all in the log.
SETTLING = timedelta(milliseconds=150)


class Status(StrEnum):
    """Where a session is in its life."""

    LOBBY = "lobby"
    SWIPING = "swiping"
    MATCHED = "matched"
    CLOSEST = "closest"
    EXPIRED = "expired"
    CLOSED = "closed"

    @property
    def live(self) -> bool:
        """Whether something can still happen."""
        return self in {Status.LOBBY, Status.SWIPING}


class Energy(StrEnum):
    """How much somebody is up for tonight, lowest first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Participant:
    """A user in a session."""

    user_id: ObjectId
    display_name: str
    joined_at: datetime
    left: bool = False
    energy: Energy | None = None
    ready: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session was decided: one matched card, or the closest ones, best first."""

    kind: str
    items: tuple[ObjectId, ...]
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """One dinner decision, whole. `version` counts the changes; nothing changes it but a compare-and-set.

    `closing` is set once the running round is being counted, and stays: of what was in the log, only the entries that
    were stamped before the count have counted.
    `operations` are the last ones carried out, as `operation_key` writes them: repeated, they do nothing.
    """

    id: ObjectId
    code: str
    host_id: ObjectId
    menu: str
    deck_size: int
    capacity: int
    round_seconds: tuple[int, ...]
    seed: int
    created_at: datetime
    expires_at: datetime
    expiry_minutes: int
    participants: tuple[Participant, ...]
    status: Status = Status.LOBBY
    round: int = 0
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    deck: tuple[ObjectId, ...] = ()
    energy: Energy | None = None
    closing: bool = False
    outcome: Outcome | None = None
    finished_at: datetime | None = None
    operations: tuple[str, ...] = ()
    version: int = 1

    @property
    def present(self) -> tuple[Participant, ...]:
        """Everybody who has not left."""
        return tuple(p for p in self.participants if not p.left)

    @property
    def required(self) -> frozenset[ObjectId]:
        """Whose like a match needs (docs/product.md S9)."""
        return frozenset(p.user_id for p in self.present)

    @property
    def due_at(self) -> datetime | None:
        """When time alone changes this session next; None once it is over."""
        if not self.status.live:
            return None
        return min(
            moment for moment in (self.starts_at, self.counted_at, self.expires_at) if moment is not None
        )

    @property
    def being_counted(self) -> bool:
        """Whether the round is closed and not decided yet."""
        return self.closing and self.status is Status.SWIPING

    @property
    def counted_at(self) -> datetime | None:
        """When the running round is counted."""
        return self.ends_at + SETTLING if self.ends_at else None

    def participant(self, user_id: ObjectId) -> Participant:
        """The participant, also one who has left.

        Raises:
            NotFound: for everybody else; strangers do not learn that the session exists.
        """
        for participant in self.participants:
            if participant.user_id == user_id:
                return participant
        raise NotFound("There is no such session, or you are not part of it.", code="session_not_found")


@dataclass(frozen=True, slots=True)
class Event:
    """What clients are told. `data` is JSON-ready but for item ids under `items`, which become cards."""

    type: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A session after a rule, and what people are told of it. The same session: nothing changed."""

    session: Session
    events: tuple[Event, ...] = ()
