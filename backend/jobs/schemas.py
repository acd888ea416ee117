"""What crosses the wire about jobs."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from backend.http.schemas import Moment, Path


class JobPath(Path):
    """One job in the path, by RQ's id of it."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,200}$")]


class FailedJobOut(BaseModel):
    """A job whose attempts are used up. `error` is the class of its last error, without its words."""

    id: str
    kind: str
    queue: str
    failed_at: Moment
    attempts: int
    error: str


class FailedJobList(BaseModel):
    """The newest first."""

    items: list[FailedJobOut]
    total: int


class EntranceOut(BaseModel):
    """Where to let a browser in: within a minute, once."""

    url: str
    expires_in: int
