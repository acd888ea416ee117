"""Reading the audit log: operators search, people see what is recorded of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Self

from bson import ObjectId

from backend.audit.chain import Chain
from backend.audit.subjects import Circumstances, Subject, Subjects
from backend.errors import InvalidInput
from backend.infra.clock import to_iso, to_milliseconds
from backend.infra.mongo import BsonDocument

_CURSOR = re.compile(r"([0-9]{1,14})-([0-9]{1,18})")
_NEWEST_FIRST = [("at", -1), ("seq", -1)]
_EXPORT_BATCH = 200


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in an entry.

    Attributes:
        user_id: None where they were forgotten.
    """

    pseudonym: str
    user_id: ObjectId | None


@dataclass(frozen=True, slots=True)
class Record:
    """An entry as it can be read now; what was sealed of somebody who was forgotten is empty.

    Attributes:
        request_id: what stands in for the request's id, which is itself among the circumstances.
    """

    seq: int
    at: datetime
    action: str
    outcome: str
    reason: str
    milliseconds: int
    request_id: str
    channel: str
    times: int
    who: Person | None
    about: Person | None
    circumstances: Circumstances


@dataclass(frozen=True, slots=True)
class Criteria:
    """Which entries; what is None does not matter. `since` is included, `until` is not."""

    user_id: ObjectId | None = None
    action: str | None = None
    outcome: str | None = None
    request_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last entry of a page; the next begins behind it, however far that is, in the same time."""

    at: datetime
    seq: int

    def __str__(self) -> str:
        return f"{to_milliseconds(self.at)}-{self.seq}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """A cursor from an address.

        Raises:
            InvalidInput: it is none.
        """
        found = _CURSOR.fullmatch(text)
        if found is None:
            raise InvalidInput("Please check: cursor. Take the one that the page before gave as `next`.")
        at = datetime.fromtimestamp(int(found[1]) / 1000, UTC)  # so many digits end in the year 5138
        return cls(at, int(found[2]))


class AuditReading:
    """Finds entries."""

    def __init__(self, chain: Chain, subjects: Subjects) -> None:
        self._entries = chain.entries
        self._subjects = subjects

    def search(
        self, criteria: Criteria, after: Cursor | None, limit: int
    ) -> tuple[list[Record], Cursor | None]:
        """A page, newest first, and where the next one begins; None where this is the last."""
        query = self.query(criteria, after)
        if query is None:
            return [], None
        found = list(self._entries.find(query).sort(_NEWEST_FIRST).limit(limit + 1))
        page = self._records(found[:limit])
        return page, Cursor(page[-1].at, page[-1].seq) if len(found) > limit else None

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Every entry about the user, oldest first, JSON-ready (for the export)."""
        subject = self._subjects.known(user_id)
        if subject is None:
            return
        found = self._entries.find({"people": subject.pseudonym}).sort([("at", 1), ("seq", 1)])
        while entries := list(islice(found, _EXPORT_BATCH)):
            for record in self._records(entries):
                yield own(record, user_id)

    def query(self, criteria: Criteria, after: Cursor | None) -> BsonDocument | None:
        """What finds the entries behind a cursor; None where there can be none. Goes with indexes, in their order."""
        query: BsonDocument = {
            name: value
            for name, value in (
                ("action", criteria.action),
                ("outcome", criteria.outcome),
                ("request_id", self._ways_to_say(criteria.request_id)),
            )
            if value is not None
        }
        bounds = {"$gte": criteria.since, "$lt": criteria.until}
        if bounds := {name: moment for name, moment in bounds.items() if moment is not None}:
            query["at"] = bounds
        if criteria.user_id is not None:
            subject = self._subjects.known(criteria.user_id)
            if subject is None:
                return None
            query["people"] = subject.pseudonym
        if after is not None:
            query["at"] = {**query.get("at", {}), "$lte": after.at}
            query["$or"] = [{"at": {"$lt": after.at}}, {"seq": {"$lt": after.seq}}]
        return query

    def _ways_to_say(self, request_id: str | None) -> BsonDocument | None:
        """Entries of the version before hold the id itself, for as long as they are kept."""
        return {"$in": [self._subjects.stand_in(request_id), request_id]} if request_id else None

    def _records(self, entries: Sequence[BsonDocument]) -> list[Record]:
        named = (entry.get(role) for entry in entries for role in ("who", "about"))
        known = self._subjects.behind(name for name in named if name)
        return [self._record(entry, known) for entry in entries]

    def _record(self, entry: BsonDocument, known: dict[str, Subject]) -> Record:
        return Record(
            seq=entry["seq"],
            at=entry["at"],
            action=entry["action"],
            outcome=entry["outcome"],
            reason=entry["reason"],
            milliseconds=entry["milliseconds"],
            request_id=entry["request_id"],
            channel=entry["channel"],
            times=entry["times"],
            who=_person(entry.get("who"), known),
            about=_person(entry.get("about"), known),
            circumstances=self._circumstances(entry, known),
        )

    def _circumstances(self, entry: BsonDocument, known: dict[str, Subject]) -> Circumstances:
        if "sealed" not in entry:
            return Circumstances(**entry.get("circumstances", {}))
        owner = known.get(entry.get("who") or entry["about"])
        return self._subjects.unseal(owner, bytes(entry["sealed"])) if owner else Circumstances()


def own(record: Record, user_id: ObjectId) -> dict[str, Any]:
    """An entry as the user may see it: where others came from is not theirs to know."""
    mine = record.who is not None and record.who.user_id == user_id
    told = record.circumstances if mine else Circumstances()
    return {
        "at": to_iso(record.at),
        "action": record.action,
        "outcome": record.outcome,
        "reason": record.reason,
        "by": "you" if mine else "the server" if record.who is None else "somebody else",
        "resource": told.resource,
        "network": told.network,
        "channel": record.channel,
        "milliseconds": record.milliseconds,
        "request_id": told.request_id or record.request_id,
        "times": record.times,
    }


def _person(pseudonym: str | None, known: dict[str, Subject]) -> Person | None:
    if pseudonym is None:
        return None
    subject = known.get(pseudonym)
    return Person(pseudonym, subject.user_id if subject else None)
