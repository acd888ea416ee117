"""The end of an account: first nobody gets in any more, at last it is gone (docs/product.md P2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bson import ObjectId

from backend.infra.clock import Clock
from backend.users.documents import users_collection

_KEYS_TO_THE_DOOR = ("email", "email_key", "email_confirmed_at", "password_hash", "identities")


@dataclass(frozen=True, slots=True)
class Reached:
    """What somebody was reached by, and got in with.

    Attributes:
        address: as they wrote it; "" where there is none.
        identities: (issuer, subject) of accounts elsewhere.
    """

    address: str = ""
    identities: tuple[tuple[str, str], ...] = ()


class Closing:
    """Closes and deletes accounts."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def reached_by(self, user_id: ObjectId) -> Reached | None:
        """What somebody is reached by; None where there is no such account."""
        found = users_collection().find_one({"_id": user_id}, {"email": 1, "identities": 1})
        if found is None:
            return None
        known = tuple((one["issuer"], one["subject"]) for one in found.get("identities", ()))
        return Reached(found.get("email", ""), known)

    def close(self, user_id: ObjectId) -> None:
        """Let nobody in: not by address, password or an account elsewhere, and not with any token."""
        users_collection().update_one(
            {"_id": user_id},
            {"$set": {"closed_at": self._clock.now()}, "$unset": dict.fromkeys(_KEYS_TO_THE_DOOR, "")},
        )

    def delete(self, user_id: ObjectId) -> int:
        """Delete the account's own document; how many there were."""
        return users_collection().delete_one({"_id": user_id}).deleted_count

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has an account, or had one until a moment ago."""
        for found in users_collection().find({}, {"_id": 1}):
            yield found["_id"]
