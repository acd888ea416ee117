"""Who may call a route. Each route says so itself; one that does not is refused for everybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

import structlog
from bson import ObjectId
from flask import Flask, current_app, g, request

from backend.errors import AppError, Forbidden, Unauthenticated
from backend.roles import Role

_ATTRIBUTE = "__access__"
_IDENTIFY = "identify"
# Flask's and flask-openapi3's own views: static files, the OpenAPI document and its page, all public.
_FRAMEWORK_PREFIXES = ("static", "openapi.", "swagger.")
_View = TypeVar("_View", bound=Callable[..., object])


class Access(Enum):
    """What a route asks of its caller."""

    PUBLIC = "public"
    GUEST = "guest"  # anybody who is logged in, guests too
    USER = "user"  # somebody with an account
    OPERATOR = "operator"
    SOCKET = "socket"  # checks the token in its first frame instead
    METRICS = "metrics"  # checks the operators' token itself
    SIGNED = "signed"  # checks the sender's signature itself
    OPERATORS_BROWSER = "operator's browser"  # checks its cookie itself, or the ticket that it gets one for

    @property
    def role(self) -> Role | None:
        """The role that a caller needs; None where the route does not ask who is calling."""
        return _ROLES.get(self)


_ROLES = {Access.GUEST: Role.GUEST, Access.USER: Role.USER, Access.OPERATOR: Role.OPERATOR}


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a valid access token speaks for.

    Attributes:
        user_id: 24-hex id.
        auth_session_id: the log-in the token belongs to.
        token_expires_at: seconds since 1970.
        role: as it is now, not as it was when the token was made.
        proved_at: seconds since 1970; when they proved last who they are, where their token says so: an issuer's does.
    """

    user_id: str
    auth_session_id: str
    token_expires_at: int
    role: Role
    proved_at: int | None = None


def access(level: Access) -> Callable[[_View], _View]:
    """Declare who may call the route. Goes below the route decorator."""

    def declare(view: _View) -> _View:
        setattr(view, _ATTRIBUTE, level)
        return view

    return declare


def declared_access(view: Callable[..., object] | None) -> Access | None:
    """What `view` declares; None where it declares nothing."""
    return getattr(view, _ATTRIBUTE, None)


def is_framework_endpoint(endpoint: str) -> bool:
    """Whether a library brought the view: it declares nothing and is public."""
    return endpoint.startswith(_FRAMEWORK_PREFIXES)


def init_access(app: Flask, identify: Callable[[str], Caller]) -> None:
    """Check each request against its route's declaration.

    Args:
        identify: turns an access token into a Caller or raises Unauthenticated.
    """

    app.extensions[_IDENTIFY] = identify
    app.before_request(_check)


def look_who_calls() -> None:
    """Find out who is calling, where the route asks for it. Refuses nobody yet: `init_access` does, later."""
    if "asked_who_calls" in g:
        return
    g.asked_who_calls = True
    level = _level_of_route()
    if level is not None and level.role is not None and request.method != "OPTIONS":
        try:
            caller: Caller = current_app.extensions[_IDENTIFY](_bearer_token())
        except AppError as refused:
            g.refused = refused
        else:
            g.caller = caller
            structlog.contextvars.bind_contextvars(user_id=caller.user_id)


def known_caller() -> Caller | None:
    """Who is calling; None where that is not known, or not asked."""
    caller: Caller | None = g.get("caller")
    return caller


def current_caller() -> Caller:
    """The caller of a route that asks for a role."""
    caller: Caller = g.caller
    return caller


def caller_id() -> ObjectId:
    """The id of the account that calls a route which asks for a role."""
    return ObjectId(current_caller().user_id)


def reached_its_view() -> bool:
    """Whether the request got past the checks of who may call the route."""
    return bool(g.get("admitted", False))


def _check() -> None:
    if request.endpoint is None or is_framework_endpoint(request.endpoint):
        return
    if request.method == "OPTIONS":  # a browser's preflight carries no token and learns only methods
        return
    level = _level_of_route()
    if level is None:
        raise Forbidden("This route does not say who may use it, so nobody may.", code="undeclared_route")
    if level.role is not None:
        look_who_calls()
        if "refused" in g:
            raise g.refused
        _require_role(current_caller().role, level.role)
    g.admitted = True


def _level_of_route() -> Access | None:
    return declared_access(current_app.view_functions.get(request.endpoint or ""))


def _require_role(role: Role, needed: Role) -> None:
    if role.includes(needed):
        return
    if needed is Role.USER:
        raise Forbidden(
            "Guests cannot do that. Make an account of yours: nothing is lost.", code="account_needed"
        )
    raise Forbidden("Only operators of this server can do that.", code="operator_only")


def _bearer_token() -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated("Log in first: this needs an access token in the Authorization header.")
    return token.strip()
