"""/users/me/history: what one's sessions decided."""

from __future__ import annotations

from typing import Any

import svcs
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.history.schemas import HistoryEntryOut, RatingBody, SessionPath
from backend.history.service import HistoryService
from backend.http.access import Access, access, caller_id
from backend.http.problems import Problem
from backend.http.schemas import Page, PageQuery, page_response

history_api = APIBlueprint(
    "history",
    __name__,
    url_prefix="/api/v1/users/me/history",
    abp_tags=[Tag(name="history", description="What one's sessions decided, rated for oneself.")],
    abp_security=[{"bearer": []}],
)


@history_api.get("", responses={200: Page[HistoryEntryOut], 503: Problem})
@access(Access.GUEST)
def list_history(query: PageQuery) -> Response:
    """What one's sessions decided, newest first. What it names can still be opened."""
    entries, total = _service().page(caller_id(), query.skip, query.limit)
    return page_response(entries, total, query)


@history_api.put("/<id>", responses={200: HistoryEntryOut, 409: Problem, 503: Problem})
@access(Access.GUEST)
def rate_outcome(path: SessionPath, body: RatingBody) -> dict[str, Any]:
    """Rate what a session decided, and write a note; nobody else sees either. 409 `no_outcome`."""
    return _service().rate(caller_id(), path.object_id, body.rating, body.note)


def _service() -> HistoryService:
    return svcs.flask.get(HistoryService)
