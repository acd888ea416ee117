"""Pseudonyms: entries hold no id of a user, so that the chain stays whole when somebody is erased (P2, P5).

Each user has one random pseudonym and one random secret. What entries say of a person beyond the pseudonym is sealed
with a key that comes from that secret: the network they came from, which session or group it was about, which would
tie together what their stand-ins in sessions keep apart, and the request's id, which whoever asks may choose. Deleting
the one small document forgets all of it, wherever copies of the chain lie.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import cast

from bson import ObjectId
from pymongo.collection import Collection as MongoCollection
from pymongo.errors import DuplicateKeyError

from backend.audit.models import AuditSubject
from backend.infra.keys import Ledger, Unreadable, seal, unseal
from backend.infra.mongo import BsonDocument, MongoDatabase

_PURPOSE = "audit subject"
_PSEUDONYM_BYTES = 12
_SECRET_BYTES = 32
_REQUEST_PURPOSE = "audit request"
_STAND_IN_BYTES = 16


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a pseudonym stands for."""

    user_id: ObjectId
    pseudonym: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What an entry says besides what it is found by."""

    network: str = ""
    resource: str = ""
    tried: str = ""
    request_id: str = ""


class Subjects:
    """The `audit_subjects` collection."""

    def __init__(
        self, database: MongoDatabase, ledger: Ledger, has_account: Callable[[ObjectId], bool]
    ) -> None:
        """Args:
        has_account: whether there is such a user, who is not being erased. Others get a pseudonym that nobody keeps.
        """
        self._subjects: MongoCollection[BsonDocument] = database[AuditSubject._get_collection_name()]
        self._ledger = ledger
        self._has_account = has_account

    def of(self, user_ids: Collection[ObjectId]) -> dict[ObjectId, Subject]:
        """Their pseudonyms. Who has none yet gets one."""
        known = self._stored(user_ids)
        new = [_new(user_id) for user_id in user_ids if user_id not in known]
        lasting = [subject for subject in new if self._has_account(subject.user_id)]
        for subject in lasting:
            try:
                self._subjects.insert_one(
                    {"_id": subject.user_id, "pseudonym": subject.pseudonym, "secret": subject.secret}
                )
            except DuplicateKeyError:  # somebody else was first; theirs counts
                continue
        passing = {subject.user_id: subject for subject in new}
        return {**passing, **known, **self._stored([subject.user_id for subject in lasting])}

    def known(self, user_id: ObjectId) -> Subject | None:
        """The user's pseudonym, if there is one."""
        return self._stored([user_id]).get(user_id)

    def behind(self, pseudonyms: Iterable[str]) -> dict[str, Subject]:
        """Whom they stand for; those of people who are forgotten are missing."""
        found = self._subjects.find({"pseudonym": {"$in": list(set(pseudonyms))}})
        return {subject.pseudonym: subject for subject in map(_read, found)}

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has a pseudonym."""
        for found in self._subjects.find({}, {"_id": 1}):
            yield found["_id"]

    def forget(self, user_id: ObjectId) -> int:
        """Nobody can say any more whom the pseudonym stood for; how many there were."""
        return self._subjects.delete_one({"_id": user_id}).deleted_count

    def seal(self, subject: Subject, told: Circumstances) -> bytes:
        """Readable for as long as the subject is known."""
        plain = json.dumps([told.network, told.resource, told.tried, told.request_id]).encode()
        return seal(self._key(subject), plain, subject.pseudonym)

    def unseal(self, subject: Subject, sealed: bytes) -> Circumstances:
        """What was sealed; nothing where it was changed."""
        try:
            plain = unseal(self._key(subject), sealed, subject.pseudonym)
        except Unreadable:
            return Circumstances()
        return Circumstances(*cast("list[str]", json.loads(plain)))

    def stand_in(self, request_id: str) -> str:
        """What an entry is found by in place of a request's id, which may be any text of who asks; "" for none."""
        if not request_id:
            return ""
        return self._ledger.digest(_REQUEST_PURPOSE, request_id.encode())[:_STAND_IN_BYTES].hex()

    def _key(self, subject: Subject) -> bytes:
        return self._ledger.digest(_PURPOSE, subject.secret)

    def _stored(self, user_ids: Collection[ObjectId]) -> dict[ObjectId, Subject]:
        if not user_ids:
            return {}
        found = self._subjects.find({"_id": {"$in": list(user_ids)}})
        return {subject.user_id: subject for subject in map(_read, found)}


def _new(user_id: ObjectId) -> Subject:
    return Subject(user_id, secrets.token_hex(_PSEUDONYM_BYTES), secrets.token_bytes(_SECRET_BYTES))


def _read(stored: BsonDocument) -> Subject:
    return Subject(stored["_id"], stored["pseudonym"], bytes(stored["secret"]))
