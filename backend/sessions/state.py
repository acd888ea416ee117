"""A session as a value: what it is made of, and what the rules give back. Nothing here acts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bson import ObjectId

from backend.errors import NotFound
from backend.sessions.tally import Standing

# A round is counted this long after its end, so that the swipes that were in time are all in the log.
SETTLING = timedelta(milliseconds=150)
MIN_PARTICIPANTS = 2
PERSONAL_ROUND = 2
FINAL_ROUND = 3


class Status(StrEnum):
    """Where a session is in its life."""

    LOBBY = "lobby"
    SWIPING = "swiping"
    PAUSED = "paused"
    MATCHED = "matched"
    CLOSEST = "closest"
    EXPIRED = "expired"
    CLOSED = "closed"

    @property
    def running(self) -> bool:
        """Whether a round is on, its clock standing or not."""
        return self in {Status.SWIPING, Status.PAUSED}

    @property
    def live(self) -> bool:
        """Whether something can still happen."""
        return self is Status.LOBBY or self.running

    @property
    def decided(self) -> bool:
        """Whether there is an outcome."""
        return self in {Status.MATCHED, Status.CLOSEST}


class Energy(StrEnum):
    """How much somebody is up for tonight, lowest first."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class MotionKind(StrEnum):
    """What people can ask the others for (docs/product.md S12)."""

    PAUSE = "pause"
    RESUME = "resume"
    SKIP_ROUND = "skip_round"
    END_NOW = "end_now"


class PauseReason(StrEnum):
    """Why the clock stands."""

    VOTE = "vote"
    MAJORITY_AWAY = "majority_away"


@dataclass(frozen=True, slots=True)
class Participant:
    """A user in a session.

    Attributes:
        gone: away for so long that nobody waits for them; they may come back (docs/product.md S16).
        spectator: joined too late to swipe (S18).
        started: was there when the first round began, or since; the majority is one of these.
        own_deck: the cards of round 2, which are different for everybody (S10).
    """

    user_id: ObjectId
    display_name: str
    joined_at: datetime
    left: bool = False
    gone: bool = False
    spectator: bool = False
    started: bool = False
    energy: Energy | None = None
    ready: bool = False
    own_deck: tuple[ObjectId, ...] = ()

    @property
    def required(self) -> bool:
        """Whether a match needs their like."""
        return not (self.left or self.gone or self.spectator)


@dataclass(frozen=True, slots=True)
class Motion:
    """Something that somebody asked for and people are voting on; at most one of each kind is open."""

    kind: MotionKind
    opened_by: ObjectId
    in_favour: tuple[ObjectId, ...]
    against: tuple[ObjectId, ...] = ()


@dataclass(frozen=True, slots=True)
class Pause:
    """A standing clock, and what it showed when it stopped."""

    reason: PauseReason
    remaining: timedelta


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a session was decided: one matched card, or the closest ones, best first.

    Attributes:
        tied: those of the closest that share the first place; empty where one is alone there.
        tossed: which of them a coin has chosen (docs/product.md S11).
    """

    kind: str
    items: tuple[ObjectId, ...]
    decided_at: datetime
    tied: tuple[ObjectId, ...] = ()
    tossed: ObjectId | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """Something a participant asks for once, however often it is sent: its kind and its id, which is theirs alone."""

    participant_id: ObjectId
    key: str


@dataclass(frozen=True, slots=True)
class Session:
    """One dinner decision, whole. `version` counts the changes; nothing changes it but a compare-and-set.

    Attributes:
        deck: the cards of round 1, the same for all in the same order.
        reserve: cards that come after those, for round 2; `shortlist`: the cards of round 3.
        carried: who liked what in the rounds before this one.
        counts: the counts that decided the rounds so far: entries with the stamp of one of them have counted.
        closing: the running round is closed: it is being counted, and nothing more can be swiped in it.
        ending: whatever that count says, no further round follows.
        operations: by participant, the keys of the last ones carried out: repeated, they do nothing.
        group_id: the group it belongs to; None where people came together for this once.
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
    pause: Pause | None = None
    deck: tuple[ObjectId, ...] = ()
    reserve: tuple[ObjectId, ...] = ()
    shortlist: tuple[ObjectId, ...] = ()
    carried: Standing = field(default_factory=Standing)
    energy: Energy | None = None
    motions: tuple[Motion, ...] = ()
    counts: tuple[str, ...] = ()
    closing: bool = False
    ending: bool = False
    outcome: Outcome | None = None
    finished_at: datetime | None = None
    operations: Mapping[ObjectId, tuple[str, ...]] = field(default_factory=dict)
    group_id: ObjectId | None = None
    version: int = 1

    @property
    def members(self) -> tuple[Participant, ...]:
        """Everybody who has not left."""
        return tuple(p for p in self.participants if not p.left)

    @property
    def players(self) -> tuple[Participant, ...]:
        """Those who decide together: members who are no spectators, there or gone."""
        return tuple(p for p in self.members if not p.spectator)

    @property
    def present(self) -> tuple[Participant, ...]:
        """The players who are connected or away, not gone."""
        return tuple(p for p in self.participants if p.required)

    @property
    def required(self) -> frozenset[ObjectId]:
        """Whose like a match needs (docs/product.md S9)."""
        return frozenset(p.user_id for p in self.present)

    @property
    def quorate(self) -> bool:
        """Whether the majority of the players who have started is there, and at least two (docs/product.md S16)."""
        here = len(self.present)
        return here >= MIN_PARTICIPANTS and 2 * here > sum(p.started for p in self.players)

    @property
    def cards(self) -> tuple[ObjectId, ...]:
        """All cards that may have been shown so far, in deck order."""
        return self.deck if self.round <= 1 else self.deck + self.reserve

    @property
    def due_at(self) -> datetime | None:
        """When time alone changes this session next; None once it is over."""
        if not self.status.live:
            return None
        return self.starts_at or self.counted_at or self.expires_at

    @property
    def being_counted(self) -> bool:
        """Whether the round is closed and not decided yet."""
        return self.closing and self.status is Status.SWIPING

    @property
    def counted_at(self) -> datetime | None:
        """When the running round is counted."""
        return self.ends_at + SETTLING if self.ends_at else None

    @property
    def shared_deck(self) -> tuple[ObjectId, ...]:
        """The cards that all swipe in this round; none in round 2: who saw another's deck could tell who likes what."""
        if self.round == PERSONAL_ROUND:
            return ()
        return self.shortlist if self.round == FINAL_ROUND else self.deck

    def deck_of(self, user_id: ObjectId) -> tuple[ObjectId, ...]:
        """The cards that a participant swipes in this round, in order (docs/product.md S4, S10)."""
        participant = self.participant(user_id)
        if participant.spectator:
            return ()
        return participant.own_deck if self.round == PERSONAL_ROUND else self.shared_deck

    def has_carried_out(self, operation: Operation) -> bool:
        """Whether an operation was carried out before."""
        return operation.key in self.operations.get(operation.participant_id, ())

    def participant(self, user_id: ObjectId) -> Participant:
        """The participant, also one who has left.

        Raises:
            NotFound: for everybody else; strangers do not learn that the session exists.
        """
        for participant in self.participants:
            if participant.user_id == user_id:
                return participant
        raise NotFound("There is no such session, or you are not part of it.", code="session_not_found")

    def with_participant(self, changed: Participant) -> Session:
        """The session with one participant as they are now."""
        participants = tuple(changed if p.user_id == changed.user_id else p for p in self.participants)
        return replace(self, participants=participants)

    def touched(self, now: datetime) -> Session:
        """The session after somebody did something: it expires later (docs/product.md S17)."""
        return replace(self, expires_at=now + timedelta(minutes=self.expiry_minutes))


@dataclass(frozen=True, slots=True)
class Event:
    """What clients are told. `data` is JSON-ready but for item ids under `items`, which become cards."""

    type: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """A session after a rule, and what people are told of it. The same session and no events: nothing changed."""

    session: Session
    events: tuple[Event, ...] = ()

    def and_then(self, following: Change) -> Change:
        """This change and the one that a rule made of its session."""
        return Change(following.session, self.events + following.events)
