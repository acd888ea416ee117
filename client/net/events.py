"""What happens in a session, as the live socket tells it (docs/live-protocol.md, "Events").

Every event carries absolute values, so applying one twice is harmless. Those that are never replayed carry
no number: their `seq` is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from client.net.values import (
    Energy,
    Motion,
    MotionKind,
    Notification,
    Outcome,
    Participant,
    ParticipantStatus,
    Pause,
)


@dataclass(frozen=True, slots=True)
class ParticipantJoined:
    """Somebody new, or somebody who had left, is in the session; a countdown begins anew for them.

    In round 1 `deck` are the cards that remain: what the newcomer cannot eat has gone. In later rounds it is empty.
    """

    participant: Participant
    required: tuple[str, ...]
    deck: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ParticipantLeft:
    """Somebody left; `required` are those whose like a match needs now, `host_id` is who the host is now."""

    participant_id: str
    required: tuple[str, ...]
    host_id: str | None
    starts_at: float | None


@dataclass(frozen=True, slots=True)
class ParticipantGone:
    """Somebody has been away for so long that nobody waits for them any more."""

    participant_id: str
    required: tuple[str, ...]
    starts_at: float | None


@dataclass(frozen=True, slots=True)
class ParticipantBack:
    """Somebody who was gone is there and required again."""

    participant_id: str
    required: tuple[str, ...]
    starts_at: float | None


@dataclass(frozen=True, slots=True)
class EnergyVoted:
    """Somebody voted; for what stays hidden until all have."""

    participant_id: str


@dataclass(frozen=True, slots=True)
class EnergyResult:
    """All votes are in."""

    energy: Energy


@dataclass(frozen=True, slots=True)
class ReadyChanged:
    """Somebody is ready, or no longer; `starts_at` is when the countdown ends, None when there is none."""

    participant_id: str
    ready: bool
    starts_at: float | None


@dataclass(frozen=True, slots=True)
class StartRefused:
    """The countdown ended and the session could not start; `detail` says why, in a sentence for everybody."""

    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """A round runs until `ends_at` (server clock); its cards come from the deck route.

    `deck` is empty where everybody has their own cards; `deck_sizes` says by participant how many those are.
    """

    round: int
    ends_at: float
    deck: tuple[str, ...]
    energy: Energy | None
    required: tuple[str, ...]
    deck_sizes: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MotionChanged:
    """Somebody asked for something, or voted on it (`motion_opened`, `motion_voted`)."""

    motion: Motion


@dataclass(frozen=True, slots=True)
class MotionClosed:
    """A motion is settled one way or the other (`motion_passed`, `motion_failed`)."""

    kind: MotionKind
    passed: bool


@dataclass(frozen=True, slots=True)
class Paused:
    """The round's clock stands."""

    pause: Pause


@dataclass(frozen=True, slots=True)
class Resumed:
    """The round's clock runs again, until `ends_at` (server clock)."""

    ends_at: float


@dataclass(frozen=True, slots=True)
class Swiped:
    """How many cards of a round somebody is done with, never which or how."""

    participant_id: str
    round: int
    swiped: int


@dataclass(frozen=True, slots=True)
class RoundEnded:
    """The round is over; the next event says what follows."""

    round: int


@dataclass(frozen=True, slots=True)
class Decided:
    """The session ended with a match or with the closest cards (`matched`, `closest`)."""

    outcome: Outcome


@dataclass(frozen=True, slots=True)
class CoinTossed:
    """The host had the tied first place settled by a coin, for `item` among those."""

    item: str
    among: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody said something to everybody (`chat`)."""

    message_id: str
    participant_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody showed a feeling."""

    participant_id: str
    emoji: str


@dataclass(frozen=True, slots=True)
class Expired:
    """Nothing happened for too long."""


@dataclass(frozen=True, slots=True)
class SessionClosed:
    """The session ended without an outcome."""


@dataclass(frozen=True, slots=True)
class PresenceChanged:
    """Somebody's connection was lost or is back."""

    participant_id: str
    status: ParticipantStatus


@dataclass(frozen=True, slots=True)
class Progress:
    """How far everybody is in a round and who is there; follows a resumed welcome."""

    round: int
    swiped: Mapping[str, int]
    presence: Mapping[str, ParticipantStatus]


@dataclass(frozen=True, slots=True)
class Notified:
    """What the user was told, in this session or not; it is in the inbox too."""

    notification: Notification


@dataclass(frozen=True, slots=True)
class UnknownEvent:
    """An event of a later server; counted in the sequence, otherwise ignored."""

    type: str


EventBody: TypeAlias = (
    ParticipantJoined
    | ParticipantLeft
    | ParticipantGone
    | ParticipantBack
    | EnergyVoted
    | EnergyResult
    | ReadyChanged
    | StartRefused
    | RoundStarted
    | MotionChanged
    | MotionClosed
    | Paused
    | Resumed
    | Swiped
    | RoundEnded
    | Decided
    | CoinTossed
    | Said
    | Reacted
    | Expired
    | SessionClosed
    | PresenceChanged
    | Progress
    | Notified
    | UnknownEvent
)


@dataclass(frozen=True, slots=True)
class Event:
    """One event frame; `at` is the server's time in epoch seconds."""

    seq: int | None
    at: float
    body: EventBody
