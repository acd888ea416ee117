"""From events to entries of the chain."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from backend.audit.chain import Chain
from backend.audit.events import AuditEvent
from backend.audit.subjects import Circumstances, Subject, Subjects
from backend.infra.metrics import AUDIT_ENTRIES
from backend.infra.mongo import BsonDocument

BATCH = 256
_TRIED_CHARACTERS = 16


class EntryWriter:
    """Writes events to the chain, durably, under pseudonyms."""

    def __init__(self, chain: Chain, subjects: Subjects) -> None:
        self._chain = chain
        self._subjects = subjects

    def write(self, events: Sequence[AuditEvent]) -> None:
        """Append those that are not there yet, in order of their time.

        Raises:
            PyMongoError: some may be missing; writing all of them again is harmless.
        """
        ordered = sorted(events, key=lambda event: (event.moment, event.id))
        for start in range(0, len(ordered), BATCH):
            AUDIT_ENTRIES.inc(self._chain.append(self._entries(ordered[start : start + BATCH])))

    def _entries(self, events: Sequence[AuditEvent]) -> list[BsonDocument]:
        people = {user_id for event in events for user_id in (event.who, event.about) if user_id}
        subjects = self._subjects.of(people)
        return [self._entry(event, subjects) for event in events]

    def _entry(self, event: AuditEvent, subjects: dict[Any, Subject]) -> BsonDocument:
        who, about = subjects.get(event.who), subjects.get(event.about)
        entry: BsonDocument = {
            "_id": event.id,
            "at": event.moment,
            "action": event.action,
            "outcome": event.outcome.value,
            "reason": event.reason,
            "milliseconds": event.milliseconds,
            "request_id": event.origin.request_id,
            "channel": event.origin.channel.value,
            "times": event.times,
            "people": sorted({subject.pseudonym for subject in (who, about) if subject}),
        }
        if who:
            entry["who"] = who.pseudonym
        if about:
            entry["about"] = about.pseudonym
        told = Circumstances(event.origin.network, event.resource, _of_the_day(event))
        owner = who or about
        if owner:
            entry["sealed"] = self._subjects.seal(owner, told)
        else:
            entry["circumstances"] = {
                "network": told.network,
                "resource": told.resource,
                "tried": told.tried,
            }
        return entry


def _of_the_day(event: AuditEvent) -> str:
    """Tells together what was tried on one address within a day; longer than that, nobody is followed by it."""
    if not event.tried:
        return ""
    return sha256(f"{event.moment:%Y-%m-%d} {event.tried}".encode()).hexdigest()[:_TRIED_CHARACTERS]
