"""/users/me/saved-recipes, /users/me/saved-restaurants, likes and recommendations."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import svcs
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.catalog.schemas import Card
from backend.catalog.service import Found
from backend.favourites.schemas import FavouritePath, MarksOut, RegardOut, SavedRestaurantsQuery
from backend.favourites.service import FavouriteService
from backend.http.access import Access, access, caller_id
from backend.http.conditional import has_etag, tagged
from backend.http.limits import RECOMMENDING, rate
from backend.http.problems import Problem
from backend.http.schemas import Page, PageQuery, json_of, page_response

favourites_api = APIBlueprint(
    "favourites",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="favourites", description="What one saves and likes, and what that recommends.")],
    abp_security=[{"bearer": []}],
)


@favourites_api.get("/users/me/saved-recipes", responses={200: Page[Card]})
@access(Access.GUEST)
def list_saved_recipes(query: PageQuery) -> Response:
    """The recipes that one has saved, newest first."""
    return _page(_service().saved(caller_id(), "recipe", query.skip, query.limit), query)


@favourites_api.put("/users/me/saved-recipes/<id>", responses={204: None, 409: Problem})
@access(Access.GUEST)
def save_recipe(path: FavouritePath) -> tuple[str, int]:
    """Save a recipe. Harmless to repeat. 404 `recipe_not_found`, 409 `too_many_saved`."""
    _service().save(caller_id(), "recipe", path.object_id)
    return "", HTTPStatus.NO_CONTENT


@favourites_api.delete("/users/me/saved-recipes/<id>", responses={204: None})
@access(Access.GUEST)
def unsave_recipe(path: FavouritePath) -> tuple[str, int]:
    """Save it no longer. Harmless to repeat."""
    _service().unsave(caller_id(), "recipe", path.object_id)
    return "", HTTPStatus.NO_CONTENT


@favourites_api.get("/users/me/saved-restaurants", responses={200: Page[Card]})
@access(Access.GUEST)
def list_saved_restaurants(query: SavedRestaurantsQuery) -> Response:
    """The restaurants that one has saved, newest first; with `near`, how far they are."""
    return _page(_service().saved(caller_id(), "restaurant", query.skip, query.limit, query.place), query)


@favourites_api.put("/users/me/saved-restaurants/<id>", responses={204: None, 409: Problem})
@access(Access.GUEST)
def save_restaurant(path: FavouritePath) -> tuple[str, int]:
    """Save a restaurant. Harmless to repeat. 404 `restaurant_not_found`, 409 `too_many_saved`."""
    _service().save(caller_id(), "restaurant", path.object_id)
    return "", HTTPStatus.NO_CONTENT


@favourites_api.delete("/users/me/saved-restaurants/<id>", responses={204: None})
@access(Access.GUEST)
def unsave_restaurant(path: FavouritePath) -> tuple[str, int]:
    """Save it no longer. Harmless to repeat."""
    _service().unsave(caller_id(), "restaurant", path.object_id)
    return "", HTTPStatus.NO_CONTENT


@favourites_api.get("/users/me/saved-ids", responses={200: MarksOut})
@access(Access.GUEST)
@has_etag
def read_saved_ids() -> Response:
    """The ids of all that one has saved or likes, to mark the cards of lists with."""
    return tagged(json_of(MarksOut.of(_service().marks(caller_id()))))


@favourites_api.post("/recipes/<id>/like", responses={200: RegardOut, 409: Problem})
@access(Access.USER)
def like_recipe(path: FavouritePath) -> dict[str, Any]:
    """Like a recipe. Harmless to repeat. 404 `recipe_not_found`, 409 `too_many_liked`."""
    return json_of(RegardOut.of(_service().like(caller_id(), path.object_id)))


@favourites_api.delete("/recipes/<id>/like", responses={200: RegardOut})
@access(Access.USER)
def unlike_recipe(path: FavouritePath) -> dict[str, Any]:
    """Take the like back. Harmless to repeat. 404 `recipe_not_found`."""
    return json_of(RegardOut.of(_service().unlike(caller_id(), path.object_id)))


@favourites_api.get("/recipes/recommendations", responses={200: Page[Card], 503: Problem})
@access(Access.GUEST)
@rate(RECOMMENDING)
def list_recommendations(query: PageQuery) -> Response:
    """Recipes for oneself, best first: what one can eat, liked cuisines first, nothing that was decided lately."""
    return _page(_service().recommend(caller_id(), query.skip, query.limit), query)


def _page(found: Found, query: PageQuery) -> Response:
    return page_response(found.cards, found.total, query)


def _service() -> FavouriteService:
    return svcs.flask.get(FavouriteService)
