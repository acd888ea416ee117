"""/users/me/shopping-list: one's own. Adding takes nothing from anybody, and asks no `If-Match`."""

from __future__ import annotations

from bson import ObjectId
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.http.access import Access, access, current_caller
from backend.http.conditional import has_etag, honours_if_match, only_if_unchanged
from backend.http.idempotency import idempotent
from backend.http.problems import Problem
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
from backend.shopping.schemas import (
    ItemChange,
    ItemPath,
    ItemsOut,
    NewItem,
    RecipeIngredients,
    RecipePath,
    Sharing,
    ShoppingListOut,
    list_out,
)

SHOPPING = Tag(name="shopping", description="One's own shopping list, and those that groups share.")

shopping_api = APIBlueprint(
    "shopping",
    __name__,
    url_prefix="/api/v1/users/me/shopping-list",
    abp_tags=[SHOPPING],
    abp_security=[{"bearer": []}],
)


@shopping_api.get("", responses={200: ShoppingListOut})
@access(Access.GUEST)
@has_etag
def read_list() -> Response:
    """One's own list."""
    return shown(service().get(whose()))


@shopping_api.post("/items", responses={201: ItemsOut, 404: Problem})
@access(Access.GUEST)
@idempotent
def add_item(body: NewItem) -> Added:
    """Put something on it; equal ingredients become one line. 404 `recipe_not_found`, 409 `list_full`."""
    return added(whose(), body)


@shopping_api.post("/recipes/<id>", responses={201: ItemsOut})
@access(Access.GUEST)
@idempotent
def add_recipe(path: RecipePath, body: RecipeIngredients) -> Added:
    """Put a recipe's ingredients on it, all or some, for so many servings. 409 `list_full`: then none."""
    return added_recipe(whose(), path.object_id, body)


@shopping_api.patch("/items/<id>", responses={200: ShoppingListOut})
@access(Access.GUEST)
@honours_if_match
def change_item(path: ItemPath, body: ItemChange) -> Response:
    """Tick an item off, or change it. 404 `item_not_found`."""
    return changed(whose(), path.object_id, body)


@shopping_api.delete("/items/<id>", responses={200: ShoppingListOut})
@access(Access.GUEST)
@honours_if_match
def remove_item(path: ItemPath) -> Response:
    """Take an item off. Harmless to repeat."""
    return removed(whose(), path.object_id)


@shopping_api.delete("/ticked", responses={200: ShoppingListOut})
@access(Access.GUEST)
@honours_if_match
def remove_ticked() -> Response:
    """Take everything off that is ticked."""
    return removed_ticked(whose())


@shopping_api.put("/sharing", responses={200: ShoppingListOut, 404: Problem, 409: Problem})
@access(Access.USER)
@honours_if_match
def share_list(body: Sharing) -> Response:
    """Share it with a group, or with nobody. 404 `group_not_found`, 409 `group_has_list`: another member shares one."""
    group_id = ObjectId(body.group_id) if body.group_id else None
    me = ObjectId(current_caller().user_id)
    return shown(service().share(me, group_id, only_if_unchanged(list_out)))
