"""What people do with shopping lists (docs/product.md M3). Knows neither HTTP nor MongoDB."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bson import ObjectId

from backend.catalog.service import CatalogService
from backend.errors import Busy, ChangedMeanwhile, Conflict, FieldError, InvalidInput, NotFound
from backend.groups.service import GroupService
from backend.infra.clock import Clock, to_iso
from backend.shopping.amounts import Quantity
from backend.shopping.items import Item, ShoppingList
from backend.shopping.store import GroupTaken, ShoppingStore

_ATTEMPTS = 25

OnlyIf = Callable[[ShoppingList], bool]
"""Whether to go on, seeing the list as it is now."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Which list somebody means: their own, or the one that a group shares."""

    user_id: ObjectId
    group_id: ObjectId | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """What to put on a list."""

    name: str
    quantity: Quantity | None = None
    recipe_id: ObjectId | None = None


class ShoppingService:
    """Everybody's shopping list. A list does not exist for those who neither own nor share it."""

    def __init__(
        self, *, store: ShoppingStore, groups: GroupService, catalog: CatalogService, clock: Clock
    ) -> None:
        self._store = store
        self._groups = groups
        self._catalog = catalog
        self._clock = clock

    def get(self, whose: Whose) -> ShoppingList:
        """The list as it is now; an empty one where a user has none yet.

        Raises:
            NotFound: `group_not_found`: not a member. `list_not_shared`: nobody in the group shares theirs.
        """
        if whose.group_id is not None:
            return self._shared_with(whose.group_id, whose.user_id)
        mine = self._store.of_owner(whose.user_id)
        return mine if self._is_shared(mine) else self._no_longer_shared(mine)

    def add(self, whose: Whose, wish: Wish) -> tuple[Item, ...]:
        """Put something on the list, and return its line: one that was there, where it is the same ingredient.

        Raises:
            NotFound: as `get`; `recipe_not_found`.
            Conflict: `list_full`.
        """
        if wish.recipe_id is not None:
            self.get(whose)  # first of all, strangers are told that there is no such group
            self._catalog.recipe(wish.recipe_id)
        return self._add(whose, [wish])

    def add_recipe(
        self, whose: Whose, recipe_id: ObjectId, servings: int | None, ingredients: Sequence[int] | None
    ) -> tuple[Item, ...]:
        """Put a recipe's ingredients on the list, and return their lines.

        Args:
            servings: for how many; None: for as many as the recipe is written for.
            ingredients: which, by their places in the recipe from 0 on; None: all.

        Raises:
            NotFound: as `get`; `recipe_not_found`.
            InvalidInput: the recipe has no such ingredient.
            Conflict: `list_full`: then none was added.
        """
        self.get(whose)  # as above
        recipe = self._catalog.recipe(recipe_id)
        known: list[dict[str, Any]] = recipe["ingredients"]
        chosen = range(len(known)) if ingredients is None else sorted(set(ingredients))
        if any(place >= len(known) for place in chosen):
            raise InvalidInput(
                "Please check: ingredients.",
                errors=[FieldError("ingredients", f"This recipe has the ingredients 0 to {len(known) - 1}.")],
            )
        written_for: int = recipe["servings"]
        wishes = [
            Wish(
                known[place]["name"],
                _scaled(known[place], servings or written_for, written_for),
                recipe_id,
            )
            for place in chosen
        ]
        return self._add(whose, wishes)

    def change_item(
        self,
        whose: Whose,
        item_id: ObjectId,
        change: Callable[[Item], Item],
        only_if: OnlyIf | None = None,
    ) -> ShoppingList:
        """Change one line, and return the list. Who changes its words has chosen them.

        Raises:
            NotFound: as `get`; `item_not_found`.
            ChangedMeanwhile: `only_if` says no.
        """

        def rule(shopping: ShoppingList) -> ShoppingList:
            before = shopping.item(item_id)
            return shopping.with_changed(change(before).written_by(whose.user_id, before))

        return self._change(whose, rule, only_if)

    def remove_item(self, whose: Whose, item_id: ObjectId, only_if: OnlyIf | None = None) -> ShoppingList:
        """Take one line off, and return the list. Harmless to repeat.

        Raises:
            NotFound: as `get`.
            ChangedMeanwhile: `only_if` says no.
        """
        return self._change(whose, lambda shopping: shopping.without(item_id), only_if)

    def remove_ticked(self, whose: Whose, only_if: OnlyIf | None = None) -> ShoppingList:
        """Take everything off that is ticked, and return the list; errors as `remove_item`."""
        return self._change(whose, ShoppingList.without_ticked, only_if)

    def share(
        self, user_id: ObjectId, group_id: ObjectId | None, only_if: OnlyIf | None = None
    ) -> ShoppingList:
        """Share one's own list with a group, or with nobody, and return it. Whoever leaves the group takes it along.

        Raises:
            NotFound: `group_not_found`.
            Conflict: `group_has_list`: it shares another member's.
            ChangedMeanwhile: `only_if` says no.
        """
        for _ in range(_ATTEMPTS):
            if group_id is not None:
                self._groups.get(group_id, user_id)
            try:
                return self._change(Whose(user_id), lambda mine: replace(mine, group_id=group_id), only_if)
            except GroupTaken:
                self._make_room(group_id)
        raise _busy()

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """What is on the user's list, and what they have put on others', JSON-ready (for the export)."""
        for shopping in self._store.with_words_of(user_id):
            own = shopping.owner_id == user_id
            for item in shopping.items:
                if own or user_id in item.authors:
                    amount, unit = item.quantity.shown if item.quantity else (None, "")
                    yield {
                        "whose": "own" if own else "shared",
                        "name": item.name,
                        "amount": amount,
                        "unit": unit,
                        "recipe_ids": [str(one) for one in item.recipe_ids],
                        "ticked": item.ticked,
                        "at": to_iso(item.added_at),
                    }

    def forget(self, user_id: ObjectId) -> int:
        """Delete somebody's list, and what they have put on others'; how many lists that were."""
        return self._store.delete_of(user_id) + self._store.remove_words_of(user_id)

    def people(self) -> Iterator[ObjectId]:
        """Everybody whom a list knows."""
        return self._store.people()

    def _add(self, whose: Whose, wishes: Sequence[Wish]) -> tuple[Item, ...]:
        now = self._clock.now()
        new = [
            Item(
                id=ObjectId(),
                name=wish.name,
                quantity=wish.quantity,
                recipe_ids=(wish.recipe_id,) if wish.recipe_id else (),
                added_by=whose.user_id,
                added_at=now,
            )
            for wish in wishes
        ]
        return self._change(whose, lambda shopping: shopping.with_items(new)).holding(new)

    def _change(
        self, whose: Whose, rule: Callable[[ShoppingList], ShoppingList], only_if: OnlyIf | None = None
    ) -> ShoppingList:
        for _ in range(_ATTEMPTS):
            before = self.get(whose)
            if only_if is not None and not only_if(before):
                raise ChangedMeanwhile
            after = rule(before)
            if after == before or self._store.replace(before, after):
                return after
        raise _busy()

    def _shared_with(self, group_id: ObjectId, user_id: ObjectId) -> ShoppingList:
        group = self._groups.get(group_id, user_id)
        shared = self._store.of_group(group_id)
        if shared is None or not group.has(shared.owner_id):
            raise NotFound("Nobody shares a shopping list with this group.", code="list_not_shared")
        return shared

    def _is_shared(self, shopping: ShoppingList) -> bool:
        """Whether what it says of its group still holds."""
        if shopping.group_id is None:
            return True
        try:
            self._groups.get(shopping.group_id, shopping.owner_id)
        except NotFound:
            return False
        return True

    def _no_longer_shared(self, shopping: ShoppingList) -> ShoppingList:
        """Its owner is not in the group any more. Noted, so that coming back does not share it again unasked."""
        alone = replace(shopping, group_id=None)
        self._store.replace(shopping, alone)
        return self._store.of_owner(shopping.owner_id)

    def _make_room(self, group_id: ObjectId | None) -> None:
        """Take a list out of a group that its owner has left."""
        other = self._store.of_group(group_id) if group_id else None
        if other is None:  # it was taken out meanwhile
            return
        if self._is_shared(other):
            raise Conflict(
                "This group shares another member's shopping list already. Use that one.",
                code="group_has_list",
            )
        self._no_longer_shared(other)


def _scaled(ingredient: dict[str, Any], servings: int, written_for: int) -> Quantity | None:
    if ingredient["amount"] <= 0:
        return None
    return Quantity.of(ingredient["amount"], ingredient["unit"]).scaled(servings, written_for)


def _busy() -> Busy:
    return Busy("Many people are changing this list at once. Try again.", retry_after=1)
