"""/users/me/notifications: one's own inbox, and what one does not want to hear of."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import svcs
from bson import ObjectId
from flask import Response, jsonify
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.http.access import Access, access, current_caller
from backend.http.schemas import PageQuery, add_page_links, json_of, page_answer
from backend.notifications.schemas import Inbox, NotificationOut, NotificationPath, NotificationSettings
from backend.notifications.service import NotificationService

notifications_api = APIBlueprint(
    "notifications",
    __name__,
    url_prefix="/api/v1/users/me",
    abp_tags=[
        Tag(name="notifications", description="One's own inbox. Live over the socket: docs/live-protocol.md.")
    ],
    abp_security=[{"bearer": []}],
)


@notifications_api.get("/notifications", responses={200: Inbox})
@access(Access.GUEST)
def list_notifications(query: PageQuery) -> Response:
    """What one was told, newest first, and how much of it is unread."""
    notifications, total, unread = _service().of_user(_me(), query.skip, query.limit)
    items = [json_of(NotificationOut.of(one)) for one in notifications]
    answer = jsonify({**page_answer(items, total, query), "unread": unread})
    return add_page_links(answer, total, query)


@notifications_api.post("/notifications/<id>/read", responses={200: NotificationOut})
@access(Access.GUEST)
def mark_read(path: NotificationPath) -> dict[str, Any]:
    """Note that one has seen it. Harmless to repeat."""
    return json_of(NotificationOut.of(_service().mark_read(_me(), path.object_id)))


@notifications_api.post("/notifications/read", responses={204: None})
@access(Access.GUEST)
def mark_all_read() -> tuple[str, int]:
    """Note that one has seen everything."""
    _service().mark_all_read(_me())
    return "", HTTPStatus.NO_CONTENT


@notifications_api.get("/notification-settings", responses={200: NotificationSettings})
@access(Access.GUEST)
def read_settings() -> dict[str, Any]:
    """Which kinds one does not want."""
    return {"muted": _service().muted_by(_me())}


@notifications_api.put("/notification-settings", responses={200: NotificationSettings})
@access(Access.GUEST)
def replace_settings(body: NotificationSettings) -> dict[str, Any]:
    """Choose which kinds one does not want from now on."""
    return {"muted": _service().mute(_me(), body.muted)}


def _service() -> NotificationService:
    return svcs.flask.get(NotificationService)


def _me() -> ObjectId:
    return ObjectId(current_caller().user_id)
