"""What crosses the wire about sessions, over HTTP and over the socket alike. Unknown fields are refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from bson import ObjectId
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter

from backend.http.schemas import Body, Id, IdPath
from backend.sessions.state import Energy
from backend.sessions.tally import Direction

PROTOCOL_VERSION = 1
_SHORTEST_ROUND, _LONGEST_ROUND = 5, 900

# A ULID: 26 characters of Crockford's base 32, at most 128 bits.
OpId = Annotated[str, StringConstraints(pattern=r"^[0-7][0-9A-HJKMNP-TV-Z]{25}$")]
RoundSeconds = Annotated[int, Field(ge=_SHORTEST_ROUND, le=_LONGEST_ROUND)]
EnergyLevel = Literal["low", "medium", "high"]
SwipeDirection = Literal["right", "left", "up"]


class NewSession(Body):
    """What to create."""

    menu: Literal["recipes", "restaurants", "both"] = "both"
    deck_size: int = Field(20, ge=5, le=50)
    rounds: list[RoundSeconds] | None = Field(
        None, min_length=1, max_length=1, description="Seconds of each round; this version plays one round."
    )


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


class SessionPath(IdPath):
    """The session in the path."""


class ParticipantView(BaseModel):
    """A participant as the others see them."""

    id: Id
    display_name: str
    status: Literal["connected", "away", "left"]
    ready: bool
    energy_voted: bool
    swiped: int
    deck_size: int


class EnergyView(BaseModel):
    """The group's energy, once all have voted."""

    level: EnergyLevel
    votes: dict[EnergyLevel, int]


class Card(BaseModel):
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
    items: list[Card]
    decided_at: str


class Snapshot(BaseModel):
    """A session, whole, as one participant may see it."""

    id: Id
    code: str
    link: str
    status: Literal["lobby", "swiping", "matched", "closest", "expired", "closed"]
    round: int
    starts_at: str | None
    ends_at: str | None
    server_now: str
    epoch: str
    seq: int
    you: Id
    host_id: Id
    menu: str
    deck_size: int
    my_energy: EnergyLevel | None
    energy: EnergyView | None
    participants: list[ParticipantView]
    required: list[Id]
    motions: list[dict[str, Any]]
    outcome: OutcomeView | None


class DeckView(BaseModel):
    """The deck in order, and which cards the caller has swiped."""

    round: int
    items: list[Card]
    swiped: list[Id]


class SwipeReply(BaseModel):
    """A swipe that is durable."""

    item: Id


class SessionSummary(BaseModel):
    """One entry of the list of one's sessions."""

    id: Id
    code: str
    status: str
    menu: str
    created_at: str
    participants: list[str]
    left: bool
    outcome: OutcomeView | None


# --- the socket: one model per operation; `op` tells them apart ---


class Resume(Body):
    """Where the client's knowledge ends."""

    epoch: str = Field(max_length=32)
    seq: int = Field(ge=0, le=2**53)


class Hello(Body):
    """The first frame: who, where, and what is known already."""

    op: Literal["hello"]
    v: int
    token: str = Field(max_length=4096)
    session: Id
    resume: Resume | None = None


class SwipeData(Body):
    """Which card went which way."""

    item: Id
    direction: SwipeDirection

    @property
    def item_id(self) -> ObjectId:
        """The card's id as MongoDB stores it."""
        return ObjectId(self.item)

    @property
    def way(self) -> Direction:
        """The direction as the rules know it."""
        return Direction(self.direction)


class PingData(Body):
    """The client's clock, echoed."""

    t: float = Field(allow_inf_nan=False)


class Nothing(Body):
    """No data."""


class SwipeOp(Body):
    """Swipe a card."""

    op: Literal["swipe"]
    id: OpId
    data: SwipeData


class EnergyOp(Body):
    """Vote for an energy."""

    op: Literal["energy"]
    id: OpId
    data: EnergyVote


class ReadyOp(Body):
    """Be ready, or not."""

    op: Literal["ready"]
    id: OpId
    data: Readiness


class StartOp(Body):
    """The host starts."""

    op: Literal["start"]
    id: OpId
    data: Nothing = Nothing()


class LeaveOp(Body):
    """Leave the session."""

    op: Literal["leave"]
    id: OpId
    data: Nothing = Nothing()


class PingOp(Body):
    """Measure the clock offset."""

    op: Literal["ping"]
    id: OpId
    data: PingData


class ReauthOp(Body):
    """Bring a new access token before the old one runs out."""

    op: Literal["reauth"]
    id: OpId
    token: str = Field(max_length=4096)


Operation = Annotated[
    SwipeOp | EnergyOp | ReadyOp | StartOp | LeaveOp | PingOp | ReauthOp, Field(discriminator="op")
]
operations: TypeAdapter[Operation] = TypeAdapter(Operation)
