"""Use cases around users. Other packages get frozen values from here, never documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from backend.errors import Conflict, NotFound
from backend.infra.clock import Clock
from backend.infra.mongo import BsonDocument
from backend.users.models import User

_PROFILE_FIELDS = {"email": 1, "display_name": 1, "tier": 1, "created_at": 1}


@dataclass(frozen=True, slots=True)
class UserProfile:
    """Who a user is. `tier` is "free" or "pro" (docs/product.md A4)."""

    id: ObjectId
    email: str
    display_name: str
    tier: str
    created_at: datetime


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
class StoredPassword:
    """What logging in compares with. Stays between this package and `backend.auth`."""

    user_id: ObjectId
    password_hash: str


class UserService:
    """Creates, finds and changes users."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def create(self, email: str, password_hash: str, display_name: str) -> UserProfile:
        """Open a free account.

        Args:
            email: a checked address.
            display_name: as `clean_display_name` returns it.

        Raises:
            Conflict: `email_taken`.
        """
        user: BsonDocument = {
            "_id": ObjectId(),
            "email": email,
            "email_key": email_key(email),
            "password_hash": password_hash,
            "display_name": display_name,
            "tier": "free",
            "created_at": self._clock.now(),
        }
        try:
            _users().insert_one(user)
        except DuplicateKeyError:
            raise Conflict(
                "There is an account with this e-mail address already. Log in instead.", code="email_taken"
            ) from None
        return _profile(user)

    def by_id(self, user_id: ObjectId) -> UserProfile:
        """One user.

        Raises:
            NotFound: `user_not_found`.
        """
        return _profile(_existing(_users().find_one({"_id": user_id}, _PROFILE_FIELDS)))

    def by_ids(self, user_ids: Iterable[ObjectId]) -> dict[ObjectId, UserProfile]:
        """Those of the users that exist, by id, in one read."""
        found = _users().find({"_id": {"$in": list(user_ids)}}, _PROFILE_FIELDS)
        return {user["_id"]: _profile(user) for user in found}

    def rename(self, user_id: ObjectId, display_name: str) -> UserProfile:
        """Change the display name and return the user as it is then.

        Raises:
            NotFound: `user_not_found`.
        """
        return _profile(_existing(_change(user_id, {"display_name": display_name})))

    def preferences(self, user_id: ObjectId) -> Preferences:
        """One user's preferences; the empty ones where none were saved.

        Raises:
            NotFound: `user_not_found`.
        """
        return _preferences(_existing(_users().find_one({"_id": user_id}, {"preferences": 1})))

    def preferences_of(self, user_ids: Iterable[ObjectId]) -> dict[ObjectId, Preferences]:
        """The preferences of those of the users that exist, by id, in one read."""
        found = _users().find({"_id": {"$in": list(user_ids)}}, {"preferences": 1})
        return {user["_id"]: _preferences(user) for user in found}

    def replace_preferences(self, user_id: ObjectId, preferences: Preferences) -> Preferences:
        """Save all preferences at once.

        Raises:
            NotFound: `user_not_found`.
        """
        _existing(_change(user_id, {"preferences": _preferences_record(preferences)}))
        return preferences

    def stored_password_for(self, email: str) -> StoredPassword | None:
        """The password hash behind an address, however it is spelled; None where there is no account."""
        return _stored_password(_users().find_one({"email_key": email_key(email)}, {"password_hash": 1}))

    def stored_password_of(self, user_id: ObjectId) -> StoredPassword | None:
        """The password hash of a user; None where there is no such account."""
        return _stored_password(_users().find_one({"_id": user_id}, {"password_hash": 1}))

    def replace_password_hash(self, stored: StoredPassword, password_hash: str) -> None:
        """Store a stronger hash of the same password, unless the password was changed meanwhile."""
        _users().update_one(
            {"_id": stored.user_id, "password_hash": stored.password_hash},
            {"$set": {"password_hash": password_hash}},
        )


def email_key(email: str) -> str:
    """What two spellings of one address have in common: upper and lower case are the same person."""
    return email.strip().casefold()


def _users() -> Collection[BsonDocument]:
    collection: Collection[BsonDocument] = User._get_collection()
    return collection


def _change(user_id: ObjectId, fields: dict[str, Any]) -> BsonDocument | None:
    changed: BsonDocument | None = _users().find_one_and_update(
        {"_id": user_id}, {"$set": fields}, projection=_PROFILE_FIELDS, return_document=ReturnDocument.AFTER
    )
    return changed


def _existing(found: BsonDocument | None) -> BsonDocument:
    if found is None:
        raise NotFound("This account does not exist any more.", code="user_not_found")
    return found


def _profile(user: BsonDocument) -> UserProfile:
    return UserProfile(user["_id"], user["email"], user["display_name"], user["tier"], user["created_at"])


def _stored_password(user: BsonDocument | None) -> StoredPassword | None:
    return StoredPassword(user["_id"], user["password_hash"]) if user else None


def _preferences(user: BsonDocument) -> Preferences:
    saved = user.get("preferences") or {}
    home = saved.get("home_location")
    return Preferences(
        dietary=tuple(saved.get("dietary", ())),
        allergies=tuple(saved.get("allergies", ())),
        liked_cuisines=tuple(saved.get("liked_cuisines", ())),
        disliked_cuisines=tuple(saved.get("disliked_cuisines", ())),
        max_price=saved.get("max_price"),
        home_location=(home["coordinates"][1], home["coordinates"][0]) if home else None,
    )


def _preferences_record(preferences: Preferences) -> BsonDocument:
    home = preferences.home_location
    record = {
        **asdict(preferences),
        "home_location": {"type": "Point", "coordinates": [home[1], home[0]]} if home else None,
    }
    return {name: value for name, value in record.items() if value is not None}
