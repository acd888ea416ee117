"""/users/me/shopping-list: one's own. Adding takes nothing from anybody, and asks no `If-Match`."""

from __future__ import annotations

from bson import ObjectId
from flask import Response

from backend.http.access import Access, access
from backend.http.conditional import has_etag, honours_if_match
from backend.http.idempotency import idempotent
from backend.http.problems import Problem
from backend.shopping.answers import Added, own_list, routes_of
from backend.shopping.schemas import (
    ItemChange,
    ItemPath,
    ItemsOut,
    NewItem,
    RecipeIngredients,
    RecipePath,
    Sharing,
    ShoppingListOut,
)

shopping_api = routes_of("shopping", __name__, "/api/v1/users/me/shopping-list")


@shopping_api.get("", responses={200: ShoppingListOut})
@access(Access.GUEST)
@has_etag
def read_list() -> Response:
    """One's own list."""
    return own_list().shown()


@shopping_api.post("/items", responses={201: ItemsOut, 404: Problem})
@access(Access.GUEST)
@idempotent
def add_item(body: NewItem) -> Added:
    """Put something on it; equal ingredients become one line. 404 `recipe_not_found`, 409 `list_full`."""
    return own_list().added(body)


@shopping_api.post("/recipes/<id>", responses={201: ItemsOut})
@access(Access.GUEST)
@idempotent
def add_recipe(path: RecipePath, body: RecipeIngredients) -> Added:
    """Put a recipe's ingredients on it, all or some, for so many servings. 409 `list_full`: then none."""
    return own_list().added_recipe(path.object_id, body)


@shopping_api.patch("/items/<id>", responses={200: ShoppingListOut})
@access(Access.GUEST)
@honours_if_match
def change_item(path: ItemPath, body: ItemChange) -> Response:
    """Tick an item off, or change it. 404 `item_not_found`."""
    return own_list().changed(path.object_id, body)


@shopping_api.delete("/items/<id>", responses={200: ShoppingListOut})
@access(Access.GUEST)
@honours_if_match
def remove_item(path: ItemPath) -> Response:
    """Take an item off. Harmless to repeat."""
    return own_list().removed(path.object_id)


@shopping_api.delete("/ticked", responses={200: ShoppingListOut})
@access(Access.GUEST)
@honours_if_match
def remove_ticked() -> Response:
    """Take everything off that is ticked."""
    return own_list().removed_ticked()


@shopping_api.put("/sharing", responses={200: ShoppingListOut, 404: Problem, 409: Problem})
@access(Access.USER)
@honours_if_match
def share_list(body: Sharing) -> Response:
    """Share it with a group, or with nobody. 404 `group_not_found`, 409 `group_has_list`: another member shares one."""
    return own_list().shared(ObjectId(body.group_id) if body.group_id else None)
