"""/users/me: a user's own profile and preferences."""

from __future__ import annotations

from typing import Any

import svcs
from bson import ObjectId
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.http.access import Access, access, current_caller
from backend.http.schemas import json_of
from backend.users.schemas import PreferencesBody, ProfileChange, UserOut, user_out
from backend.users.service import UserService

users_api = APIBlueprint(
    "users",
    __name__,
    url_prefix="/api/v1/users",
    abp_tags=[Tag(name="users", description="A user's own profile and preferences.")],
    abp_security=[{"bearer": []}],
)


@users_api.get("/me", responses={200: UserOut})
@access(Access.GUEST)
def read_me() -> dict[str, Any]:
    """Who am I."""
    return json_of(user_out(svcs.flask.get(UserService).by_id(_me())))


@users_api.patch("/me", responses={200: UserOut})
@access(Access.GUEST)
def change_me(body: ProfileChange) -> dict[str, Any]:
    """Change the display name."""
    return json_of(user_out(svcs.flask.get(UserService).rename(_me(), body.display_name)))


@users_api.get("/me/preferences", responses={200: PreferencesBody})
@access(Access.GUEST)
def read_preferences() -> dict[str, Any]:
    """What I like and cannot eat."""
    return json_of(PreferencesBody.of(svcs.flask.get(UserService).preferences(_me())))


@users_api.put("/me/preferences", responses={200: PreferencesBody})
@access(Access.GUEST)
def replace_preferences(body: PreferencesBody) -> dict[str, Any]:
    """Save all preferences at once; sessions that start later use them."""
    saved = svcs.flask.get(UserService).replace_preferences(_me(), body.to_preferences())
    return json_of(PreferencesBody.of(saved))


def _me() -> ObjectId:
    return ObjectId(current_caller().user_id)
