"""What an account is reached by: address, password, identities elsewhere. For `backend.auth` and operators' commands.

An address belongs to the account that has confirmed it. Until then several may claim it, and none is told of the
others: to register never tells whether an address is known (docs/decisions/0010).
"""

from __future__ import annotations

from dataclasses import dataclass

from bson import ObjectId
from pymongo import DESCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from backend.errors import Busy, Conflict
from backend.infra.clock import Clock
from backend.infra.mongo import BsonDocument
from backend.roles import Role
from backend.texts import address_key
from backend.users.documents import existing, users_collection
from backend.users.service import PROFILE_FIELDS, UserProfile, profile_of

_ATTEMPTS = 3
# Who has confirmed the address, then its claims, the newest first: one read, whatever there is to find.
_OWNER_FIRST = [("email_confirmed_at", DESCENDING), ("created_at", DESCENDING)]


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """What logging in compares with. Stays between this package and `backend.auth`."""

    user_id: ObjectId
    password_hash: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Somebody's account elsewhere, as its issuer vouches for it.

    Attributes:
        issuer: the issuer's URL, exactly as in its tokens.
        subject: the issuer's own id of the person.
        email: the person's address there; empty where the issuer does not tell.
        email_verified: whether the issuer says that the address is the person's.
        display_name: already cleaned; what a new account is called.
    """

    issuer: str
    subject: str
    email: str
    email_verified: bool
    display_name: str

    @property
    def key(self) -> str:
        """Issuer and subject in one."""
        return f"{self.issuer} {self.subject}"


class Accounts:
    """Opens accounts and changes what they are reached by."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def open(self, email: str, password_hash: str, display_name: str) -> UserProfile:
        """Open a free account that claims an address.

        Args:
            email: a checked address.
            display_name: as `clean_display_name` returns it.
        """
        return self._insert(
            {
                "email": email,
                "email_key": address_key(email),
                "password_hash": password_hash,
                "display_name": display_name,
                "role": Role.USER.value,
            }
        )

    def open_guest(self, display_name: str) -> UserProfile:
        """Open an account that has a name only (A3)."""
        return self._insert({"display_name": display_name, "role": Role.GUEST.value})

    def claim(self, user_id: ObjectId, email: str, password_hash: str) -> UserProfile:
        """Turn a guest into a user who claims an address; all that was the guest's stays theirs (A3).

        Raises:
            Conflict: `not_a_guest`.
        """
        claimed = users_collection().find_one_and_update(
            {"_id": user_id, "role": Role.GUEST.value},
            {
                "$set": {
                    "email": email,
                    "email_key": address_key(email),
                    "password_hash": password_hash,
                    "role": Role.USER.value,
                }
            },
            projection=PROFILE_FIELDS,
            return_document=ReturnDocument.AFTER,
        )
        if claimed is None:
            raise Conflict("This is an account already.", code="not_a_guest")
        return profile_of(claimed)

    def passwords_for(self, email: str) -> tuple[StoredPassword | None, StoredPassword | None]:
        """The hashes that a log-in with this address compares with, however it is spelled.

        Always two, so that nobody can tell what there is from which log-ins are good: the account that the address
        belongs to has the first place to itself, the newest claim the second.
        """
        reached = {"email_key": address_key(email), "password_hash": {"$type": "string"}}
        owner = users_collection().find_one(
            {**reached, "email_confirmed_at": {"$type": "date"}}, {"password_hash": 1}
        )
        claim = users_collection().find_one(
            {**reached, "email_confirmed_at": None}, {"password_hash": 1}, sort=[("created_at", DESCENDING)]
        )
        return _stored(owner), _stored(claim)

    def password_of(self, user_id: ObjectId) -> StoredPassword | None:
        """The password hash of a user; None for those who have none, and where there is no such account."""
        return _stored(users_collection().find_one({"_id": user_id}, {"password_hash": 1}))

    def replace_password(self, user_id: ObjectId, old_hash: str | None, new_hash: str) -> bool:
        """Store another hash, unless the password was changed meanwhile; whether it was stored."""
        changed = users_collection().update_one(
            {"_id": user_id, "password_hash": old_hash}, {"$set": {"password_hash": new_hash}}
        )
        return changed.matched_count == 1

    def for_reset(self, email: str) -> ObjectId | None:
        """Whose password a mail to this address may reset: the owner's, else that of the newest claim."""
        reached = {"email_key": address_key(email)}
        found = users_collection().find_one(reached, {"_id": 1}, sort=_OWNER_FIRST)
        return found["_id"] if found else None

    def owner_of(self, email: str) -> ObjectId | None:
        """Who has confirmed this address; None where nobody has."""
        owner = users_collection().find_one(
            {"email_key": address_key(email), "email_confirmed_at": {"$type": "date"}}, {"_id": 1}
        )
        return owner["_id"] if owner else None

    def confirm_email(self, user_id: ObjectId, email: str) -> UserProfile:
        """The user has shown that the address is theirs. Harmless to repeat.

        Raises:
            Conflict: `email_taken`: somebody else has confirmed it before.
            NotFound: `user_not_found`, also where the account has another address by now.
        """
        mine = {"_id": user_id, "email_key": address_key(email)}
        try:
            users_collection().update_one(
                {**mine, "email_confirmed_at": None}, {"$set": {"email_confirmed_at": self._clock.now()}}
            )
        except DuplicateKeyError:
            raise Conflict(
                "This address belongs to another account already. Log in to that one.", code="email_taken"
            ) from None
        return profile_of(existing(users_collection().find_one(mine, PROFILE_FIELDS)))

    def by_identity(self, identity: Identity) -> UserProfile:
        """The account of somebody who has proved who they are elsewhere; opened on first sight (A2).

        It joins an account that exists where both sides have proved the same address, and only then.
        """
        for _ in range(_ATTEMPTS):
            known = self.known_by(identity.issuer, identity.subject)
            if known is None and identity.email_verified:
                known = self._join(identity)
            if known is not None:
                return known
            try:
                return self._insert(self._from_elsewhere(identity))
            except DuplicateKeyError:  # the same person, twice in one moment
                continue
        raise Busy("Too many log-ins of yours at once. Try again.", retry_after=1)

    def known_by(self, issuer: str, subject: str) -> UserProfile | None:
        """The account that an identity elsewhere opens; None where it has not been seen."""
        key = Identity(issuer, subject, "", False, "").key
        found = users_collection().find_one({"identities.key": key}, PROFILE_FIELDS)
        return profile_of(found) if found else None

    def set_tier(self, user_id: ObjectId, tier: str) -> UserProfile:
        """Make somebody free or pro (A4).

        Raises:
            NotFound: `user_not_found`.
        """
        return self._set(user_id, {"tier": tier, "tier_told_at": self._clock.now()})

    def set_role(self, user_id: ObjectId, role: Role) -> UserProfile:
        """Make somebody an operator, or a user again. Guests have no account that could be one.

        Raises:
            NotFound: `user_not_found`.
            Conflict: `is_guest`.
        """
        if profile_of(existing(users_collection().find_one({"_id": user_id}))).role is Role.GUEST:
            raise Conflict("Guests must make an account first.", code="is_guest")
        return self._set(user_id, {"role": role.value})

    def delete(self, user_id: ObjectId) -> bool:
        """Delete the account's own document; whether there was one."""
        return users_collection().delete_one({"_id": user_id}).deleted_count == 1

    def _insert(self, fields: BsonDocument) -> UserProfile:
        user = {"_id": ObjectId(), "tier": "free", "created_at": self._clock.now(), **fields}
        users_collection().insert_one(user)
        return profile_of(user)

    def _from_elsewhere(self, identity: Identity) -> BsonDocument:
        account: BsonDocument = {
            "display_name": identity.display_name,
            "role": Role.USER.value,
            "identities": [self._record(identity)],
        }
        if identity.email:
            account |= {"email": identity.email, "email_key": address_key(identity.email)}
            if identity.email_verified and self.owner_of(identity.email) is None:
                account["email_confirmed_at"] = self._clock.now()
        return account

    def _join(self, identity: Identity) -> UserProfile | None:
        joined = users_collection().find_one_and_update(
            {
                "email_key": address_key(identity.email),
                "email_confirmed_at": {"$type": "date"},
                "identities.key": {"$ne": identity.key},
            },
            {"$push": {"identities": self._record(identity)}},
            projection=PROFILE_FIELDS,
            return_document=ReturnDocument.AFTER,
        )
        return profile_of(joined) if joined else None

    def _record(self, identity: Identity) -> BsonDocument:
        return {
            "key": identity.key,
            "issuer": identity.issuer,
            "subject": identity.subject,
            "added_at": self._clock.now(),
        }

    def _set(self, user_id: ObjectId, fields: BsonDocument) -> UserProfile:
        changed = users_collection().find_one_and_update(
            {"_id": user_id},
            {"$set": fields},
            projection=PROFILE_FIELDS,
            return_document=ReturnDocument.AFTER,
        )
        return profile_of(existing(changed))


def _stored(user: BsonDocument | None) -> StoredPassword | None:
    return StoredPassword(user["_id"], user["password_hash"]) if user and user.get("password_hash") else None
