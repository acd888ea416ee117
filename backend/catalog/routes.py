"""/recipes, /restaurants and the pictures."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import svcs
from flask import Response, jsonify, send_from_directory
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.catalog.filters import Window
from backend.catalog.picture_files import PICTURE_FOLDER
from backend.catalog.regard import Regards
from backend.catalog.schemas import (
    Card,
    NearQuery,
    PicturePath,
    RecipeOut,
    RecipePath,
    RecipesQuery,
    RestaurantOut,
    RestaurantPath,
    RestaurantsQuery,
)
from backend.catalog.service import CatalogService, Found
from backend.http.access import Access, access, caller_id
from backend.http.conditional import has_etag, unless_known
from backend.http.limits import PICTURES, rate
from backend.http.schemas import Page, PageQuery, page_response

_V1 = "/api/v1"
_FOR_EVER = "public, max-age=31536000, immutable"
_WEBP = {
    "description": "The picture.",
    "content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}},
}

catalog_api = APIBlueprint(
    "catalog",
    __name__,
    abp_tags=[Tag(name="catalogue", description="Recipes, restaurants and their pictures.")],
)
_AUTHENTICATED: list[dict[str, list[Any]]] = [{"bearer": []}]


@catalog_api.get(f"{_V1}/recipes", responses={200: Page[Card]}, security=_AUTHENTICATED)
@access(Access.GUEST)
@has_etag
def list_recipes(query: RecipesQuery) -> Response:
    """Browse and search recipes."""
    return _list(_catalog().find_recipes(query.to_filter(), _window(query)), query)


@catalog_api.get(f"{_V1}/recipes/<id>", responses={200: RecipeOut}, security=_AUTHENTICATED)
@access(Access.GUEST)
@has_etag
def read_recipe(path: RecipePath) -> Response:
    """Everything about one recipe, and how it is regarded."""
    page = _catalog().recipe(path.object_id)
    regard = _regards().regard(caller_id(), path.object_id)
    return _tagged(jsonify({**page, **asdict(regard)}))


@catalog_api.get(f"{_V1}/restaurants", responses={200: Page[Card]}, security=_AUTHENTICATED)
@access(Access.GUEST)
@has_etag
def list_restaurants(query: RestaurantsQuery) -> Response:
    """Browse and search restaurants; with `near`, the nearest come first."""
    return _list(_catalog().find_restaurants(query.to_filter(), _window(query)), query)


@catalog_api.get(f"{_V1}/restaurants/<id>", responses={200: RestaurantOut}, security=_AUTHENTICATED)
@access(Access.GUEST)
@has_etag
def read_restaurant(path: RestaurantPath, query: NearQuery) -> Response:
    """Everything about one restaurant."""
    page = _catalog().restaurant(path.object_id, query.place)
    return _tagged(jsonify({**page, "saved": _regards().has_saved(caller_id(), path.object_id)}))


@catalog_api.get("/pictures/<name>.webp", responses={200: _WEBP})
@access(Access.PUBLIC)
@rate(PICTURES)
@has_etag
def read_picture(path: PicturePath) -> Response:
    """A picture, 512 x 512. Cards name it with its version, so it may be kept for ever."""
    answer = send_from_directory(PICTURE_FOLDER, f"{path.name}.webp", mimetype="image/webp", conditional=True)
    answer.headers["Cache-Control"] = _FOR_EVER
    return answer


def _catalog() -> CatalogService:
    return svcs.flask.get(CatalogService)


def _regards() -> Regards:
    regards: Regards = svcs.flask.get_abstract(Regards)
    return regards


def _window(query: PageQuery) -> Window:
    return Window(skip=query.skip, limit=query.limit)


def _list(found: Found, query: PageQuery) -> Response:
    return _tagged(page_response(found.cards, found.total, query))


def _tagged(response: Response) -> Response:
    """Let the caller keep the answer and ask next time whether it still holds.

    The tag is weak: compression changes the bytes of the answer, not what it says.
    """
    response.headers["Cache-Control"] = "private, no-cache"
    response.add_etag(weak=True)
    return unless_known(response)
