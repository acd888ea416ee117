"""Notes at rest: each is sealed with its author's data key, for its session (docs/product.md M4, P6)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog
from bson import ObjectId

from backend.errors import AppError
from backend.infra.keys import Unreadable
from backend.users.data_keys import Locked, UserKeys
from backend.users.sealing import open_field, seal_field

_log = structlog.stdlib.get_logger(__name__)


class NotesLocked(AppError):
    """Notes are there and cannot be opened: to show none, or to write over them, would lose them."""

    code = "data_locked"
    status = 503

    def __init__(self) -> None:
        super().__init__(
            "Your notes cannot be read right now, and nothing was changed. "
            "Whoever runs this server has to put a missing key back."
        )


class Notes:
    """Seals and opens notes."""

    def __init__(self, keys: UserKeys) -> None:
        self._keys = keys

    def sealed(self, author: ObjectId, session_id: ObjectId, note: str) -> bytes:
        """The note as it is kept.

        Raises:
            NotesLocked: the author's key is there and cannot be read.
        """
        with _locked_is_said():
            return seal_field(self._keys.for_sealing(author), author, _field(session_id), note)

    def opened(self, author: ObjectId, notes: Mapping[ObjectId, bytes]) -> dict[ObjectId, str]:
        """What was sealed, by session. Nothing where the author's key was destroyed.

        Raises:
            NotesLocked: they are there and cannot be read.
        """
        if not notes:
            return {}
        with _locked_is_said():
            key = self._keys.of([author]).get(author)
            if key is None:
                return {}
            return {
                session_id: open_field(key, author, _field(session_id), sealed)
                for session_id, sealed in notes.items()
            }


@contextmanager
def _locked_is_said() -> Iterator[None]:
    try:
        yield
    except (Locked, Unreadable) as locked:
        _log.error("notes_locked", why=type(locked).__name__)
        raise NotesLocked from locked


def _field(session_id: ObjectId) -> str:
    return f"ratings.{session_id}.note"
