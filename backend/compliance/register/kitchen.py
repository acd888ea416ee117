"""The register's rows about favourites."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from backend.compliance.register.shapes import CardId, Moment
from backend.compliance.register.terms import Basis, Erasure, Export, Holding, Kind, Otherwise, Place, Shape
from backend.favourites.service import FavouriteService

_WITH_THE_ACCOUNT = Otherwise("As long as the account.")


class SavedShape(Shape):
    """Something that the user has saved."""

    item_id: CardId
    kind: Annotated[Literal["recipe", "restaurant"], Field(title="Kind")]
    at: Moment


class LikeShape(Shape):
    """A recipe that the user likes."""

    item_id: CardId
    at: Moment


KITCHEN: tuple[Holding, ...] = (
    Holding(
        place=Place(Kind.COLLECTION, "saved_items"),
        holds="recipes and restaurants that somebody has saved, and when",
        purpose="finding them again; recommending recipes",
        basis=Basis.CONTRACT,
        export=Export(
            "saved.json",
            "Saved",
            lambda services, user: services.get(FavouriteService).saved_history_of(user),
            SavedShape,
            lambda saved: [saved["item_id"]],
        ),
        erasure=Erasure(
            "Deleted.", lambda services, gone: services.get(FavouriteService).forget_saved(gone.user_id)
        ),
        retention=_WITH_THE_ACCOUNT,
    ),
    Holding(
        place=Place(Kind.COLLECTION, "likes"),
        holds="recipes that somebody likes, and since when",
        purpose="showing how many people like a recipe; recommending recipes",
        basis=Basis.CONTRACT,
        export=Export(
            "likes.json",
            "Likes",
            lambda services, user: services.get(FavouriteService).liked_history_of(user),
            LikeShape,
            lambda like: [like["item_id"]],
        ),
        erasure=Erasure(
            "Deleted.", lambda services, gone: services.get(FavouriteService).forget_likes(gone.user_id)
        ),
        retention=_WITH_THE_ACCOUNT,
        recipients="all users, as a number",
    ),
)
