"""Use cases around users. Other packages get frozen values from here, never documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import ReturnDocument

from backend.errors import ChangedMeanwhile
from backend.infra.clock import to_iso
from backend.infra.mongo import BsonDocument
from backend.roles import Role
from backend.users.documents import existing, users_collection

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
        """What the user may do; None where there is no such account any more, or it is being erased."""
        found = users_collection().find_one({"_id": user_id, "closed_at": None}, {"role": 1})
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
