"""Receipts: what stays of an erasure. They hold no personal data, and a signature that only this server can make."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.compliance.erasure.models import ErasureReceiptRecord
from backend.errors import NotFound
from backend.infra.clock import to_iso
from backend.infra.keys import Ledger
from backend.infra.mongo import DURABLE, BsonDocument, MongoDatabase

_PURPOSE = "receipt"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What somebody who was erased can show.

    Attributes:
        id: random, and handed to that person alone.
        status: `running` or `done`.
        found: by place of the register, how many records were there.
        signature: hexadecimal, over all the rest; empty until it is done.
    """

    id: str
    status: str
    requested_at: datetime
    begun_at: datetime
    finished_at: datetime | None = None
    found: Mapping[str, int] | None = None
    signature: str = ""

    @property
    def signed_text(self) -> bytes:
        """What the signature is over: the same bytes for the same receipt."""
        said = {
            "id": self.id,
            "requested_at": to_iso(self.requested_at),
            "begun_at": to_iso(self.begun_at),
            "finished_at": to_iso(self.finished_at) if self.finished_at else None,
            "found": dict(self.found or {}),
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":")).encode()


class Receipts:
    """The `erasure_receipts` collection."""

    def __init__(self, database: MongoDatabase, ledger: Ledger) -> None:
        name = ErasureReceiptRecord._get_collection_name()  # mongoengine has no public name for it
        self._receipts = database.get_collection(name, write_concern=DURABLE)
        self._ledger = ledger

    def open(self, receipt_id: str, requested_at: datetime, begun_at: datetime) -> None:
        """Begin a receipt, so that the person can follow. Harmless to repeat."""
        fresh = {"status": "running", "requested_at": requested_at, "begun_at": begun_at, "found": []}
        self._receipts.update_one({"_id": receipt_id}, {"$setOnInsert": fresh}, upsert=True)

    def close(self, receipt_id: str, found: Mapping[str, int], finished_at: datetime) -> None:
        """Finish and sign a receipt; one that is finished stays as it is."""
        opened = self._receipts.find_one({"_id": receipt_id, "status": "running"})
        if opened is None:
            return
        done = {**opened, "status": "done", "finished_at": finished_at, "found": _records(found)}
        signature = self._ledger.digest(_PURPOSE, _receipt(done).signed_text).hex()
        self._receipts.replace_one({"_id": receipt_id, "status": "running"}, {**done, "signature": signature})

    def get(self, receipt_id: str) -> Receipt:
        """One receipt.

        Raises:
            NotFound: `receipt_not_found`.
        """
        found = self._receipts.find_one({"_id": receipt_id})
        if found is None:
            raise NotFound("There is no such receipt.", code="receipt_not_found")
        return _receipt(found)

    def is_genuine(self, receipt: Receipt) -> bool:
        """Whether this server has signed what the receipt says."""
        try:
            signature = bytes.fromhex(receipt.signature)
        except ValueError:
            return False
        return self._ledger.verifies(_PURPOSE, receipt.signed_text, signature)


def _records(found: Mapping[str, int]) -> list[BsonDocument]:
    return [{"place": place, "count": count} for place, count in sorted(found.items())]


def _receipt(record: BsonDocument) -> Receipt:
    return Receipt(
        id=record["_id"],
        status=record["status"],
        requested_at=record["requested_at"],
        begun_at=record["begun_at"],
        finished_at=record.get("finished_at"),
        found={one["place"]: one["count"] for one in record["found"]},
        signature=record.get("signature", ""),
    )
