"""What crosses the wire about one's own history."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from backend.groups.schemas import DecisionOut
from backend.http.schemas import Body, Id, IdPath
from backend.sessions.texts import clean_message

Stars = Annotated[int, Field(ge=1, le=5)]
Note = Annotated[str, StringConstraints(max_length=2000), AfterValidator(clean_message)]


class RatingBody(Body):
    """What one thinks of an outcome: both are for oneself, and take the place of what one said before."""

    rating: Stars | None = Field(description="1 to 5; null takes it back.")
    note: Note | None = Field(description="At most 500 characters; null takes it back.")


class SessionPath(IdPath):
    """The session in the path."""


class GroupName(BaseModel):
    """A group that the caller is in."""

    id: Id
    name: str


class HistoryEntryOut(DecisionOut):
    """What one session decided, and what the caller thinks of it."""

    group: GroupName | None = Field(description="The group it belonged to, if the caller is still in it.")
    rating: int | None
    note: str | None
