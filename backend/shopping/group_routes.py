"""/groups/ID/shopping-list: the one that a member shares. 404 `list_not_shared` where nobody does."""

from __future__ import annotations

from bson import ObjectId
from flask import Response

from backend.http.access import Access, access
from backend.http.conditional import has_etag, honours_if_match
from backend.http.idempotency import idempotent
from backend.shopping.answers import Added, list_of, routes_of
from backend.shopping.schemas import (
    GroupItemPath,
    GroupPath,
    GroupRecipePath,
    ItemChange,
    ItemsOut,
    NewItem,
    RecipeIngredients,
    ShoppingListOut,
)

group_shopping_api = routes_of("group_shopping", __name__, "/api/v1/groups/<id>/shopping-list")


@group_shopping_api.get("", responses={200: ShoppingListOut})
@access(Access.USER)
@has_etag
def read_list(path: GroupPath) -> Response:
    """The list that a member shares."""
    return list_of(path.object_id).shown()


@group_shopping_api.post("/items", responses={201: ItemsOut})
@access(Access.USER)
@idempotent
def add_item(path: GroupPath, body: NewItem) -> Added:
    """Put something on it; equal ingredients become one line. 409 `list_full`."""
    return list_of(path.object_id).added(body)


@group_shopping_api.post("/recipes/<recipe_id>", responses={201: ItemsOut})
@access(Access.USER)
@idempotent
def add_recipe(path: GroupRecipePath, body: RecipeIngredients) -> Added:
    """Put a recipe's ingredients on it, all or some, for so many servings. 409 `list_full`: then none."""
    return list_of(path.object_id).added_recipe(ObjectId(path.recipe_id), body)


@group_shopping_api.patch("/items/<item_id>", responses={200: ShoppingListOut})
@access(Access.USER)
@honours_if_match
def change_item(path: GroupItemPath, body: ItemChange) -> Response:
    """Tick an item off, or change it. 404 `item_not_found`."""
    return list_of(path.object_id).changed(ObjectId(path.item_id), body)


@group_shopping_api.delete("/items/<item_id>", responses={200: ShoppingListOut})
@access(Access.USER)
@honours_if_match
def remove_item(path: GroupItemPath) -> Response:
    """Take an item off. Harmless to repeat."""
    return list_of(path.object_id).removed(ObjectId(path.item_id))


@group_shopping_api.delete("/ticked", responses={200: ShoppingListOut})
@access(Access.USER)
@honours_if_match
def remove_ticked(path: GroupPath) -> Response:
    """Take everything off that is ticked."""
    return list_of(path.object_id).removed_ticked()
