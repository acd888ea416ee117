"""/auth/webhooks/clerk and /users/webhooks/billing: signed messages from services elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import svcs
from flask import request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models import RawModel
from flask_openapi3.models.tag import Tag

from backend.audit.requests import audited
from backend.auth.webhooks.service import Webhooks
from backend.http.access import Access, access
from backend.http.limits import WEBHOOKS, rate
from backend.http.problems import Problem

webhooks_api = APIBlueprint(
    "webhooks",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[
        Tag(name="webhooks", description="Signed messages from services elsewhere (Standard Webhooks).")
    ],
)

_ANSWERS: dict[str | int | HTTPStatus, Any] = {
    204: None,
    400: Problem,
    403: Problem,
    404: Problem,
    422: Problem,
    503: Problem,
}


@webhooks_api.post("/auth/webhooks/clerk", responses=_ANSWERS)
@access(Access.SIGNED)
@rate(WEBHOOKS)
@audited("auth.told_by_clerk")
def from_clerk(raw: RawModel) -> tuple[str, int]:  # noqa: ARG001  # says in the API's document that there is a body
    """What happened at Clerk. 403 `signature_not_valid`; 404 where this server is not set up for it."""
    return _take(_webhooks().from_clerk)


@webhooks_api.post("/users/webhooks/billing", responses=_ANSWERS)
@access(Access.SIGNED)
@rate(WEBHOOKS)
@audited("users.told_by_billing")
def from_billing(raw: RawModel) -> tuple[str, int]:  # noqa: ARG001  # as above
    """Who pays: `{"type": "subscription.active"|"subscription.ended", "timestamp", "data": {"user_id"}}`."""
    return _take(_webhooks().from_billing)


def _webhooks() -> Webhooks:
    return svcs.flask.get(Webhooks)


def _take(handle: Callable[[dict[str, str], bytes], None]) -> tuple[str, int]:
    headers = {name.lower(): value for name, value in request.headers.items()}
    handle(headers, request.get_data(cache=False))
    return "", HTTPStatus.NO_CONTENT
