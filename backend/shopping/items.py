"""What is on a shopping list, and how it changes. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from bson import ObjectId

from backend.errors import Conflict, NotFound
from backend.shopping.amounts import Quantity, is_common

MOST_ITEMS: Final = 200
_MOST_RECIPES: Final = 20  # that one line remembers


@dataclass(frozen=True, slots=True)
class Item:
    """One line.

    Attributes:
        quantity: None where nobody said how much.
        recipe_ids: recipes that it is for.
        added_by: who chose its name, and its unit where `unit_by` says nobody else.
        unit_by: who changed the unit to a word of their own.
        ticked: it is in the basket.
    """

    id: ObjectId
    name: str
    quantity: Quantity | None
    recipe_ids: tuple[ObjectId, ...]
    added_by: ObjectId
    added_at: datetime
    ticked: bool = False
    unit_by: ObjectId | None = None

    @property
    def unit(self) -> str:
        """The unit's base, which is whatever somebody wrote where it is no common one; "" where there is none."""
        return self.quantity.base if self.quantity else ""

    @property
    def authors(self) -> tuple[ObjectId, ...]:
        """Whose words it holds: with any of them it goes."""
        return (self.added_by,) if self.unit_by is None else (self.added_by, self.unit_by)

    def written_by(self, user_id: ObjectId, before: Item) -> Item:
        """The line once somebody has made it of `before`: whoever changes its words is the author of those."""
        named_by = before.added_by if self.name == before.name else user_id
        unit_by = before.unit_by or before.added_by if self.unit == before.unit else user_id
        own_word = not is_common(self.unit) and unit_by != named_by
        return replace(self, added_by=named_by, unit_by=unit_by if own_word else None)

    def can_be_one_with(self, other: Item) -> bool:
        """Whether both are one line: the same thing in units that can be added, and neither is in the basket yet."""
        return (
            not (self.ticked or other.ticked)
            and name_key(self.name) == name_key(other.name)
            and _base(self.quantity) == _base(other.quantity)
        )

    def with_more(self, other: Item) -> Item:
        """The line once `other`, which can be one with it, is added."""
        together = self.quantity
        if self.quantity is not None and other.quantity is not None:
            together = self.quantity + other.quantity
        recipes = tuple(dict.fromkeys((*self.recipe_ids, *other.recipe_ids)))
        return replace(self, quantity=together, recipe_ids=recipes[-_MOST_RECIPES:])


@dataclass(frozen=True, slots=True)
class ShoppingList:
    """A user's list.

    Attributes:
        items: in the order in which they were added.
        group_id: whose members see and change it too.
        version: 0 where nothing was ever written.
    """

    id: ObjectId
    owner_id: ObjectId
    items: tuple[Item, ...] = ()
    group_id: ObjectId | None = None
    version: int = 0

    def item(self, item_id: ObjectId) -> Item:
        """One line.

        Raises:
            NotFound: `item_not_found`.
        """
        for item in self.items:
            if item.id == item_id:
                return item
        raise NotFound("There is no such item on this list.", code="item_not_found")

    def holding(self, items: Iterable[Item]) -> tuple[Item, ...]:
        """The lines that these have become part of, or are, each once."""
        found = dict.fromkeys(
            next((one for one in self.items if one.id == new.id or one.can_be_one_with(new)), None)
            for new in items
        )
        return tuple(one for one in found if one is not None)

    def with_items(self, new: Iterable[Item]) -> ShoppingList:
        """The list with more on it; equal ingredients become one line.

        Raises:
            Conflict: `list_full`.
        """
        items = merged((*self.items, *new), already=len(self.items))
        if len(items) > max(MOST_ITEMS, len(self.items)):
            raise Conflict(
                f"A shopping list holds {MOST_ITEMS} items. Remove some first; nothing was added.",
                code="list_full",
            )
        return replace(self, items=items)

    def with_changed(self, changed: Item) -> ShoppingList:
        """The list with one line as it is now."""
        return replace(self, items=tuple(changed if one.id == changed.id else one for one in self.items))

    def without(self, item_id: ObjectId) -> ShoppingList:
        """The list without one line; the same list where there is no such line."""
        return replace(self, items=tuple(one for one in self.items if one.id != item_id))

    def without_ticked(self) -> ShoppingList:
        """The list without what is in the basket."""
        return replace(self, items=tuple(one for one in self.items if not one.ticked))


def merged(items: Iterable[Item], already: int = 0) -> tuple[Item, ...]:
    """The items with those that can be one line made one: into the first of them, which keeps its place and words.

    Args:
        already: so many at the front stay apart from each other, as people have left them.
    """
    lines: list[Item] = []
    for number, item in enumerate(items):
        at = (
            None
            if number < already
            else next((place for place, line in enumerate(lines) if line.can_be_one_with(item)), None)
        )
        if at is None:
            lines.append(item)
        else:
            lines[at] = lines[at].with_more(item)
    return tuple(lines)


def name_key(name: str) -> str:
    """What a name is compared by: `Red  onion` and `red onion` are one."""
    return " ".join(name.casefold().split())


def _base(quantity: Quantity | None) -> str | None:
    return quantity.base if quantity is not None else None
