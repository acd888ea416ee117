"""From events to entries of the chain."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from backend.audit.chain import Chain
from backend.audit.events import AuditEvent, Outcome
from backend.audit.subjects import Circumstances, Subject, Subjects
from backend.infra.metrics import AUDIT_ENTRIES
from backend.infra.mongo import BsonDocument

BATCH = 256
_TRIED_CHARACTERS = 16
# An app that is in use is refused so every quarter of an hour, and then refreshes its token: in a row, where from would
# follow its user around.
_OF_PEOPLE_WE_KNEW = {"token_expired"}


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
            "request_id": self._subjects.stand_in(event.origin.request_id),
            "channel": event.origin.channel.value,
            "times": event.times,
            "people": sorted({subject.pseudonym for subject in (who, about) if subject}),
        }
        if who:
            entry["who"] = who.pseudonym
        if about:
            entry["about"] = about.pseudonym
        owner = who or about
        if owner:
            told = Circumstances(
                event.origin.network, event.resource, _of_the_day(event), event.origin.request_id
            )
            entry["sealed"] = self._subjects.seal(owner, told)
        else:
            entry["circumstances"] = _in_plain(event)
        return entry


def _in_plain(event: AuditEvent) -> dict[str, str]:
    """What is told where nobody is known for whom it could be sealed: what leads to no person, nor follows one."""
    from_where = event.outcome is Outcome.REFUSED and event.reason not in _OF_PEOPLE_WE_KNEW
    return {
        "network": event.origin.network if from_where else "",
        "resource": event.route,
        "tried": _of_the_day(event),
    }


def _of_the_day(event: AuditEvent) -> str:
    """Tells together what was tried on one address within a day; longer than that, nobody is followed by it."""
    if not event.tried:
        return ""
    return sha256(f"{event.moment:%Y-%m-%d} {event.tried}".encode()).hexdigest()[:_TRIED_CHARACTERS]
