"""Messages from elsewhere, each handled once, however often and to however many processes it is delivered."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from pymongo.collection import Collection
from pymongo.errors import DuplicateKeyError

from backend.auth.models import Delivery
from backend.errors import Busy
from backend.infra.clock import Clock
from backend.infra.mongo import BsonDocument

# Senders try again for days; then a person may have it sent once more.
_REMEMBERED_FOR = timedelta(days=30)
# So long one process has for itself. If it dies over it, another may go on.
_LEASE = timedelta(seconds=60)


class Deliveries:
    """The `webhook_deliveries` collection."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def handle_once(self, source: str, message_id: str, handle: Callable[[], None]) -> bool:
        """Handle a message unless it was handled before; whether it was handled now.

        Where handling fails the message counts as not delivered: the sender tries again.

        Raises:
            Busy: it is being handled right now.
            whatever `handle` raises.
        """
        key = f"{source} {message_id}"
        if not self._claim(key):
            return False
        try:
            handle()
        except BaseException:
            _collection().delete_one({"_id": key, "done": False})
            raise
        _collection().update_one({"_id": key}, {"$set": {"done": True}})
        return True

    def _claim(self, key: str) -> bool:
        now = self._clock.now()
        lease = {"leased_until": now + _LEASE, "expires_at": now + _REMEMBERED_FOR}
        try:
            _collection().insert_one({"_id": key, "done": False, **lease})
        except DuplicateKeyError:
            return self._claim_again(key, lease)
        return True

    def _claim_again(self, key: str, lease: BsonDocument) -> bool:
        abandoned = {"_id": key, "done": False, "leased_until": {"$lt": self._clock.now()}}
        if _collection().update_one(abandoned, {"$set": lease}).matched_count:
            return True
        known = _collection().find_one({"_id": key}, {"done": 1})
        if known is not None and known["done"]:
            return False
        raise Busy("This message is being handled right now. Send it again in a minute.", retry_after=60)


def _collection() -> Collection[BsonDocument]:
    collection: Collection[BsonDocument] = Delivery._get_collection()
    return collection
