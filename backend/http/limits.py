"""Rate limits in Valkey, per user where one is known, else per address; in memory while Valkey is away."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from flask import Flask, Response, current_app, g, request
from flask_limiter import HeaderNames, Limiter, RequestLimit
from flask_limiter.util import get_remote_address

from backend.config import Settings
from backend.errors import AppError
from backend.http.problems import problem_response
from backend.infra.metrics import RATE_LIMITED
from backend.infra.valkey import limiter_storage_uri

# Classes of routes that are dearer, easier to abuse, or more frequent than the default.
PASSWORD_GUESSING = "20 per minute; 200 per hour"  # noqa: S105  # a rate
CODE_GUESSING = "20 per minute; 200 per hour"
SWIPING = "600 per minute"
SOCKETS = "1200 per minute"
PICTURES = "1200 per minute"
EXPORTS = "10 per hour"
UNLIMITED = ""

_STORAGE_TIMEOUT_SECONDS = 1
_ATTRIBUTE = "__rate__"
_View = TypeVar("_View", bound=Callable[..., object])


class TooManyRequests(AppError):
    """The caller came too often."""

    code = "too_many_requests"
    status = 429


def rate(limits: str) -> Callable[[_View], _View]:
    """Give a route a rate of its own instead of API_RATE_LIMIT. Goes below the route decorator."""

    def declare(view: _View) -> _View:
        setattr(view, _ATTRIBUTE, limits)
        return view

    return declare


def init_limits(app: Flask, settings: Settings) -> None:
    """Limit every route to API_RATE_LIMIT a minute; routes with a rate of their own say so themselves."""
    default = f"{settings.api_rate_limit} per minute"

    def rate_of_route() -> str:
        view = current_app.view_functions.get(request.endpoint or "")
        declared: str | None = getattr(view, _ATTRIBUTE, None)
        return default if declared is None else declared

    Limiter(
        _who,
        app=app,
        default_limits=[rate_of_route],
        default_limits_exempt_when=lambda: rate_of_route() == UNLIMITED,
        strategy="moving-window",
        headers_enabled=True,
        # The library says Retry-After on every answer, which tells clients to wait when they need not.
        header_name_mapping={HeaderNames.RETRY_AFTER: "X-RateLimit-Reset-After"},
        storage_uri=limiter_storage_uri(settings),
        # A Valkey that hangs must not hang every request: after this long, limits are kept in memory.
        storage_options={"socket_timeout": _STORAGE_TIMEOUT_SECONDS},
        key_prefix=settings.redis_prefix + "limit",
        on_breach=_refuse,
        in_memory_fallback=[default],
        in_memory_fallback_enabled=True,
    )


def _who() -> str:
    caller = g.get("caller")
    return f"user:{caller.user_id}" if caller else f"address:{get_remote_address()}"


def _refuse(limit: RequestLimit) -> Response:
    RATE_LIMITED.labels(endpoint=request.endpoint or "").inc()
    wait = max(1.0, limit.reset_at - time.time())
    return problem_response(
        TooManyRequests(
            f"That was too often ({limit.limit}). Try again in {round(wait)} s.", retry_after=wait
        )
    )
