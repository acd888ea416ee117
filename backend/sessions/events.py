"""What happens, as clients are told: one model of the data of each event (docs/live-protocol.md).

A new event is a model here and its line in EVENTS; its frame and the published schema follow (protocol.py).
"""

from __future__ import annotations

from typing import ClassVar, Final, Literal

from pydantic import Field

from backend.http.schemas import Id
from backend.sessions.messages import (
    ClosestOutcome,
    Code,
    Count,
    Energy,
    MatchOutcome,
    Message,
    Motion,
    Participant,
    Pause,
    Time,
)
from backend.sessions.schemas import Emoji, MotionName


class EventData(Message):
    """Data of an event. Events have a number unless they only matter now."""

    numbered: ClassVar[bool] = True


class ParticipantJoined(EventData):
    """Somebody is new, or back after leaving. `deck`: in round 1, without what the newcomer cannot eat; else empty."""

    participant: Participant
    required: list[Id]
    starts_at: None = Field(description="A running countdown stops.")
    deck: list[Id]


class ParticipantLeft(EventData):
    """Somebody left; the host's role and the countdown as they are then."""

    participant_id: Id
    required: list[Id]
    host_id: Id
    starts_at: Time | None


class ParticipantGone(EventData):
    """Somebody was away for too long and is no longer waited for."""

    participant_id: Id
    required: list[Id]
    starts_at: Time | None


class ParticipantBack(EventData):
    """Somebody who was gone is required again."""

    participant_id: Id
    required: list[Id]
    starts_at: Time | None


class EnergyVoted(EventData):
    """Somebody voted; for what stays hidden until all have."""

    participant_id: Id


class EnergyResult(Energy, EventData):
    """All present have voted."""


class ReadyChanged(EventData):
    """Somebody is ready or no longer is; once all are, the round starts by itself at `starts_at`."""

    participant_id: Id
    ready: bool
    starts_at: Time | None


class StartRefused(EventData):
    """The countdown ended and the session could not start."""

    code: Code
    detail: str


class RoundStarted(EventData):
    """A round runs until `ends_at`; it closes all motions.

    `deck`: ids in order; empty in round 2, where everybody has their own. The cards are at `GET /sessions/ID/deck`.
    """

    round: int = Field(ge=1, le=3)
    ends_at: Time
    deck: list[Id]
    deck_sizes: dict[Id, Count] = Field(description="By participant.")
    energy: Energy
    required: list[Id]


class RoundEnded(EventData):
    """The round is over; the next event says what follows."""

    round: int = Field(ge=1, le=3)


class MotionOpened(Motion, EventData):
    """Somebody asks the others for something."""


class MotionVoted(Motion, EventData):
    """Somebody voted on an open motion, or how many votes it needs has changed."""


class MotionPassed(EventData):
    """More than half are in favour; what follows is told by the next events."""

    motion: MotionName


class MotionFailed(EventData):
    """It cannot pass any more, or nobody wants it any more."""

    motion: MotionName


class Paused(Pause, EventData):
    """The clock stands; closes all motions."""


class Resumed(EventData):
    """The clock goes on; closes all motions."""

    ends_at: Time


class Matched(EventData):
    """The session is decided: a match."""

    outcome: MatchOutcome


class Closest(EventData):
    """The session is decided: no match."""

    outcome: ClosestOutcome


class CoinTossed(EventData):
    """The host had a coin choose between the cards that share the first place."""

    item: Id
    among: list[Id] = Field(min_length=2, max_length=3)


class Chat(EventData):
    """Somebody said something."""

    message_id: Id
    participant_id: Id
    text: str = Field(min_length=1, max_length=500)


class Reaction(EventData):
    """Somebody showed a quick reaction."""

    participant_id: Id
    emoji: Emoji


class Expired(EventData):
    """Nobody touched the session for too long."""


class SessionClosed(EventData):
    """The session ended without an outcome."""


class Swiped(EventData):
    """How many cards of a round somebody is done with; never which or how."""

    numbered = False
    participant_id: Id
    round: int = Field(ge=1, le=3)
    swiped: Count


class Presence(EventData):
    """Somebody's connection was lost or is back."""

    numbered = False
    participant_id: Id
    status: Literal["connected", "away"]


class Progress(EventData):
    """How far everybody is and who is there, by participant."""

    numbered = False
    round: int = Field(ge=0, le=3)
    swiped: dict[Id, Count]
    presence: dict[Id, Literal["connected", "away", "gone"]]


class Notification(EventData):
    """What the user was told, wherever they are connected; it is in their inbox too. Kinds may be added."""

    numbered = False
    id: Id
    kind: Code
    text: str = Field(description="One sentence, ready for people.")
    data: dict[str, str] = Field(description="By kind: what a program needs to act on it.")
    created_at: Time


EVENTS: Final[dict[str, type[EventData]]] = {
    "participant_joined": ParticipantJoined,
    "participant_left": ParticipantLeft,
    "participant_gone": ParticipantGone,
    "participant_back": ParticipantBack,
    "energy_voted": EnergyVoted,
    "energy_result": EnergyResult,
    "ready_changed": ReadyChanged,
    "start_refused": StartRefused,
    "round_started": RoundStarted,
    "motion_opened": MotionOpened,
    "motion_voted": MotionVoted,
    "motion_passed": MotionPassed,
    "motion_failed": MotionFailed,
    "paused": Paused,
    "resumed": Resumed,
    "round_ended": RoundEnded,
    "matched": Matched,
    "closest": Closest,
    "coin_tossed": CoinTossed,
    "chat": Chat,
    "reaction": Reaction,
    "expired": Expired,
    "session_closed": SessionClosed,
    "swiped": Swiped,
    "presence": Presence,
    "progress": Progress,
    "notification": Notification,
}
"""By type: the data of every event."""
