"""/auth: register, log in, refresh, log out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import svcs
from bson import ObjectId
from flask import Response, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.auth.schemas import Credentials, RefreshRequest, Registration, Tokens, Verified, tokens
from backend.auth.service import AuthService, LoggedIn
from backend.http.access import Access, access, current_caller
from backend.http.edge import never_compressed
from backend.http.limits import PASSWORD_GUESSING, rate
from backend.http.schemas import json_of
from backend.users.schemas import user_out

auth_api = APIBlueprint(
    "auth",
    __name__,
    url_prefix="/api/v1/auth",
    abp_tags=[Tag(name="auth", description="Accounts and tokens.")],
)
_AUTHENTICATED: list[dict[str, list[Any]]] = [{"bearer": []}]


@auth_api.post("/register", responses={201: Tokens})
@access(Access.PUBLIC)
@rate(PASSWORD_GUESSING)
def register(body: Registration) -> tuple[Response, int]:
    """Open a free account and log in. 409 `email_taken` where the address has one."""
    logged_in = _auth().register(body.email, body.password, body.display_name, request.user_agent.string)
    return _answer(logged_in), HTTPStatus.CREATED


@auth_api.post("/login", responses={200: Tokens})
@access(Access.PUBLIC)
@rate(PASSWORD_GUESSING)
def log_in(body: Credentials) -> Response:
    """Log in. 401 `wrong_credentials` for an unknown address and a wrong password alike."""
    return _answer(_auth().log_in(body.email, body.password, request.user_agent.string))


@auth_api.post("/refresh", responses={200: Tokens})
@access(Access.PUBLIC)
@rate(PASSWORD_GUESSING)
def refresh(body: RefreshRequest) -> Response:
    """Trade a refresh token for a new pair. Using an old one again ends the log-in."""
    return _answer(_auth().refresh(body.refresh_token))


@auth_api.post("/logout", responses={204: None}, security=_AUTHENTICATED)
@access(Access.USER)
def log_out() -> tuple[str, int]:
    """End this log-in: its tokens are worthless from now on."""
    _auth().log_out(current_caller())
    return "", HTTPStatus.NO_CONTENT


@auth_api.post("/logout-all", responses={204: None}, security=_AUTHENTICATED)
@access(Access.USER)
def log_out_everywhere() -> tuple[str, int]:
    """End all log-ins of this account, on every device."""
    _auth().log_out_everywhere(ObjectId(current_caller().user_id))
    return "", HTTPStatus.NO_CONTENT


@auth_api.get("/verify", responses={200: Verified}, security=_AUTHENTICATED)
@access(Access.USER)
def verify() -> dict[str, Any]:
    """Is this token good, and whose is it."""
    return json_of(Verified(user=user_out(_auth().user_of(current_caller()))))


def _auth() -> AuthService:
    return svcs.flask.get(AuthService)


def _answer(logged_in: LoggedIn) -> Response:
    return never_compressed(jsonify(json_of(tokens(logged_in))))
