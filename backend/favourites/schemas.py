"""What crosses the wire about favourites."""

from __future__ import annotations

from pydantic import BaseModel, Field

from backend.catalog.regard import Regard
from backend.catalog.schemas import NearQuery
from backend.favourites.service import Marks
from backend.http.schemas import Id, IdPath, PageQuery


class FavouritePath(IdPath):
    """The recipe or restaurant in the path."""


class SavedRestaurantsQuery(PageQuery, NearQuery):
    """Which page, and from where distances are measured."""


class MarksOut(BaseModel):
    """The ids of all that the caller has saved or likes, newest first: enough to mark the cards of any list."""

    recipes: list[Id] = Field(description="Saved recipes.")
    restaurants: list[Id] = Field(description="Saved restaurants.")
    liked: list[Id] = Field(description="Recipes that the caller likes.")

    @classmethod
    def of(cls, marks: Marks) -> MarksOut:
        """As it is written to the wire."""
        return cls(
            recipes=[str(one) for one in marks.recipes],
            restaurants=[str(one) for one in marks.restaurants],
            liked=[str(one) for one in marks.liked],
        )


class RegardOut(BaseModel):
    """How a recipe is regarded."""

    likes: int = Field(description="How many people like it.")
    liked: bool = Field(description="Whether the caller does.")
    saved: bool = Field(description="Whether the caller has saved it.")

    @classmethod
    def of(cls, regard: Regard) -> RegardOut:
        """As it is written to the wire."""
        return cls(likes=regard.likes, liked=regard.liked, saved=regard.saved)
