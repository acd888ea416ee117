"""What frames of the live protocol hold: participants, cards, outcomes, snapshots (docs/live-protocol.md).

These types are exact, where the views in schemas.py leave HTTP room: what they do not name is refused.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from pydantic.json_schema import SkipJsonSchema

from backend.http.schemas import Id
from backend.sessions import schemas

Time = Annotated[str, StringConstraints(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
Milliseconds = Annotated[int, Field(ge=0, description="Since 1970.")]
Count = Annotated[int, Field(ge=0)]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]*$")]
Absent = SkipJsonSchema[None]  # the field may be missing; it is never sent as null


class Message(BaseModel):
    """Base of what the server says: nothing beside what is written here, types as they are."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Participant(schemas.ParticipantView, Message):
    """A participant as the others see them."""


class Energy(schemas.EnergyView, Message):
    """The group's energy, and how many voted for each level."""


class _Card(Message):
    """What every card has."""

    id: Id
    title: str
    subtitle: str
    image_url: str | None
    blurhash: str | None
    cuisines: list[str]
    dietary_tags: list[str]
    sponsored: bool


class RecipeCard(_Card):
    """A recipe as the deck shows it."""

    kind: Literal["recipe"]
    minutes: Count
    difficulty: Literal["easy", "medium", "hard"]


class RestaurantCard(_Card):
    """A restaurant as the deck shows it."""

    kind: Literal["restaurant"]
    price: int = Field(ge=1, le=4)
    rating: Annotated[float, Field(ge=0, le=5)] | Absent = None
    distance_miles: Annotated[float, Field(ge=0)] | Absent = None


_Cards = list[RecipeCard | RestaurantCard]


class MatchOutcome(Message):
    """The card that everybody likes; none if it is no longer in the catalogue."""

    kind: Literal["match"]
    items: _Cards = Field(max_length=1)
    decided_at: Time


class ClosestOutcome(Message):
    """The best cards where there was no match, best first."""

    kind: Literal["closest"]
    items: _Cards = Field(max_length=3)
    decided_at: Time
    tied: list[Id] = Field(
        max_length=3, description="Those that share the first place; empty if one is alone there."
    )
    tossed: Id | None = Field(description="Which of them the coin has chosen.")


class Motion(schemas.MotionView, Message):
    """An open motion: who is for it, who against, and how many in favour make it pass."""

    needed: Count


class Pause(schemas.PauseView, Message):
    """A standing clock, and what is left of the round."""

    remaining_ms: Count


class Snapshot(schemas.Snapshot, Message):
    """A session, whole, as one participant may see it."""

    menu: Literal["recipes", "restaurants", "both"]
    starts_at: Time | None
    ends_at: Time | None
    server_now: Time
    energy: Energy | None
    # Exact where the HTTP views are open; nobody appends to what was received.
    pause: Pause | None
    motions: list[Motion]  # type: ignore[assignment]  # a list of the narrower type
    participants: list[Participant]  # type: ignore[assignment]  # a list of the narrower type
    outcome: MatchOutcome | ClosestOutcome | None  # type: ignore[assignment]  # with exact cards
