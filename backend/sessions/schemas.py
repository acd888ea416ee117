"""What crosses the wire about sessions, over HTTP and over the socket alike. Unknown fields are refused.

The frames that only the socket has are in operations.py.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from backend.http.schemas import Body, Id, IdPath, MomentText
from backend.sessions.state import FINAL_ROUND, Energy, MotionKind
from backend.sessions.texts import clean_message

_SHORTEST_ROUND, _LONGEST_ROUND = 5, 900

# A ULID: 26 characters of Crockford's base 32, at most 128 bits.
OpId = Annotated[str, StringConstraints(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
RoundSeconds = Annotated[int, Field(ge=_SHORTEST_ROUND, le=_LONGEST_ROUND)]
EnergyLevel = Literal["low", "medium", "high"]
SwipeDirection = Literal["right", "left", "up"]
# Some cards come again in later rounds. A swipe that says its round cannot be taken for one of the next.
RoundMeant = Annotated[int | None, Field(ge=1, le=FINAL_ROUND, description="The round it is meant for.")]
MotionName = Literal["pause", "resume", "skip_round", "end_now"]
Emoji = Literal["👍", "❤️", "😂", "😮", "😋", "🤔", "🔥", "👎"]


class NewSession(Body):
    """What to create."""

    menu: Literal["recipes", "restaurants", "both"] = "both"
    deck_size: int = Field(20, ge=5, le=50)
    rounds: list[RoundSeconds] | None = Field(
        None, min_length=1, max_length=3, description="Seconds of each round, 300, 180 and 60 by default."
    )
    group_id: Id | None = Field(None, description="A group of yours: its members are told at once.")


class JoinCode(Body):
    """A join code as people type it."""

    code: str = Field(min_length=1, max_length=20)


class EnergyVote(Body):
    """How much energy one has."""

    level: EnergyLevel

    @property
    def energy(self) -> Energy:
        """The level as the rules know it."""
        return Energy(self.level)


class Readiness(Body):
    """Whether one is ready."""

    ready: bool


class SwipeBody(Body):
    """A swipe over HTTP."""

    op_id: OpId
    item_id: Id
    direction: SwipeDirection
    round: RoundMeant = None


class UndoBody(Body):
    """Take the last swipe back, over HTTP."""

    op_id: OpId
    round: RoundMeant = None


class Vote(Body):
    """A vote on a motion; the first in favour opens it."""

    motion: MotionName
    in_favour: bool

    @property
    def kind(self) -> MotionKind:
        """The motion as the rules know it."""
        return MotionKind(self.motion)


class ChatText(Body):
    """Plain text for everybody in the session."""

    text: Annotated[str, StringConstraints(max_length=2000), AfterValidator(clean_message)]


class MessageBody(ChatText):
    """The same over HTTP."""

    op_id: OpId


class Reaction(Body):
    """A quick reaction."""

    emoji: Emoji


class Feedback(Body):
    """Whether one cooked it, or went there."""

    followed_through: bool


class SessionPath(IdPath):
    """The session in the path."""


class ParticipantView(BaseModel):
    """A participant as the others see them."""

    id: Id
    display_name: str
    status: Literal["connected", "away", "gone", "left"]
    spectator: bool
    ready: bool
    energy_voted: bool
    swiped: int
    deck_size: int


class EnergyView(BaseModel):
    """The group's energy, once all have voted."""

    level: EnergyLevel
    votes: dict[EnergyLevel, int]


class DeckCard(BaseModel):
    """A recipe or restaurant as the deck shows it."""

    model_config = ConfigDict(extra="allow")

    id: Id
    kind: Literal["recipe", "restaurant"]
    title: str
    subtitle: str
    image_url: str | None
    sponsored: bool


class OutcomeView(BaseModel):
    """How the session was decided."""

    kind: Literal["match", "closest"]
    items: list[DeckCard]
    decided_at: MomentText
    tied: list[Id] = Field([], description="Closest only: those that share the first place.")
    tossed: Id | None = Field(None, description="Closest only: which of them the coin has chosen.")


class MotionView(BaseModel):
    """An open motion: who is for it, who against, how many it needs."""

    motion: MotionName
    opened_by: Id
    in_favour: list[Id]
    against: list[Id]
    needed: int


class PauseView(BaseModel):
    """A standing clock, and what is left of the round."""

    reason: Literal["vote", "majority_away"]
    remaining_ms: int


class Snapshot(BaseModel):
    """A session, whole, as one participant may see it."""

    id: Id
    code: str
    link: str
    status: Literal["lobby", "swiping", "paused", "matched", "closest", "expired", "closed"]
    round: int
    round_seconds: list[int]
    starts_at: MomentText | None
    ends_at: MomentText | None
    pause: PauseView | None
    server_now: MomentText
    epoch: str
    seq: int
    you: Id
    host_id: Id
    group_id: Id | None = Field(description="The group it belongs to.")
    menu: str
    deck_size: int
    my_energy: EnergyLevel | None
    energy: EnergyView | None
    participants: list[ParticipantView]
    required: list[Id]
    motions: list[MotionView]
    outcome: OutcomeView | None


class DeckView(BaseModel):
    """The caller's cards of the running round in order, and which of them they have swiped in it."""

    round: int
    items: list[DeckCard]
    swiped: list[Id]


class SwipeReply(BaseModel):
    """The card whose swipe, or undo, is durable."""

    item: Id


class SessionSummary(BaseModel):
    """One entry of the list of one's sessions."""

    id: Id
    code: str
    status: str
    group_id: Id | None
    menu: str
    created_at: MomentText
    participants: list[str]
    left: bool
    outcome: OutcomeView | None
    feedback_due: bool = Field(description="Whether it is time to ask if one cooked it, or went there.")


class MessageId(BaseModel):
    """The message that was kept."""

    message_id: Id


class MessageView(BaseModel):
    """Something that somebody wrote."""

    id: Id
    participant_id: Id
    text: str
    at: MomentText
