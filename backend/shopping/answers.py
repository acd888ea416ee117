"""What is answered about a list, whichever it is: one's own (`routes.py`) or a group's (`group_routes.py`)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import svcs
from bson import ObjectId
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.http.access import caller_id
from backend.http.conditional import only_if_unchanged, tagged
from backend.shopping.items import Item, ShoppingList
from backend.shopping.schemas import ItemChange, NewItem, RecipeIngredients, item_out, list_out
from backend.shopping.service import ShoppingService, Whose

_SHOPPING = Tag(name="shopping", description="One's own shopping list, and those that groups share.")

Added = tuple[dict[str, Any], int]


def routes_of(name: str, import_name: str, url_prefix: str) -> APIBlueprint:
    """The still empty routes of one kind of list."""
    return APIBlueprint(
        name, import_name, url_prefix=url_prefix, abp_tags=[_SHOPPING], abp_security=[{"bearer": []}]
    )


def own_list() -> Answers:
    """For the caller's own list."""
    return Answers(Whose(caller_id()))


def list_of(group_id: ObjectId) -> Answers:
    """For the list that a group of the caller's shares."""
    return Answers(Whose(caller_id(), group_id))


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to requests that are about one list; what may be refused says `ShoppingService`."""

    whose: Whose

    def shown(self) -> Response:
        """The list with its ETag."""
        return _now(_service().get(self.whose))

    def added(self, body: NewItem) -> Added:
        """Something was put on the list."""
        return _created(_service().add(self.whose, body.wish))

    def added_recipe(self, recipe_id: ObjectId, body: RecipeIngredients) -> Added:
        """A recipe's ingredients were."""
        return _created(_service().add_recipe(self.whose, recipe_id, body.servings, body.ingredients))

    def changed(self, item_id: ObjectId, body: ItemChange) -> Response:
        """The list after a change of one line."""
        return _now(_service().change_item(self.whose, item_id, body.applied_to, only_if_unchanged(list_out)))

    def removed(self, item_id: ObjectId) -> Response:
        """The list without one line."""
        return _now(_service().remove_item(self.whose, item_id, only_if_unchanged(list_out)))

    def removed_ticked(self) -> Response:
        """The list without what is ticked."""
        return _now(_service().remove_ticked(self.whose, only_if_unchanged(list_out)))

    def shared(self, group_id: ObjectId | None) -> Response:
        """One's own list, which a group may see and change from now on, or nobody else."""
        return _now(_service().share(self.whose.user_id, group_id, only_if_unchanged(list_out)))


def _service() -> ShoppingService:
    return svcs.flask.get(ShoppingService)


def _now(shopping: ShoppingList) -> Response:
    return tagged(list_out(shopping))


def _created(items: Iterable[Item]) -> Added:
    """Only the lines concerned: the answer is kept for `Idempotency-Key`, and holds no words of others."""
    return {"items": [item_out(item) for item in items]}, HTTPStatus.CREATED
