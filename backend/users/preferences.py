"""What users like and cannot eat. Diet and allergies lie sealed, and only while their user consents (P3, P6)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import structlog
from bson import ObjectId

from backend.catalog.diet import suits
from backend.errors import ChangedMeanwhile, Conflict
from backend.infra.cache import Cache
from backend.infra.keys import Unreadable
from backend.infra.mongo import BsonDocument
from backend.users.consent_texts import CURRENT_TEXTS, ConsentKind
from backend.users.data_keys import Locked, UserKeys
from backend.users.documents import existing, users_collection
from backend.users.sealing import open_field, seal_field
from backend.users.shown_preferences import PREFERENCE_FIELDS, ShownPreferences

# Fields of `Preferences` that are sealed; one more is one more name.
SEALED = ("dietary", "allergies")
# All of the places where they may lie: sealed, or as versions before sealing wrote them.
SEALED_PATHS = ("preferences.sealed", *(f"preferences.{name}" for name in SEALED))
_BATCH = 500

_log = structlog.stdlib.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a user likes and cannot eat (docs/product.md A5).

    Attributes:
        dietary: tags of `backend.catalog.diet.DIETARY_TAGS`.
        allergies: allergens of `backend.catalog.diet.ALLERGENS`.
        liked_cuisines: lower-case names; no cuisine is both liked and disliked.
        disliked_cuisines: as above.
        max_price: 1 to 4; None: no limit.
        home_location: (latitude, longitude) in degrees.
    """

    dietary: tuple[str, ...] = ()
    allergies: tuple[str, ...] = ()
    liked_cuisines: tuple[str, ...] = ()
    disliked_cuisines: tuple[str, ...] = ()
    max_price: int | None = None
    home_location: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """What people who eat together need and like, without saying who (S5).

    Attributes:
        dietary: the union of what they need.
        allergies: likewise.
        liked_cuisines: what somebody likes.
        disliked_cuisines: what somebody dislikes.
        max_price: the lowest limit that somebody has; None: nobody has one.
        near: the host's home, (latitude, longitude) in degrees; None where they have not said.
    """

    dietary: frozenset[str]
    allergies: frozenset[str]
    liked_cuisines: frozenset[str]
    disliked_cuisines: frozenset[str]
    max_price: int | None
    near: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Settled:
    """Of how many users what earlier versions kept was deleted, and of how many it was sealed."""

    deleted: int
    sealed: int


class Edible(Protocol):
    """A card, as far as somebody can or cannot eat it."""

    @property
    def id(self) -> ObjectId:
        """Which it is."""

    @property
    def dietary_tags(self) -> frozenset[str]:
        """What it suits."""

    @property
    def allergens(self) -> frozenset[str] | None:
        """What it contains; None where that is not known."""


class PreferenceService:
    """Keeps preferences. Individual diets leave it only for their own user; everybody else gets unions."""

    def __init__(self, keys: UserKeys, cache: Cache) -> None:
        self._keys = keys
        self._shown = ShownPreferences(cache)

    def of(self, user_id: ObjectId) -> Preferences:
        """One user's own preferences, for them alone; the empty ones where none were saved.

        Raises:
            NotFound: `user_not_found`.
            Locked: `data_locked`.
        """
        return self._opened([existing(users_collection().find_one({"_id": user_id}, PREFERENCE_FIELDS))])[
            user_id
        ]

    def shown_to(self, user_id: ObjectId) -> Preferences:
        """The same for their user to look at: from the cache, unless they keep diet or allergies. Errors as `of`."""
        return self._opened([self._shown.of(user_id)])[user_id]

    def export_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """The preferences as their user reads them, JSON-ready (for the export).

        Raises:
            NotFound, Locked: as `of`.
        """
        preferences = self.of(user_id)
        home = preferences.home_location
        yield {**asdict(preferences), "home_location": {"lat": home[0], "lon": home[1]} if home else None}

    def at_table(self, user_ids: Collection[ObjectId], host_id: ObjectId) -> Table:
        """What those of the users that exist need and like together: two reads, however many they are.

        Raises:
            Locked: `data_locked`: what somebody cannot eat is there and cannot be read.
        """
        people = self._read(user_ids)
        host = people.get(host_id)
        everybody = people.values()
        return Table(
            dietary=frozenset(tag for person in everybody for tag in person.dietary),
            allergies=frozenset(allergen for person in everybody for allergen in person.allergies),
            liked_cuisines=frozenset(cuisine for person in everybody for cuisine in person.liked_cuisines),
            disliked_cuisines=frozenset(
                cuisine for person in everybody for cuisine in person.disliked_cuisines
            ),
            max_price=min((p.max_price for p in everybody if p.max_price is not None), default=None),
            near=host.home_location if host else None,
        )

    def edible_for(self, user_id: ObjectId, cards: Iterable[Edible]) -> frozenset[ObjectId]:
        """Those of the cards that one user can eat.

        Raises:
            Locked: `data_locked`.
        """
        person = self._read([user_id]).get(user_id, Preferences())
        return frozenset(
            card.id
            for card in cards
            if suits(card.dietary_tags, card.allergens, person.dietary, person.allergies)
        )

    def replace(
        self,
        user_id: ObjectId,
        preferences: Preferences,
        only_if: Callable[[Preferences], bool] | None = None,
    ) -> Preferences:
        """Save all preferences at once.

        Whoever withdraws the consent at the same moment wins: either this comes first and what it stored is deleted,
        or it finds the consent gone. Both are one update of the user's document.

        Args:
            only_if: whether to go on, seeing the preferences as they are now.

        Raises:
            NotFound: `user_not_found`.
            Conflict: `consent_needed`: diet or allergies without the consent to keep them. Nothing is changed.
            ChangedMeanwhile: `only_if` says no, or they were changed after it was asked.
            Locked: `data_locked`.
        """
        known = existing(users_collection().find_one({"_id": user_id}, PREFERENCE_FIELDS))
        needs = _needs_consent(preferences)
        if needs:
            _require_consent(known)
        still: BsonDocument = {"_id": user_id}
        if only_if is not None:
            if not only_if(self._opened([known])[user_id]):
                raise ChangedMeanwhile
            still["preferences"] = known.get("preferences")
        if needs:
            still["diet_consent.version"] = CURRENT_TEXTS[ConsentKind.SPECIAL_CATEGORY].version
        record = self._record(user_id, preferences)
        with self._shown.changing(user_id):
            replaced = users_collection().update_one(still, {"$set": {"preferences": record}})
        if replaced.matched_count == 0:
            now = existing(users_collection().find_one({"_id": user_id}, PREFERENCE_FIELDS))
            if needs:
                _require_consent(now)
            raise ChangedMeanwhile
        return preferences

    def settle_diets(self) -> Settled:
        """Put right what earlier versions kept: without a consent it goes, in plain it is sealed. May be repeated."""
        settled = Settled(deleted=_delete_without_consent(), sealed=self._seal_plain())
        if settled.deleted or settled.sealed:
            _log.info("diets_settled", deleted=settled.deleted, sealed=settled.sealed)
        return settled

    def _seal_plain(self) -> int:
        plain = {"$or": [{f"preferences.{name}": {"$exists": True}} for name in SEALED]}
        sealed = 0
        for user in users_collection().find(plain, PREFERENCE_FIELDS).batch_size(_BATCH):
            try:
                record = self._record(user["_id"], self._opened([user])[user["_id"]])
            except Locked:  # the log says so; once the key is back, the next run goes on
                continue
            unchanged = {"_id": user["_id"], "preferences": user["preferences"]}
            done = users_collection().update_one(unchanged, {"$set": {"preferences": record}})
            sealed += done.modified_count
        return sealed

    def _read(self, user_ids: Collection[ObjectId]) -> dict[ObjectId, Preferences]:
        return self._opened(users_collection().find({"_id": {"$in": list(user_ids)}}, PREFERENCE_FIELDS))

    def _opened(self, users: Iterable[BsonDocument]) -> dict[ObjectId, Preferences]:
        known = list(users)
        sealing = [user["_id"] for user in known if (user.get("preferences") or {}).get("sealed")]
        keys = self._keys.of(sealing) if sealing else {}
        return {
            user["_id"]: _preferences(user.get("preferences") or {}, _unsealed(user, keys.get(user["_id"])))
            for user in known
        }

    def _record(self, user_id: ObjectId, preferences: Preferences) -> BsonDocument:
        home = preferences.home_location
        record = {
            **{name: value for name, value in asdict(preferences).items() if name not in SEALED},
            "home_location": {"type": "Point", "coordinates": [home[1], home[0]]} if home else None,
        }
        if _needs_consent(preferences):
            key = self._keys.for_sealing(user_id)
            # All of them, also those that are empty: which they are is nobody's business.
            record["sealed"] = {
                name: seal_field(key, user_id, f"preferences.{name}", getattr(preferences, name))
                for name in SEALED
            }
        return {name: value for name, value in record.items() if value is not None}


def _delete_without_consent() -> int:
    """Versions before consents asked nobody (P3); for how many users something was there."""
    unasked = {"diet_consent.version": None, "$or": [{path: {"$exists": True}} for path in SEALED_PATHS]}
    return users_collection().update_many(unasked, {"$unset": dict.fromkeys(SEALED_PATHS, "")}).modified_count


def _needs_consent(preferences: Preferences) -> bool:
    return any(getattr(preferences, name) for name in SEALED)


def _require_consent(user: BsonDocument) -> None:
    agreed = (user.get("diet_consent") or {}).get("version")
    current = CURRENT_TEXTS[ConsentKind.SPECIAL_CATEGORY].version
    if agreed != current:
        raise Conflict(
            f"Diet and allergies are kept only with your consent. Agree to version {current} of the text about them "
            "first; nothing was saved.",
            code="consent_needed",
        )


def _unsealed(user: BsonDocument, key: bytes | None) -> Mapping[str, Any]:
    """What was sealed, by field; plain values of earlier versions as they are."""
    user_id, record = user["_id"], user.get("preferences") or {}
    sealed = record.get("sealed")
    if not sealed:
        return {name: record.get(name, ()) for name in SEALED}
    if key is None:
        if user.get("closed_at"):  # an erasure under way has destroyed it: there is nothing any more
            return {}
        _log.error("user_key_gone", user_id=str(user_id))
        raise Locked
    try:
        return {name: open_field(key, user_id, f"preferences.{name}", sealed[name]) for name in sealed}
    except Unreadable as broken:
        _log.error("sealed_field_broken", user_id=str(user_id))
        raise Locked from broken


def _preferences(record: BsonDocument, unsealed: Mapping[str, Any]) -> Preferences:
    home = record.get("home_location")
    return Preferences(
        **{name: tuple(unsealed.get(name, ())) for name in SEALED},
        liked_cuisines=tuple(record.get("liked_cuisines", ())),
        disliked_cuisines=tuple(record.get("disliked_cuisines", ())),
        max_price=record.get("max_price"),
        home_location=(home["coordinates"][1], home["coordinates"][0]) if home else None,
    )
