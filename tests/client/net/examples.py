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
