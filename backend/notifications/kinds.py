"""What people can be told. Pure: who tells makes a `News`, and knows nothing of inboxes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of notifications; people opt out of each (docs/product.md M5). What each holds: docs/live-protocol.md."""

    SESSION_STARTED = "session_started"
    GROUP_JOINED = "group_joined"
    GROUP_REMOVED = "group_removed"
    GROUP_DELETED = "group_deleted"
    GROUP_OWNED = "group_owned"


@dataclass(frozen=True, slots=True)
class News:
    """Something that has happened and that people are to know.

    Attributes:
        key: what it is about, in a word that no other news has: told again under the same key, nobody hears it twice.
        text: one sentence, ready for people.
        data: what a program needs to act on it; ids as text.
    """

    kind: Kind
    key: str
    text: str
    data: Mapping[str, str] = field(default_factory=dict)
