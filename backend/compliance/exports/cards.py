"""What the ids of cards in an export stand for, and pictures of those that its owner liked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bson import ObjectId

from backend.catalog.picture_files import picture_file
from backend.catalog.service import CatalogService
from backend.compliance.register.terms import Export, OfCard, Shape

_LOOKED_UP_AT_ONCE = 500
# So many pictures are a page to look at, and a few megabytes.
_MOST_PICTURES = 300


@dataclass(frozen=True, slots=True)
class NamedCard:
    """A card that an export names.

    Attributes:
        record: as cards.json has it.
        file: its picture on this server, where the archive has it too.
    """

    record: dict[str, Any]
    file: Path | None


class NamedCards:
    """Notes which cards the records of an export name. There are never more than the catalogue has."""

    def __init__(self) -> None:
        self._liked: dict[str, bool] = {}

    def note(self, export: Export, record: dict[str, Any]) -> None:
        """Note the cards of one record."""
        for field in card_fields(export.shape):
            for card_id in _ids(record.get(field)):
                self._liked.setdefault(card_id, False)
        for card_id in export.liked(record):
            self._liked[card_id] = True

    def look_up(self, catalog: CatalogService) -> list[NamedCard]:
        """Those that the catalogue still has, those that were liked first, each kind by title."""
        ids = [ObjectId(card_id) for card_id in self._liked]
        found = [
            card
            for start in range(0, len(ids), _LOOKED_UP_AT_ONCE)
            for card in catalog.cards(ids[start : start + _LOOKED_UP_AT_ONCE])
        ]
        found.sort(key=lambda card: (not self._liked[card["id"]], card["title"]))
        return [self._named(card, place) for place, card in enumerate(found)]

    def _named(self, card: dict[str, Any], place: int) -> NamedCard:
        liked = self._liked[card["id"]]
        file = picture_file(card["image_url"]) if liked and place < _MOST_PICTURES else None
        picture = f"pictures/{file.name}" if file else None
        record = {
            "id": card["id"],
            "kind": card["kind"],
            "title": card["title"],
            "liked": liked,
            "picture": picture,
        }
        return NamedCard(record, file)


@cache
def card_fields(shape: type[Shape]) -> tuple[str, ...]:
    """The fields of a shape that hold ids of cards."""
    return tuple(
        name
        for name, field in shape.model_fields.items()
        if any(isinstance(mark, OfCard) for mark in field.metadata)
    )


def _ids(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value] if value else []
