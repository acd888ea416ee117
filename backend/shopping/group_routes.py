"""/groups/ID/shopping-list: the one that a member shares. 404 `list_not_shared` where nobody does."""

from __future__ import annotations

from bson import ObjectId
from flask import Response
from flask_openapi3.blueprint import APIBlueprint

from backend.http.access import Access, access
from backend.http.conditional import has_etag, honours_if_match
from backend.http.idempotency import idempotent
from backend.shopping.answers import (
    Added,
    added,
    added_recipe,
    changed,
    removed,
    removed_ticked,
    service,
    shown,
    whose,
)
from backend.shopping.routes import SHOPPING
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

group_shopping_api = APIBlueprint(
    "group_shopping",
    __name__,
    url_prefix="/api/v1/groups/<id>/shopping-list",
    abp_tags=[SHOPPING],
    abp_security=[{"bearer": []}],
)


@group_shopping_api.get("", responses={200: ShoppingListOut})
@access(Access.USER)
@has_etag
def read_list(path: GroupPath) -> Response:
    """The list that a member shares."""
    return shown(service().get(whose(path.object_id)))


@group_shopping_api.post("/items", responses={201: ItemsOut})
@access(Access.USER)
@idempotent
def add_item(path: GroupPath, body: NewItem) -> Added:
    """Put something on it; equal ingredients become one line. 409 `list_full`."""
    return added(whose(path.object_id), body)


@group_shopping_api.post("/recipes/<recipe_id>", responses={201: ItemsOut})
@access(Access.USER)
@idempotent
def add_recipe(path: GroupRecipePath, body: RecipeIngredients) -> Added:
    """Put a recipe's ingredients on it, all or some, for so many servings. 409 `list_full`: then none."""
    return added_recipe(whose(path.object_id), ObjectId(path.recipe_id), body)


@group_shopping_api.patch("/items/<item_id>", responses={200: ShoppingListOut})
@access(Access.USER)
@honours_if_match
def change_item(path: GroupItemPath, body: ItemChange) -> Response:
    """Tick an item off, or change it. 404 `item_not_found`."""
    return changed(whose(path.object_id), ObjectId(path.item_id), body)


@group_shopping_api.delete("/items/<item_id>", responses={200: ShoppingListOut})
@access(Access.USER)
@honours_if_match
def remove_item(path: GroupItemPath) -> Response:
    """Take an item off. Harmless to repeat."""
    return removed(whose(path.object_id), ObjectId(path.item_id))


@group_shopping_api.delete("/ticked", responses={200: ShoppingListOut})
@access(Access.USER)
@honours_if_match
def remove_ticked(path: GroupPath) -> Response:
    """Take everything off that is ticked."""
    return removed_ticked(whose(path.object_id))
