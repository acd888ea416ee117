"""/users/me/history: what one's sessions decided."""

from __future__ import annotations

from typing import Any

import svcs
from bson import ObjectId
from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.history.schemas import EntryOut, RatingBody, SessionPath
from backend.history.service import HistoryService
from backend.http.access import Access, access, current_caller
from backend.http.problems import Problem
from backend.http.schemas import Page, PageQuery, add_page_links, page_answer

history_api = APIBlueprint(
    "history",
    __name__,
    url_prefix="/api/v1/users/me/history",
    abp_tags=[Tag(name="history", description="What one's sessions decided, rated for oneself.")],
    abp_security=[{"bearer": []}],
)


@history_api.get("", responses={200: Page[EntryOut], 503: Problem})
@access(Access.GUEST)
def list_history(query: PageQuery) -> Response:
    """What one's sessions decided, newest first. What it names can still be opened."""
    entries, total = _service().page(_me(), query.skip, query.limit)
    return add_page_links(jsonify(page_answer(entries, total, query)), total, query)


@history_api.put("/<id>", responses={200: EntryOut, 409: Problem, 503: Problem})
@access(Access.GUEST)
def rate_outcome(path: SessionPath, body: RatingBody) -> dict[str, Any]:
    """Rate what a session decided, and write a note; nobody else sees either. 409 `no_outcome`."""
    return _service().rate(_me(), path.object_id, body.rating, body.note)


def _service() -> HistoryService:
    return svcs.flask.get(HistoryService)


def _me() -> ObjectId:
    return ObjectId(current_caller().user_id)
