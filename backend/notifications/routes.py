"""/users/me/notifications: one's own inbox, and what one does not want to hear of."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import svcs
from flask import Response
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag

from backend.http.access import Access, access, caller_id
from backend.http.schemas import PageQuery, json_of, page_response
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
    notifications, total, unread = _service().of_user(caller_id(), query.skip, query.limit)
    items = [json_of(NotificationOut.of(one)) for one in notifications]
    return page_response(items, total, query, unread=unread)


@notifications_api.post("/notifications/<id>/read", responses={200: NotificationOut})
@access(Access.GUEST)
def mark_read(path: NotificationPath) -> dict[str, Any]:
    """Note that one has seen it. Harmless to repeat."""
    return json_of(NotificationOut.of(_service().mark_read(caller_id(), path.object_id)))


@notifications_api.post("/notifications/read", responses={204: None})
@access(Access.GUEST)
def mark_all_read() -> tuple[str, int]:
    """Note that one has seen everything."""
    _service().mark_all_read(caller_id())
    return "", HTTPStatus.NO_CONTENT


@notifications_api.get("/notification-settings", responses={200: NotificationSettings})
@access(Access.GUEST)
def read_settings() -> dict[str, Any]:
    """Which kinds one does not want."""
    return {"muted": _service().muted_by(caller_id())}


@notifications_api.put("/notification-settings", responses={200: NotificationSettings})
@access(Access.GUEST)
def replace_settings(body: NotificationSettings) -> dict[str, Any]:
    """Choose which kinds one does not want from now on."""
    return {"muted": _service().mute(caller_id(), body.muted)}


def _service() -> NotificationService:
    return svcs.flask.get(NotificationService)
