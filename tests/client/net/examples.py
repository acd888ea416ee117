"""The published example frames (docs/api/live-examples.json), and variations on them."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

_PATH = Path(__file__).parents[3] / "docs" / "api" / "live-examples.json"
EXAMPLES: dict[str, Any] = json.loads(_PATH.read_text(encoding="utf-8"))

SESSION = EXAMPLES["hello"]["session"]
ANA = EXAMPLES["welcome"]["data"]["snapshot"]["host_id"]
BEN = EXAMPLES["welcome"]["data"]["you"]
CARD = EXAMPLES["batch"]["batch"][2]["data"]["outcome"]["items"][0]
EVENTS: list[dict[str, Any]] = EXAMPLES["events"]


def welcome(seq: int = 0, epoch: str = "1", **snapshot: Any) -> dict[str, Any]:
    """A welcome with a snapshot at `seq`; `snapshot` changes fields of it."""
    frame = copy.deepcopy(EXAMPLES["welcome"])
    frame["data"].update(seq=seq, epoch=epoch)
    frame["data"]["snapshot"].update({"seq": seq, "epoch": epoch, **snapshot})
    return frame


def inbox_welcome() -> dict[str, Any]:
    """A welcome to the inbox."""
    return copy.deepcopy(EXAMPLES["welcome_to_inbox"])


def notification(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The example of a notification as the inbox lists it, with an id of its own and other values."""
    (example,) = (known["data"] for known in EVENTS if known["type"] == "notification")
    return {**copy.deepcopy(example), "id": f"{number:024x}", "read_at": None, **changes}


def told(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The live frame of that notification."""
    content = notification(number, **changes)
    del content["read_at"]
    return {"at": 1764000000000, "type": "notification", "data": content}


def group(**changes: Any) -> dict[str, Any]:
    """The group that the notification is about, with Ana and Ben in it and nothing going on."""
    joined_at = "2025-11-20T16:00:00.000Z"
    return {
        "id": "65e000000000000000000001",
        "name": "Home",
        "owner_id": ANA,
        "members": [
            {"id": ANA, "display_name": "Ana", "joined_at": joined_at},
            {"id": BEN, "display_name": "Ben", "joined_at": joined_at},
        ],
        "invite_link": "https://dindin.example/g/Tok_en-1",
        "created_at": joined_at,
        "live_session": None,
        **changes,
    }


def live_session(**changes: Any) -> dict[str, Any]:
    """The session that the notification is about, as its group shows it."""
    return {"id": SESSION, "code": "K7M2QX", "status": "lobby", "host_name": "Ana", "people": 1, **changes}


def resumed(seq: int, epoch: str = "1") -> dict[str, Any]:
    """A welcome that resumes; `seq` is where the server's numbering stands."""
    frame = copy.deepcopy(EXAMPLES["welcome_resumed"])
    frame["data"].update(seq=seq, epoch=epoch)
    return frame


def event(seq: int | None, kind: str = "energy_voted", **content: Any) -> dict[str, Any]:
    """An event of a kind, as in the examples but numbered `seq`; `content` changes its fields."""
    frame = copy.deepcopy(next(known for known in EVENTS if known["type"] == kind))
    frame.pop("seq", None)
    frame["data"].update(content)
    return frame if seq is None else {"seq": seq, **frame}


def snapshot(**changes: Any) -> dict[str, Any]:
    """The example snapshot with other values."""
    return {**copy.deepcopy(EXAMPLES["welcome"]["data"]["snapshot"]), **changes}


def card(number: int) -> dict[str, Any]:
    """A card with an id of its own."""
    return {**CARD, "id": f"{number:024x}"}


def accepted(operation: dict[str, Any], **content: Any) -> dict[str, Any]:
    """The reply to an operation that was carried out."""
    return {"re": operation["id"], "ok": True, "data": content}


def refused(operation: dict[str, Any], code: str, **more: Any) -> dict[str, Any]:
    """The reply to an operation that was not."""
    return {"re": operation["id"], "ok": False, "error": {"code": code, "detail": "Not now.", **more}}
