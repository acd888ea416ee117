"""Somebody who is being erased, for single steps of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bson import ObjectId


@dataclass(frozen=True)
class Departed:
    """Who they are, and the sessions that have named them (`backend.compliance.register.terms.Departure`)."""

    user_id: ObjectId
    sessions: Collection[ObjectId] = ()
    address: str = ""
    identities: tuple[tuple[str, str], ...] = ()

    def pseudonym_in(self, session_id: ObjectId) -> ObjectId:
        """Another one in each session."""
        return ObjectId(bytes(a ^ b for a, b in zip(self.user_id.binary, session_id.binary, strict=True)))
