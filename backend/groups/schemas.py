"""What crosses the wire about groups."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from backend.http.schemas import Body, Id, IdPath, Moment
from backend.sessions.schemas import OutcomeView
from backend.users.names import clean_display_name

GroupName = Annotated[str, StringConstraints(max_length=200), AfterValidator(clean_display_name)]


class GroupBody(Body):
    """What people say about a group: its name, cleaned as display names are."""

    name: GroupName = Field(description="At most 40 characters.")


class JoinGroup(Body):
    """The secret part of an invite link: what comes after /g/."""

    token: str = Field(min_length=1, max_length=100)


class GroupPath(IdPath):
    """The group in the path."""


class MemberPath(GroupPath):
    """The group and one of its members in the path."""

    user_id: Id


class MemberOut(BaseModel):
    """A member as the others see them."""

    id: Id
    display_name: str
    joined_at: Moment


class LiveSessionOut(BaseModel):
    """The group's newest session that people can still join, by `POST /sessions/join {code}`."""

    id: Id
    code: str
    status: Literal["lobby", "swiping", "paused"]
    host_name: str
    people: int


class GroupOut(BaseModel):
    """A group, to its members."""

    id: Id
    name: str
    owner_id: Id
    members: list[MemberOut] = Field(description="Who has been a member longest comes first.")
    invite_link: str = Field(description="Whoever has it may join.")
    created_at: Moment
    live_session: LiveSessionOut | None


class DecisionOut(BaseModel):
    """One past decision of a group."""

    id: Id
    status: Literal["matched", "closest"]
    menu: str
    created_at: Moment
    host_name: str
    participants: list[str]
    outcome: OutcomeView
