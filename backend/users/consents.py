"""What people agreed to, when, and to which words (docs/product.md P3). Decisions are added, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from bson import ObjectId
from pymongo import ASCENDING, DESCENDING
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from backend.errors import Busy, Conflict
from backend.infra.clock import Clock, to_iso
from backend.infra.mongo import BsonDocument, each_value
from backend.users.consent_texts import CURRENT_TEXTS, ConsentKind, ConsentText
from backend.users.documents import existing, users_collection
from backend.users.models import Consent
from backend.users.preferences import SEALED_PATHS

_ATTEMPTS = 10

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a user stands to one of the texts.

    Attributes:
        current_version: the text that is in force.
        given: whether the user agrees to some version of it.
        given_version: the one they agreed to last, also where they took it back; None: never.
        given_at: when that was.
        withdrawn_at: when they took it back; None while they agree, or never did.
    """

    kind: ConsentKind
    current_version: str
    given: bool = False
    given_version: str | None = None
    given_at: datetime | None = None
    withdrawn_at: datetime | None = None

    @property
    def up_to_date(self) -> bool:
        """Whether the user agrees to the text that is in force."""
        return self.given and self.given_version == self.current_version


class ConsentService:
    """Records consents. The one for diet and allergies is kept with the user as well, for who stores those.

    Of decisions at the same moment the one with the higher number holds, in `consents` and with the user alike. A
    withdrawal that was broken off half-way has deleted the data and can be repeated.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def of(self, user_id: ObjectId) -> tuple[Standing, ...]:
        """How the user stands to each text."""
        return tuple(self._standing_of(user_id, kind) for kind in CURRENT_TEXTS)

    def require_current(self, versions: Mapping[ConsentKind, str]) -> None:
        """Refuse to record an agreement to words that are no longer in force.

        Raises:
            Conflict: `consent_outdated`.
        """
        for kind, version in versions.items():
            current = CURRENT_TEXTS[kind].version
            if version != current:
                raise Conflict(
                    f"The {_NAMES[kind]} changed: version {current} is in force. Read it, then agree to it.",
                    code="consent_outdated",
                )

    def accept(self, user_id: ObjectId, versions: Mapping[ConsentKind, str]) -> None:
        """Record what somebody agreed to when coming in; nothing where they did before.

        Raises:
            Conflict: `consent_outdated`.
        """
        self.require_current(versions)
        for kind in versions:
            if not self._standing_of(user_id, kind).up_to_date:
                self._give(user_id, CURRENT_TEXTS[kind])

    def give(self, user_id: ObjectId, kind: ConsentKind, version: str) -> Standing:
        """The user agrees to a text; harmless to repeat.

        Raises:
            NotFound: `user_not_found`.
            Conflict: `consent_outdated`.
        """
        existing(users_collection().find_one({"_id": user_id}, {"_id": 1}))
        self.accept(user_id, {kind: version})
        return self._standing_of(user_id, kind)

    def withdraw(self, user_id: ObjectId, kind: ConsentKind) -> Standing:
        """The user takes a consent back; harmless to repeat. Diet and allergies are deleted when this returns.

        Raises:
            NotFound: `user_not_found`.
        """
        existing(users_collection().find_one({"_id": user_id}, {"_id": 1}))
        if kind is ConsentKind.SPECIAL_CATEGORY:
            # First: whatever happens to the rest, the data is gone and none can come.
            users_collection().update_one({"_id": user_id}, {"$unset": _NO_DIET})
        given = _last(user_id, kind)
        if given is not None and given["given"]:
            number = self._add(user_id, kind, given["version"], given["digest"], given=False)
            if kind is ConsentKind.SPECIAL_CATEGORY:
                # Again: somebody may have agreed, and saved something, between the two.
                change = {"$set": {"diet_consent.number": number}, "$unset": _NO_DIET}
                users_collection().update_one(_before(user_id, number), change)
            _log.info("consent_withdrawn", user_id=str(user_id), kind=kind.value)
        return self._standing_of(user_id, kind)

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """All decisions of a user, oldest first, JSON-ready (for the export)."""
        for decision in _consents().find({"user": user_id}).sort("at", ASCENDING):
            yield {
                "kind": decision["kind"],
                "version": decision["version"],
                "text_sha256": decision["digest"],
                "given": decision["given"],
                "at": to_iso(decision["at"]),
            }

    def forget(self, user_id: ObjectId) -> int:
        """Delete all decisions of a user (for the erasure); how many."""
        return _consents().delete_many({"user": user_id}).deleted_count

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has decided on a text, each once."""
        return each_value(_consents(), "user")

    def _standing_of(self, user_id: ObjectId, kind: ConsentKind) -> Standing:
        """From the last decisions alone: a history may be long."""
        text = CURRENT_TEXTS[kind]
        last = _last(user_id, kind)
        agreed = last if last is None or last["given"] else _last(user_id, kind, given=True)
        if last is None or agreed is None:
            return Standing(kind, text.version)
        return Standing(
            kind=kind,
            current_version=text.version,
            given=last["given"] and _is_kept(user_id, kind, last["version"]),
            given_version=agreed["version"],
            given_at=agreed["at"],
            withdrawn_at=None if last["given"] else last["at"],
        )

    def _give(self, user_id: ObjectId, text: ConsentText) -> None:
        number = self._add(user_id, text.kind, text.version, text.digest, given=True)
        if text.kind is ConsentKind.SPECIAL_CATEGORY:
            agreed = {"diet_consent": {"number": number, "version": text.version}}
            users_collection().update_one(_before(user_id, number), {"$set": agreed})
        _log.info("consent_given", user_id=str(user_id), kind=text.kind.value, version=text.version)

    def _add(self, user_id: ObjectId, kind: ConsentKind, version: str, digest: str, *, given: bool) -> int:
        for _ in range(_ATTEMPTS):
            last = _last(user_id, kind)
            number: int = last["number"] + 1 if last else 1
            decision = {
                "user": user_id,
                "kind": kind.value,
                "number": number,
                "version": version,
                "digest": digest,
                "given": given,
                "at": self._clock.now(),
            }
            try:
                _consents().insert_one(decision)
            except DuplicateKeyError:  # somebody else has decided meanwhile
                continue
            return number
        raise Busy("Too many decisions of yours at once. Try again.", retry_after=1)


_NAMES = {
    ConsentKind.TERMS: "terms of use",
    ConsentKind.PRIVACY: "privacy notice",
    ConsentKind.SPECIAL_CATEGORY: "text about diet and allergies",
}
_NO_DIET = {"diet_consent.version": "", **dict.fromkeys(SEALED_PATHS, "")}


def _before(user_id: ObjectId, number: int) -> BsonDocument:
    """The user, unless a later decision than this one holds already."""
    earlier = [{"diet_consent.number": {"$lt": number}}, {"diet_consent.number": None}]
    return {"_id": user_id, "$or": earlier}


def _is_kept(user_id: ObjectId, kind: ConsentKind, version: str) -> bool:
    """Whether an agreement counts: that on diet only where the user's document says so, too."""
    if kind is not ConsentKind.SPECIAL_CATEGORY:
        return True
    user = users_collection().find_one({"_id": user_id}, {"diet_consent": 1}) or {}
    kept: str | None = (user.get("diet_consent") or {}).get("version")
    return kept == version


def _last(user_id: ObjectId, kind: ConsentKind, **also: bool) -> BsonDocument | None:
    """The newest decision on a text; with `given=True`, the newest agreement."""
    wanted = {"user": user_id, "kind": kind.value, **also}
    return _consents().find_one(wanted, sort=[("number", DESCENDING)])


def _consents() -> Collection[BsonDocument]:
    collection: Collection[BsonDocument] = Consent._get_collection()
    return collection
