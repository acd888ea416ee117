"""What services elsewhere tell about users. It arrives in any order; what is older than what is known is nothing new.

Each change is one compare-and-set that carries the time of the event, so that two processes may handle two at once.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from bson import ObjectId
from pymongo.errors import DuplicateKeyError

from backend.infra.mongo import BsonDocument
from backend.texts import address_key
from backend.users.accounts import Identity
from backend.users.documents import users_collection

_log = structlog.stdlib.get_logger(__name__)


class ToldElsewhere:
    """Takes in what is told from elsewhere."""

    def tell_profile(self, identity: Identity, named: str, as_of: datetime) -> bool:
        """An issuer tells how somebody is called and which address is theirs; whether that was new.

        The name is taken over when it has changed there, so that one chosen here stays. The address is taken over where
        it is verified, nobody else has it, and the account has no password of its own that goes with another.

        Args:
            named: the name there; empty where there is none.
            as_of: when this was so.
        """
        mine = {"identities": {"$elemMatch": {"key": identity.key, **_not_newer("told_at", as_of)}}}
        user = users_collection().find_one(mine)
        if user is None:
            return False
        record = next(one for one in user["identities"] if one["key"] == identity.key)
        change: BsonDocument = {"identities.$.told_at": as_of}
        if named:
            change["identities.$.told_name"] = named
            if named != record.get("told_name"):
                change["display_name"] = named
        if identity.email_verified and not user.get("password_hash"):
            return self._change(mine, change, identity.email, as_of)
        return users_collection().update_one(mine, {"$set": change}).matched_count == 1

    def tell_tier(self, user_id: ObjectId, tier: str, as_of: datetime) -> bool:
        """Billing tells who pays (docs/product.md A4); whether there was such a user and that was not older news."""
        told = users_collection().update_one(
            {"_id": user_id, **_not_newer("tier_told_at", as_of)},
            {"$set": {"tier": tier, "tier_told_at": as_of}},
        )
        return told.matched_count == 1

    def _change(self, mine: BsonDocument, change: BsonDocument, email: str, as_of: datetime) -> bool:
        address = {"email": email, "email_key": address_key(email), "email_confirmed_at": as_of}
        try:
            return users_collection().update_one(mine, {"$set": {**change, **address}}).matched_count == 1
        except DuplicateKeyError:
            _log.warning("address_belongs_to_another")
            return users_collection().update_one(mine, {"$set": change}).matched_count == 1


def _not_newer(field: str, as_of: datetime) -> BsonDocument:
    """Nothing later than `as_of` was told before."""
    return {"$or": [{field: None}, {field: {"$lte": as_of}}]}
