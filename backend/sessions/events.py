"""What happens in a session, as clients are told: one model of the data of each event (docs/live-protocol.md).

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
    Participant,
    Time,
)


class EventData(Message):
    """Data of an event. Events have a number unless they only matter now."""

    numbered: ClassVar[bool] = True


class ParticipantJoined(EventData):
    """Somebody is new, or back. `deck`: once started, without what the newcomer cannot eat."""

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
    """A round runs until `ends_at`. `deck`: ids in order; the cards are at `GET /sessions/ID/deck`."""

    round: int = Field(ge=1)
    ends_at: Time
    deck: list[Id]
    energy: Energy
    required: list[Id]


class RoundEnded(EventData):
    """The round is over; the next event says what follows."""

    round: int = Field(ge=1)


class Matched(EventData):
    """The session is decided: a match."""

    outcome: MatchOutcome


class Closest(EventData):
    """The session is decided: no match."""

    outcome: ClosestOutcome


class Expired(EventData):
    """Nobody touched the session for too long."""


class SessionClosed(EventData):
    """The session ended without an outcome."""


class Swiped(EventData):
    """How many cards somebody is done with; never which or how."""

    numbered = False
    participant_id: Id
    swiped: Count


class Presence(EventData):
    """Somebody's connection was lost or is back."""

    numbered = False
    participant_id: Id
    status: Literal["connected", "away"]


class Progress(EventData):
    """How far everybody is and who is there, by participant."""

    numbered = False
    swiped: dict[Id, Count]
    presence: dict[Id, Literal["connected", "away"]]


EVENTS: Final[dict[str, type[EventData]]] = {
    "participant_joined": ParticipantJoined,
    "participant_left": ParticipantLeft,
    "energy_voted": EnergyVoted,
    "energy_result": EnergyResult,
    "ready_changed": ReadyChanged,
    "start_refused": StartRefused,
    "round_started": RoundStarted,
    "round_ended": RoundEnded,
    "matched": Matched,
    "closest": Closest,
    "expired": Expired,
    "session_closed": SessionClosed,
    "swiped": Swiped,
    "presence": Presence,
    "progress": Progress,
}
"""By type: the data of every event."""
