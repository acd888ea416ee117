"""How people regard what the catalogue holds, as far as its pages say so. Another feature keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from bson import ObjectId


@dataclass(frozen=True, slots=True)
class Regard:
    """How a recipe is regarded: by how many people it is liked, and whether one user likes and has saved it."""

    likes: int
    liked: bool
    saved: bool


class Regards(Protocol):
    """Knows how recipes and restaurants are regarded."""

    def regard(self, user_id: ObjectId, recipe_id: ObjectId) -> Regard:
        """How a recipe is regarded, by all and by one user."""

    def has_saved(self, user_id: ObjectId, item_id: ObjectId) -> bool:
        """Whether the user has saved a recipe or restaurant."""
