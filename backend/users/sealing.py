"""Sealing one field of what a person told DinDin with that person's own key (docs/product.md P6)."""

from __future__ import annotations

import json
from typing import Any

from bson import ObjectId

from backend.infra.keys import seal, unseal

_PADDED_TO = 256  # bytes; every diet is as long as any other


def seal_field(key: bytes, owner: ObjectId, field: str, value: Any) -> bytes:
    """`value`, which JSON can write, encrypted for one field of one user: it opens nowhere else.

    Args:
        field: where it lies, as `preferences.allergies`.
    """
    plain = json.dumps(value, separators=(",", ":")).encode()
    padded = plain.ljust(-(-len(plain) // _PADDED_TO) * _PADDED_TO)  # JSON does not mind spaces at its end
    return seal(key, padded, _context(owner, field))


def open_field(key: bytes, owner: ObjectId, field: str, sealed: bytes) -> Any:
    """What was sealed.

    Raises:
        Unreadable: with another key, for another user or field, or it was changed.
    """
    return json.loads(unseal(key, sealed, _context(owner, field)))


def _context(owner: ObjectId, field: str) -> str:
    return f"{owner} {field}"
