"""What clients say over the socket: hello, and one model per operation; `op` tells them apart."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Final, Literal

from bson import ObjectId
from pydantic import Field, TypeAdapter

from backend.http.schemas import Body, Id
from backend.sessions.schemas import (
    ChatText,
    EnergyVote,
    OpId,
    Reaction,
    Readiness,
    RoundMeant,
    SwipeDirection,
    Vote,
)
from backend.sessions.tally import Direction

PROTOCOL_VERSION = 1


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
    takeover: bool = False


class InboxHello(Body):
    """The first frame of a socket that belongs to no session: it gets what its user is told."""

    op: Literal["hello"]
    v: int
    token: str = Field(max_length=4096)


hellos: TypeAdapter[Hello | InboxHello] = TypeAdapter(Hello | InboxHello)


class SwipeData(Body):
    """Which card went which way."""

    item: Id
    direction: SwipeDirection
    round: RoundMeant = None

    @property
    def item_id(self) -> ObjectId:
        """The card's id as MongoDB stores it."""
        return ObjectId(self.item)

    @property
    def way(self) -> Direction:
        """The direction as the rules know it."""
        return Direction(self.direction)


class UndoData(Body):
    """Of which round."""

    round: RoundMeant = None


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


class UndoOp(Body):
    """Take the last swipe back."""

    op: Literal["undo"]
    id: OpId
    data: UndoData = UndoData()


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


class VoteOp(Body):
    """Vote on a motion."""

    op: Literal["vote"]
    id: OpId
    data: Vote


class TossOp(Body):
    """The host has a coin choose between tied cards."""

    op: Literal["toss"]
    id: OpId
    data: Nothing = Nothing()


class ChatOp(Body):
    """Say something."""

    op: Literal["chat"]
    id: OpId
    data: ChatText


class ReactOp(Body):
    """Show a quick reaction."""

    op: Literal["react"]
    id: OpId
    data: Reaction


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
    SwipeOp
    | UndoOp
    | EnergyOp
    | ReadyOp
    | StartOp
    | VoteOp
    | TossOp
    | ChatOp
    | ReactOp
    | LeaveOp
    | PingOp
    | ReauthOp,
    Field(discriminator="op"),
]
operations: TypeAdapter[Operation] = TypeAdapter(Operation)


class Who(Enum):
    """Who may use an operation. The rules of a session hold it, for they know its state (`rules/requirements.py`)."""

    LOGGED_IN = "anybody with a good access token"
    CONNECTED = "whoever was welcomed"
    PARTICIPANT = "whoever is in the session and has not left"
    PLAYER = "participants who decide; not those who joined later and watch"
    HOST = "the host"


# One that is missing here is refused for everybody.
PERMITS: Final[Mapping[type[Body], Who]] = {
    Hello: Who.LOGGED_IN,
    InboxHello: Who.LOGGED_IN,
    SwipeOp: Who.PLAYER,
    UndoOp: Who.PLAYER,
    EnergyOp: Who.PARTICIPANT,
    ReadyOp: Who.PARTICIPANT,
    StartOp: Who.HOST,
    VoteOp: Who.PLAYER,
    TossOp: Who.HOST,
    ChatOp: Who.PARTICIPANT,
    ReactOp: Who.PARTICIPANT,
    LeaveOp: Who.PARTICIPANT,
    PingOp: Who.CONNECTED,
    ReauthOp: Who.CONNECTED,
}
