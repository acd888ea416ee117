"""The register's rows about favourites, shopping lists, and what people think of what they ate."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from backend.compliance.register.asking import asking, forgotten_by
from backend.compliance.register.periods import retention_days_ago
from backend.compliance.register.shapes import CardId, Moment, SessionId
from backend.compliance.register.terms import (
    Basis,
    Erasure,
    Export,
    Holding,
    Kind,
    OfCard,
    Otherwise,
    Place,
    Retention,
    Shape,
)
from backend.favourites.service import FavouriteService
from backend.history.service import HistoryService
from backend.http.schemas import Id
from backend.shopping.service import ShoppingService

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


class ShoppingItemShape(Shape):
    """Something on the user's shopping list, or that the user has put on another's."""

    whose: Annotated[Literal["own", "shared"], Field(title="List")]
    name: Annotated[str, Field(title="What")]
    amount: Annotated[float | None, Field(title="How much")]
    unit: Annotated[str, Field(title="Unit")]
    recipe_ids: Annotated[list[Id], Field(title="For"), OfCard()]
    ticked: Annotated[bool, Field(title="In the basket")]
    at: Moment


class RatingShape(Shape):
    """What the user thinks of an outcome."""

    session_id: SessionId
    rating: Annotated[int | None, Field(title="Rating (1 to 5)")]
    note: Annotated[str | None, Field(title="Note")]
    at: Moment


def _its_card(record: dict[str, Any]) -> list[str]:
    return [record["item_id"]]


_WITH_FAVOURITES = asking(FavouriteService, FavouriteService.people)


KITCHEN: tuple[Holding, ...] = (
    Holding(
        place=Place(Kind.COLLECTION, "saved_items"),
        holds="recipes and restaurants that somebody has saved, and when",
        purpose="finding them again; recommending recipes",
        basis=Basis.CONTRACT,
        export=Export(
            "saved.json",
            "Saved",
            asking(FavouriteService, FavouriteService.saved_history_of),
            SavedShape,
            _its_card,
        ),
        erasure=Erasure("Deleted.", forgotten_by(FavouriteService, FavouriteService.forget_saved)),
        retention=_WITH_THE_ACCOUNT,
        people=_WITH_FAVOURITES,
    ),
    Holding(
        place=Place(Kind.COLLECTION, "likes"),
        holds="recipes that somebody likes, and since when",
        purpose="showing how many people like a recipe; recommending recipes",
        basis=Basis.CONTRACT,
        export=Export(
            "likes.json",
            "Likes",
            asking(FavouriteService, FavouriteService.liked_history_of),
            LikeShape,
            _its_card,
        ),
        erasure=Erasure("Deleted.", forgotten_by(FavouriteService, FavouriteService.forget_likes)),
        retention=_WITH_THE_ACCOUNT,
        recipients="all users, as a number",
        people=_WITH_FAVOURITES,
    ),
    Holding(
        place=Place(Kind.COLLECTION, "shopping_lists"),
        holds="what somebody wants to buy, how much, for which recipe; who has put it on the list",
        purpose="the shopping list",
        basis=Basis.CONTRACT,
        export=Export(
            "shopping_list.json",
            "Shopping list",
            asking(ShoppingService, ShoppingService.history_of),
            ShoppingItemShape,
        ),
        erasure=Erasure(
            "Deleted; what the person has put on the lists of others, too.",
            forgotten_by(ShoppingService, ShoppingService.forget),
        ),
        retention=_WITH_THE_ACCOUNT,
        recipients="the members of the group that its owner shares it with",
        people=asking(ShoppingService, ShoppingService.people),
    ),
    Holding(
        place=Place(Kind.COLLECTION, "ratings"),
        holds="what somebody thinks of what a session decided: a rating, and a note, sealed",
        purpose="remembering what was good",
        basis=Basis.CONTRACT,
        export=Export(
            "ratings.json",
            "Ratings",
            asking(HistoryService, HistoryService.history_of),
            RatingShape,
        ),
        erasure=Erasure("Deleted.", forgotten_by(HistoryService, HistoryService.forget)),
        retention=Retention(
            rule="{data_retention_days} days after it was decided",
            cutoff=retention_days_ago,
            sweep=asking(HistoryService, HistoryService.delete_before),
            oldest=asking(HistoryService, HistoryService.oldest),
        ),
        people=asking(HistoryService, HistoryService.people),
    ),
)
