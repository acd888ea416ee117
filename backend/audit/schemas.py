"""What crosses the wire about the audit log."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from bson import ObjectId
from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, StringConstraints

from backend.audit.reading import Criteria, Cursor, Person, Record
from backend.http.schemas import Id, Moment, Query

_MOST = 100
_REQUEST_ID = "As in `X-Request-ID`; where it is not readable (any more), a digest of it."


def _utc(moment: datetime) -> datetime:
    """In the one zone that everything is stored in; at either end of the calendar there is no such moment."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is out of range") from None


Bound = Annotated[AwareDatetime, AfterValidator(_utc)]
ActionName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.]{1,100}$")]
RequestId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
CursorText = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,14}-[0-9]{1,18}$")]
OutcomeName = Literal["done", "refused", "failed"]
ChannelName = Literal["http", "socket", "command", "job"]


class EntriesQuery(Query):
    """Which part of a long list; a limit out of range is clamped, not refused."""

    cursor: CursorText | None = Field(None, description="`next` of the page before.")
    limit: Annotated[int, AfterValidator(lambda n: min(max(n, 1), _MOST))] = 50

    @property
    def after(self) -> Cursor | None:
        """Where the page begins.

        Raises:
            InvalidInput: that is no cursor.
        """
        return None if self.cursor is None else Cursor.parse(self.cursor)


class SearchQuery(EntriesQuery):
    """What operators look for; what is not said does not matter."""

    user: Id | None = Field(None, description="Who did it, or to whom it was done.")
    action: ActionName | None = None
    outcome: OutcomeName | None = None
    request_id: RequestId | None = None
    since: Bound | None = Field(None, description="With this moment.")
    until: Bound | None = Field(None, description="Without this moment.")

    @property
    def user_id(self) -> ObjectId | None:
        """Whose entries."""
        return ObjectId(self.user) if self.user else None

    def to_criteria(self) -> Criteria:
        """As the audit log takes it."""
        return Criteria(
            user_id=self.user_id,
            action=self.action,
            outcome=self.outcome,
            request_id=self.request_id,
            since=self.since,
            until=self.until,
        )


class OwnEntryOut(BaseModel):
    """Something that was recorded of the caller."""

    at: Moment
    action: str = Field(description="What, as `auth.log_in`; docs/audit.md lists them.")
    outcome: OutcomeName
    reason: str = Field(description="The problem's code, where it ended in one.")
    by: Literal["you", "somebody else", "the server"]
    resource: str
    network: str = Field(description="Where you came from: /24 of an IPv4 address, /48 of an IPv6 address.")
    channel: ChannelName
    milliseconds: int
    request_id: str = Field(description=_REQUEST_ID)
    times: int = Field(description="How many like it this one stands for.")


class OwnEntries(BaseModel):
    """A page, newest first."""

    items: list[OwnEntryOut]
    next: str | None = Field(description="The cursor of the next page; none: this is the last.")


class PersonOut(BaseModel):
    """Somebody in an entry."""

    pseudonym: str
    user_id: Id | None = Field(description="None: they were erased, and nobody knows any more.")


class AuditEntryOut(BaseModel):
    """One entry, for operators."""

    seq: int
    at: Moment
    action: str
    outcome: OutcomeName
    reason: str
    who: PersonOut | None
    about: PersonOut | None
    resource: str
    network: str
    tried: str = Field(description="Stands for the address that somebody unknown gave, for a day.")
    channel: ChannelName
    milliseconds: int
    request_id: str = Field(description=_REQUEST_ID)
    times: int

    @classmethod
    def of(cls, record: Record) -> AuditEntryOut:
        """As it is written to the wire."""
        told = record.circumstances
        return cls.model_validate(
            {
                "seq": record.seq,
                "at": record.at,
                "action": record.action,
                "outcome": record.outcome,
                "reason": record.reason,
                "who": _person(record.who),
                "about": _person(record.about),
                "resource": told.resource,
                "network": told.network,
                "tried": told.tried,
                "channel": record.channel,
                "milliseconds": record.milliseconds,
                "request_id": told.request_id or record.request_id,
                "times": record.times,
            }
        )


class Entries(BaseModel):
    """A page, newest first."""

    items: list[AuditEntryOut]
    next: str | None = Field(description="The cursor of the next page; none: this is the last.")


def _person(person: Person | None) -> PersonOut | None:
    if person is None:
        return None
    return PersonOut(pseudonym=person.pseudonym, user_id=str(person.user_id) if person.user_id else None)
