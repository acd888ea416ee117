"""Use cases around users. Other packages get frozen values from here, never documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument
from pymongo.collection import Collection

from backend.errors import ChangedMeanwhile, NotFound
from backend.infra.clock import to_iso
from backend.infra.mongo import BsonDocument
from backend.roles import Role
from backend.users.models import User

PROFILE_FIELDS = {
    "email": 1,
    "email_confirmed_at": 1,
    "display_name": 1,
    "role": 1,
    "tier": 1,
    "muted": 1,
    "created_at": 1,
}


@dataclass(frozen=True, slots=True)
class UserProfile:
    """Who a user is.

    Attributes:
        email: as the user wrote it; empty for guests, and where an issuer elsewhere did not tell.
        email_confirmed: whether the user has shown that the address is theirs.
        tier: "free" or "pro" (docs/product.md A4).
        muted: kinds of notifications that the user does not want (A5).
    """

    id: ObjectId
    email: str
    email_confirmed: bool
    display_name: str
    role: Role
    tier: str
    created_at: datetime
    muted: frozenset[str] = frozenset()


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


class UserService:
    """Finds users and changes what they say of themselves."""

    def by_id(self, user_id: ObjectId) -> UserProfile:
        """One user.

        Raises:
            NotFound: `user_not_found`.
        """
        return profile_of(existing(users_collection().find_one({"_id": user_id}, PROFILE_FIELDS)))

    def by_ids(self, user_ids: Iterable[ObjectId]) -> dict[ObjectId, UserProfile]:
        """Those of the users that exist, by id, in one read."""
        found = users_collection().find({"_id": {"$in": list(user_ids)}}, PROFILE_FIELDS)
        return {user["_id"]: profile_of(user) for user in found}

    def role_of(self, user_id: ObjectId) -> Role | None:
        """What the user may do; None where there is no such account any more."""
        found = users_collection().find_one({"_id": user_id}, {"role": 1})
        return Role(found.get("role", Role.USER)) if found else None

    def identities_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """The accounts elsewhere through which the user logs in, JSON-ready (for the export)."""
        found = users_collection().find_one({"_id": user_id}, {"identities": 1}) or {}
        for identity in found.get("identities", ()):
            yield {
                "issuer": identity["issuer"],
                "subject": identity["subject"],
                "added_at": to_iso(identity["added_at"]),
            }

    def mute(self, user_id: ObjectId, kinds: Iterable[str]) -> UserProfile:
        """Choose which kinds of notifications not to get (A5).

        Raises:
            NotFound: `user_not_found`.
        """
        return profile_of(_changed(user_id, {"muted": sorted(set(kinds))}))

    def rename(
        self, user_id: ObjectId, display_name: str, only_if: Callable[[UserProfile], bool] | None = None
    ) -> UserProfile:
        """Change the display name and return the user as it is then.

        Args:
            only_if: whether to go on, seeing the user as it is now.

        Raises:
            NotFound: `user_not_found`.
            ChangedMeanwhile: `only_if` says no, or the name was changed after it was asked.
        """
        still = {}
        if only_if is not None:
            known = self.by_id(user_id)
            if not only_if(known):
                raise ChangedMeanwhile
            still = {"display_name": known.display_name}
        return profile_of(_changed(user_id, {"display_name": display_name}, still))

    def preferences(self, user_id: ObjectId) -> Preferences:
        """One user's preferences; the empty ones where none were saved.

        Raises:
            NotFound: `user_not_found`.
        """
        return _preferences(existing(users_collection().find_one({"_id": user_id}, {"preferences": 1})))

    def preferences_of(self, user_ids: Iterable[ObjectId]) -> dict[ObjectId, Preferences]:
        """The preferences of those of the users that exist, by id, in one read."""
        found = users_collection().find({"_id": {"$in": list(user_ids)}}, {"preferences": 1})
        return {user["_id"]: _preferences(user) for user in found}

    def replace_preferences(
        self,
        user_id: ObjectId,
        preferences: Preferences,
        only_if: Callable[[Preferences], bool] | None = None,
    ) -> Preferences:
        """Save all preferences at once.

        Args:
            only_if: whether to go on, seeing the preferences as they are now.

        Raises:
            NotFound: `user_not_found`.
            ChangedMeanwhile: `only_if` says no, or they were changed after it was asked.
        """
        still = {}
        if only_if is not None:
            known = existing(users_collection().find_one({"_id": user_id}, {"preferences": 1}))
            if not only_if(_preferences(known)):
                raise ChangedMeanwhile
            still = {"preferences": known.get("preferences")}
        _changed(user_id, {"preferences": _preferences_record(preferences)}, still)
        return preferences


def users_collection() -> Collection[BsonDocument]:
    """Where users lie; for this package."""
    collection: Collection[BsonDocument] = User._get_collection()
    return collection


def _changed(
    user_id: ObjectId, fields: BsonDocument, still: Mapping[str, object] | None = None
) -> BsonDocument:
    """The user after the change, which is made only where `still` holds."""
    changed: BsonDocument | None = users_collection().find_one_and_update(
        {**(still or {}), "_id": user_id},
        {"$set": fields},
        projection=PROFILE_FIELDS,
        return_document=ReturnDocument.AFTER,
    )
    if changed is None:
        existing(users_collection().find_one({"_id": user_id}, {"_id": 1}))
        raise ChangedMeanwhile
    return changed


def existing(found: BsonDocument | None) -> BsonDocument:
    """What was found.

    Raises:
        NotFound: `user_not_found`: nothing was.
    """
    if found is None:
        raise NotFound("This account does not exist any more.", code="user_not_found")
    return found


def profile_of(user: BsonDocument) -> UserProfile:
    """A user as the other packages see them."""
    return UserProfile(
        id=user["_id"],
        email=user.get("email", ""),
        email_confirmed=user.get("email_confirmed_at") is not None,
        display_name=user["display_name"],
        role=Role(user.get("role", Role.USER)),
        tier=user["tier"],
        created_at=user["created_at"],
        muted=frozenset(user.get("muted", ())),
    )


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
