"""What people can be told. Pure: who tells makes a `News`, and knows nothing of inboxes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bson import ObjectId

from backend.texts import SOMEBODY


class Kind(StrEnum):
    """Kinds of notifications; people opt out of each (docs/product.md M5). What each holds: docs/live-protocol.md."""

    SESSION_STARTED = "session_started"
    GROUP_JOINED = "group_joined"
    GROUP_REMOVED = "group_removed"
    GROUP_DELETED = "group_deleted"
    GROUP_OWNED = "group_owned"


# One sentence each, ready for people, of what `data` holds.
_TEXTS = {
    Kind.SESSION_STARTED: "{host_name} is finding dinner with {group_name}. Join in!",
    Kind.GROUP_JOINED: "{display_name} has joined {group_name}.",
    Kind.GROUP_REMOVED: "You are no longer in {group_name}.",
    Kind.GROUP_DELETED: "{group_name} has been deleted. What you decided together stays in your history.",
    Kind.GROUP_OWNED: "You look after {group_name} now: its owner has left.",
}
# The fields of `data` that say who did it, and how the group is called.
_ACTOR_FIELDS = ("host_name", "display_name")
_ACTOR_ID = "user_id"
_NAME_FIELD = "group_name"
_NEUTRAL_NAME = "a group"


@dataclass(frozen=True, slots=True)
class News:
    """Something that has happened and that people are to know.

    Attributes:
        key: what it is about, in a word that no other news has: told again under the same key, nobody hears it twice.
        data: what a program needs to act on it, and what its sentence names; ids as text.
        actor_id: who has done it, where `data` names them.
        named_by: who chose the name of the group that it is about.
    """

    kind: Kind
    key: str
    data: Mapping[str, str] = field(default_factory=dict)
    actor_id: ObjectId | None = None
    named_by: ObjectId | None = None

    @property
    def text(self) -> str:
        """One sentence, ready for people."""
        return text_of(self.kind, self.data)


def text_of(kind: str, data: Mapping[str, str]) -> str:
    """The sentence that news of this kind and data is told in."""
    return _TEXTS[Kind(kind)].format_map(data)


def without_actor(data: Mapping[str, str]) -> dict[str, str]:
    """What is left to say once nobody may know any more who did it."""
    told = {name: value for name, value in data.items() if name != _ACTOR_ID}
    return told | {name: SOMEBODY for name in _ACTOR_FIELDS if name in told}


def without_name(data: Mapping[str, str]) -> dict[str, str]:
    """What is left to say once the group's name of then may not be told any more."""
    return dict(data) | ({_NAME_FIELD: _NEUTRAL_NAME} if _NAME_FIELD in data else {})
