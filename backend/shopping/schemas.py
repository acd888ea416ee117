"""What crosses the wire about shopping lists."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from bson import ObjectId
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from backend.errors import FieldError, InvalidInput
from backend.http.schemas import Body, Id, IdPath
from backend.shopping.amounts import Quantity, known_unit
from backend.shopping.items import MOST_ITEMS, Item, ShoppingList
from backend.shopping.service import Wish
from backend.texts import clean_line

_MOST_SERVINGS = 100
_HOW_MUCH = "Say how much as well, or leave the unit away."


def _clean_unit(raw: str) -> str:
    return known_unit(clean_line(raw, 20)) if raw.strip() else ""


ItemName = Annotated[str, StringConstraints(max_length=200), AfterValidator(partial(clean_line, most=80))]
Unit = Annotated[str, StringConstraints(max_length=50), AfterValidator(_clean_unit)]
Amount = Annotated[float, Field(ge=0.001, le=100_000, allow_inf_nan=False)]


class NewItem(Body):
    """What to put on the list."""

    name: ItemName = Field(description="At most 80 characters.")
    amount: Amount | None = None
    unit: Unit = Field("", description="g, kg, ml, l, tsp, tbsp or any other word; empty: pieces.")
    recipe_id: Id | None = Field(None, description="The recipe that it is for.")

    @model_validator(mode="after")
    def _unit_of_something(self) -> NewItem:
        if self.unit and self.amount is None:
            raise ValueError(_HOW_MUCH)
        return self

    @property
    def wish(self) -> Wish:
        """As the service takes it."""
        quantity = None if self.amount is None else Quantity.of(self.amount, self.unit)
        return Wish(self.name, quantity, ObjectId(self.recipe_id) if self.recipe_id else None)


class ItemChange(Body):
    """What to change of an item; what is left away stays as it is."""

    name: ItemName | None = Field(None, description="At most 80 characters.")
    amount: Amount | None = Field(None, description="null: it does not matter how much.")
    unit: Unit | None = None
    ticked: bool | None = Field(None, description="Whether it is in the basket.")

    def applied_to(self, item: Item) -> Item:
        """The item once it is changed.

        Raises:
            InvalidInput: a unit, and no amount.
        """
        ticked = item.ticked if self.ticked is None else self.ticked
        return replace(item, name=self.name or item.name, quantity=self._quantity(item), ticked=ticked)

    def _quantity(self, item: Item) -> Quantity | None:
        if self.model_fields_set.isdisjoint({"amount", "unit"}):
            return item.quantity
        amount, unit = item.quantity.shown if item.quantity else (None, "")
        amount = self.amount if "amount" in self.model_fields_set else amount
        if amount is None:
            if self.unit:
                raise InvalidInput("Please check: unit.", errors=[FieldError("unit", _HOW_MUCH)])
            return None
        return Quantity.of(amount, unit if self.unit is None else self.unit)


class RecipeIngredients(Body):
    """Which ingredients of a recipe to put on the list."""

    servings: int | None = Field(
        None, ge=1, le=_MOST_SERVINGS, description="For how many; by default for as many as the recipe says."
    )
    ingredients: list[Annotated[int, Field(ge=0, lt=1000)]] | None = Field(
        None,
        min_length=1,
        max_length=MOST_ITEMS,
        description="Their places in the recipe, from 0 on; by default all.",
    )


class Sharing(Body):
    """With whom to share one's list."""

    group_id: Id | None = Field(description="A group of yours; null: nobody.")


class ItemPath(IdPath):
    """The item in the path."""


class RecipePath(IdPath):
    """The recipe in the path."""


class GroupPath(IdPath):
    """The group in the path."""


class GroupItemPath(GroupPath):
    """The group, and an item of its list, in the path."""

    item_id: Id


class GroupRecipePath(GroupPath):
    """The group and a recipe in the path."""

    recipe_id: Id


class ItemOut(BaseModel):
    """A line of a list."""

    id: Id
    name: str
    amount: float | None = Field(description="null: nobody said how much.")
    unit: str = Field(description="Empty: pieces.")
    recipe_ids: list[Id] = Field(description="The recipes that it is for.")
    ticked: bool


class ItemsOut(BaseModel):
    """The lines that something was put on the list as: new ones, or equal ones that were there."""

    items: list[ItemOut]


class ShoppingListOut(BaseModel):
    """A list."""

    owner_id: Id
    shared_with: Id | None = Field(description="The group whose members see and change it too.")
    items: list[ItemOut] = Field(description="In the order in which they were added.")
    missing: int = Field(description="How many are not ticked.")


def item_out(item: Item) -> dict[str, Any]:
    """An item as JSON."""
    amount, unit = item.quantity.shown if item.quantity else (None, "")
    return {
        "id": str(item.id),
        "name": item.name,
        "amount": amount,
        "unit": unit,
        "recipe_ids": [str(one) for one in item.recipe_ids],
        "ticked": item.ticked,
    }


def list_out(shopping: ShoppingList) -> dict[str, Any]:
    """A list as JSON."""
    return {
        "owner_id": str(shopping.owner_id),
        "shared_with": str(shopping.group_id) if shopping.group_id else None,
        "items": [item_out(item) for item in shopping.items],
        "missing": sum(not item.ticked for item in shopping.items),
    }
