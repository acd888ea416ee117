"""What the routes of one's own list and of a group's have in common."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import svcs
from bson import ObjectId
from flask import Response

from backend.http.access import current_caller
from backend.http.conditional import only_if_unchanged, tagged
from backend.shopping.items import Item, ShoppingList
from backend.shopping.schemas import ItemChange, NewItem, RecipeIngredients, item_out, list_out
from backend.shopping.service import ShoppingService, Whose

Added = tuple[dict[str, Any], int]


def whose(group_id: ObjectId | None = None) -> Whose:
    """The caller's own list, or the one of a group."""
    return Whose(ObjectId(current_caller().user_id), group_id)


def shown(shopping: ShoppingList) -> Response:
    """The list with its ETag."""
    return tagged(list_out(shopping))


def service() -> ShoppingService:
    """What does it."""
    return svcs.flask.get(ShoppingService)


def added(which: Whose, body: NewItem) -> Added:
    """Something was put on the list."""
    return _created(service().add(which, body.wish))


def added_recipe(which: Whose, recipe_id: ObjectId, body: RecipeIngredients) -> Added:
    """A recipe's ingredients were."""
    return _created(service().add_recipe(which, recipe_id, body.servings, body.ingredients))


def changed(which: Whose, item_id: ObjectId, body: ItemChange) -> Response:
    """The list after a change of one line."""
    return shown(service().change_item(which, item_id, body.applied_to, only_if_unchanged(list_out)))


def removed(which: Whose, item_id: ObjectId) -> Response:
    """The list without one line."""
    return shown(service().remove_item(which, item_id, only_if_unchanged(list_out)))


def removed_ticked(which: Whose) -> Response:
    """The list without what is ticked."""
    return shown(service().remove_ticked(which, only_if_unchanged(list_out)))


def _created(items: Iterable[Item]) -> Added:
    """Only the lines concerned: the answer is kept for `Idempotency-Key`, and holds no words of others."""
    return {"items": [item_out(item) for item in items]}, HTTPStatus.CREATED
