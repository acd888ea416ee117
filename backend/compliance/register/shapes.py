"""What the records of an export are made of. A field's title is what people read above its column."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backend.compliance.register.terms import OfCard, Shape
from backend.http.schemas import Id, MomentText

Moment = Annotated[MomentText, Field(title="When")]
SessionId = Annotated[Id, Field(title="Session")]
CardId = Annotated[Id, Field(title="Card"), OfCard()]
Words = list[str]


class ProfileShape(Shape):
    """An account."""

    id: Annotated[Id, Field(title="Account")]
    email: Annotated[str, Field(title="E-mail address")]
    email_confirmed: Annotated[bool, Field(title="Address confirmed")]
    display_name: Annotated[str, Field(title="Name")]
    role: Annotated[Literal["guest", "user", "operator"], Field(title="Role")]
    tier: Annotated[Literal["free", "pro"], Field(title="Tier")]
    muted_notifications: Annotated[Words, Field(title="Notifications not wanted")]
    created_at: Annotated[MomentText, Field(title="Since")]


class IdentityShape(Shape):
    """An account elsewhere."""

    issuer: Annotated[str, Field(title="Where")]
    subject: Annotated[str, Field(title="Known there as")]
    added_at: Annotated[MomentText, Field(title="Since")]


class HomeShape(Shape):
    """A place, in degrees."""

    lat: float
    lon: float


class PreferencesShape(Shape):
    """What somebody likes and cannot eat."""

    dietary: Annotated[Words, Field(title="Diet")]
    allergies: Annotated[Words, Field(title="Allergies")]
    liked_cuisines: Annotated[Words, Field(title="Liked cuisines")]
    disliked_cuisines: Annotated[Words, Field(title="Disliked cuisines")]
    max_price: Annotated[int | None, Field(title="Price limit (1 to 4)")]
    home_location: Annotated[HomeShape | None, Field(title="Home")]


class ConsentShape(Shape):
    """A decision about a text."""

    kind: Annotated[Literal["terms", "privacy", "special_category"], Field(title="Text")]
    version: Annotated[str, Field(title="Version")]
    text_sha256: Annotated[str, Field(title="Digest of its words")]
    given: Annotated[bool, Field(title="Agreed")]
    at: Moment


class LogInShape(Shape):
    """A log-in."""

    created_at: Annotated[MomentText, Field(title="Logged in")]
    proved_at: Annotated[MomentText, Field(title="Proved whose it is")]
    refreshed_at: Annotated[MomentText, Field(title="Last used")]
    expires_at: Annotated[MomentText, Field(title="Good until")]
    ended_at: Annotated[MomentText | None, Field(title="Logged out")]
    user_agent: Annotated[str, Field(title="Program, as it names itself")]


class NotificationShape(Shape):
    """Something that the user was told."""

    id: Annotated[Id, Field(title="Notification")]
    kind: Annotated[str, Field(title="Kind")]
    text: Annotated[str, Field(title="Text")]
    data: Annotated[dict[str, object], Field(title="About")]
    created_at: Moment
    read_at: Annotated[MomentText | None, Field(title="Read")]


class GroupShape(Shape):
    """A group, as far as it concerns the user."""

    id: Annotated[Id, Field(title="Group")]
    name: Annotated[str, Field(title="Name")]
    owned: Annotated[bool, Field(title="Yours")]
    joined_at: Annotated[MomentText, Field(title="Joined")]
    people: Annotated[int, Field(title="People")]


class SessionShape(Shape):
    """A session, as the user saw it."""

    id: Annotated[Id, Field(title="Session")]
    created_at: Moment
    status: Annotated[str, Field(title="Ended as")]
    menu: Annotated[Literal["recipes", "restaurants", "both"], Field(title="Menu")]
    hosted: Annotated[bool, Field(title="You were the host")]
    group_id: Annotated[Id | None, Field(title="Group")]
    my_name: Annotated[str, Field(title="Your name there")]
    joined_at: Annotated[MomentText, Field(title="Joined")]
    left: Annotated[bool, Field(title="You left")]
    my_energy: Annotated[Literal["low", "medium", "high"] | None, Field(title="Your energy")]
    people: Annotated[int, Field(title="People")]
    deck: Annotated[list[Id], Field(title="Cards"), OfCard()]
    outcome: Annotated[list[Id], Field(title="Outcome"), OfCard()]


class SwipeShape(Shape):
    """One swipe."""

    session_id: SessionId
    item_id: CardId
    direction: Annotated[Literal["right", "left", "up", "undo"], Field(title="Swiped")]
    round: Annotated[int, Field(title="Round")]
    at: Moment


class MessageShape(Shape):
    """Something that the user wrote."""

    session_id: SessionId
    text: Annotated[str, Field(title="Text")]
    at: Moment


class FeedbackShape(Shape):
    """Whether the user cooked it, or went there."""

    session_id: SessionId
    item_id: CardId
    followed_through: Annotated[bool, Field(title="Cooked it, or went there")]
    at: Moment


class ExportShape(Shape):
    """A copy that was asked for."""

    id: Annotated[Id, Field(title="Export")]
    status: Annotated[Literal["queued", "running", "done", "failed"], Field(title="State")]
    requested_at: Annotated[MomentText, Field(title="Asked for")]
    finished_at: Annotated[MomentText | None, Field(title="Finished")]
    expires_at: Annotated[MomentText, Field(title="Kept until")]
    size_bytes: Annotated[int | None, Field(title="Bytes")]


class CardShape(Shape):
    """What the ids of cards in the other files stand for."""

    id: Annotated[Id, Field(title="Id")]
    kind: Annotated[Literal["recipe", "restaurant"], Field(title="Kind")]
    title: Annotated[str, Field(title="Title")]
    liked: Annotated[bool, Field(title="Liked, or decided on")]
    picture: Annotated[str | None, Field(title="Picture, in this archive")]
