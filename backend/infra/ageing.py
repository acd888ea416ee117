"""Documents that go after a time, counted from a moment that they hold themselves (docs/product.md P4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pymongo.collection import Collection

from backend.infra.mongo import BsonDocument


class Ageing:
    """How old the documents of one collection are, and the end of those that are too old."""

    def __init__(self, documents: Collection[BsonDocument], moment: str) -> None:
        """
        Args:
            moment: the field that their age counts from; indexed.
        """
        self._documents = documents
        self._moment = moment

    def delete_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete what is older than `cutoff`; yields how many, batch by batch. A dry run yields how many would go."""
        old = {self._moment: {"$lt": cutoff}}
        if dry_run:
            yield self._documents.count_documents(old)
            return
        while ids := [found["_id"] for found in self._documents.find(old, {"_id": 1}).limit(batch)]:
            yield self._documents.delete_many({"_id": {"$in": ids}}).deleted_count

    def oldest(self) -> datetime | None:
        """The moment that the oldest of them holds; None where there are none."""
        found = self._documents.find_one({}, {self._moment: 1}, sort=[(self._moment, 1)])
        return found[self._moment] if found else None
