"""A notification is told as the published protocol says, and every kind can be opted out of and is explained."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

from bson import ObjectId
from jsonschema import Draft202012Validator

from backend.notifications.kinds import Kind
from backend.notifications.schemas import KindName
from backend.notifications.service import frame_of
from backend.notifications.store import Notification
from backend.sessions.protocol import document, server_frames

PAGE = Path(__file__).parents[3] / "docs" / "live-protocol.md"
MOMENT = datetime(2025, 11, 24, 16, 0, 0, 123_000, tzinfo=UTC)


def told(kind: str) -> Notification:
    return Notification(ObjectId(), ObjectId(), kind, "Ada says \u201chi\u201d.", {"code": "K7M2QX"}, MOMENT)


def test_frames_fit_the_published_schema_and_the_types() -> None:
    whole = {**document(), "anyOf": [{"$ref": "#/$defs/ServerFrame"}]}
    for kind in Kind:
        frame = frame_of(told(kind))
        assert Draft202012Validator(whole).is_valid(json.loads(frame))
        server_frames.validate_json(frame)


def test_a_frame_says_nothing_of_whose_it_is() -> None:
    notification = told(Kind.GROUP_OWNED)
    frame = frame_of(notification)
    assert str(notification.user_id) not in frame
    assert json.loads(frame) == {
        "at": 1764000000123,
        "type": "notification",
        "data": {
            "id": str(notification.id),
            "kind": "group_owned",
            "text": "Ada says \u201chi\u201d.",
            "data": {"code": "K7M2QX"},
            "created_at": "2025-11-24T16:00:00.123Z",
        },
    }


def test_every_kind_can_be_muted() -> None:
    assert list(get_args(KindName)) == [kind.value for kind in Kind]


def test_every_kind_is_explained() -> None:
    table = PAGE.read_text().partition("| kind | data | told to |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE) == [kind.value for kind in Kind]
