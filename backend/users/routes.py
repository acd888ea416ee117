"""/users/me: a user's own profile and preferences."""

from __future__ import annotations

from typing import Any

import svcs
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.http.access import Access, access, caller_id
from backend.http.conditional import has_etag, honours_if_match, only_if_unchanged, tagged
from backend.http.problems import Problem
from backend.http.schemas import json_of
from backend.users.preferences import Preferences, PreferenceService
from backend.users.schemas import PreferencesBody, ProfileChange, UserOut, user_out
from backend.users.service import UserProfile, UserService

users_api = APIBlueprint(
    "users",
    __name__,
    url_prefix="/api/v1/users",
    abp_tags=[Tag(name="users", description="A user's own profile and preferences.")],
    abp_security=[{"bearer": []}],
)


@users_api.get("/me", responses={200: UserOut})
@access(Access.GUEST)
@has_etag
def read_me() -> Response:
    """Who am I."""
    return tagged(_profile_out(_users().by_id(caller_id())))


@users_api.patch("/me", responses={200: UserOut})
@access(Access.GUEST)
@honours_if_match
def change_me(body: ProfileChange) -> Response:
    """Change the display name."""
    return tagged(
        _profile_out(_users().rename(caller_id(), body.display_name, only_if_unchanged(_profile_out)))
    )


@users_api.get("/me/preferences", responses={200: PreferencesBody})
@access(Access.GUEST)
@has_etag
def read_preferences() -> Response:
    """What I like and cannot eat."""
    return tagged(_preferences_out(_preferences().shown_to(caller_id())))


@users_api.put("/me/preferences", responses={200: PreferencesBody, 409: Problem})
@access(Access.GUEST)
@honours_if_match
def replace_preferences(body: PreferencesBody) -> Response:
    """Save all preferences at once; sessions that start later use them.

    409 `consent_needed`: diet or allergies without the consent to keep them (`/compliance/consents`).
    """
    unchanged = only_if_unchanged(_preferences_out)
    return tagged(_preferences_out(_preferences().replace(caller_id(), body.to_preferences(), unchanged)))


def _profile_out(profile: UserProfile) -> dict[str, Any]:
    return json_of(user_out(profile))


def _preferences_out(preferences: Preferences) -> dict[str, Any]:
    return json_of(PreferencesBody.of(preferences))


def _users() -> UserService:
    return svcs.flask.get(UserService)


def _preferences() -> PreferenceService:
    return svcs.flask.get(PreferenceService)
