"""What the server answers about history, inbox and privacy, as its API is published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.client.net.examples import SESSION, card

AT = "2025-11-24T19:00:00.000Z"
LATER = "2025-12-08T19:00:00.000Z"
EXPORT_ID = "65e0000000000000000000e1"


def page(
    items: Sequence[Mapping[str, Any]], number: int = 1, *, more: bool = False, **rest: Any
) -> dict[str, Any]:
    """A page of a list."""
    return {
        "items": list(items), "page": number, "limit": 30, "total": 31 if more else len(items), "has_more": more,
        **rest,
    }  # fmt: skip


def decision(**changes: Any) -> dict[str, Any]:
    """What a session decided."""
    outcome = {"kind": "match", "items": [card(1)], "decided_at": AT, "tied": [], "tossed": None}
    return {
        "id": SESSION, "status": "matched", "menu": "both", "created_at": AT, "host_name": "Ana",
        "participants": ["Ana", "Ben"], "outcome": outcome, **changes,
    }  # fmt: skip


def entry(**changes: Any) -> dict[str, Any]:
    """The same, in the history of somebody who was there."""
    return {**decision(), "group": {"id": "g1", "name": "Home"}, "rating": None, "note": None, **changes}


def due(*session_ids: str) -> dict[str, Any]:
    """The user's sessions; the server would like to hear about these."""
    return page(
        [{"id": one, "feedback_due": True} for one in session_ids] + [{"id": "f" * 24, "feedback_due": False}]
    )


def running(session_id: str, **changes: Any) -> dict[str, Any]:
    """One of the user's sessions, as the list of them has it."""
    return {
        "id": session_id, "code": "K7MQ4P", "status": "swiping", "group_id": None, "menu": "both", "created_at": AT,
        "participants": ["Ana", "Ben"], "left": False, "outcome": None, "feedback_due": False, **changes,
    }  # fmt: skip


def consent(kind: str = "terms", **changes: Any) -> dict[str, Any]:
    """How one stands to a text."""
    return {
        "kind": kind, "current_version": "2025-11-23", "given": True, "given_version": "2025-11-23", "given_at": AT,
        "withdrawn_at": None, "up_to_date": True, **changes,
    }  # fmt: skip


def consent_text(kind: str) -> dict[str, Any]:
    """Words to agree to."""
    return {"kind": kind, "version": "2025-11-23", "text": f"# {kind}\n\nWords.", "sha256": "0" * 64}


def export(status: str = "running", progress: int = 40, **changes: Any) -> dict[str, Any]:
    """An export on its way."""
    return {
        "id": EXPORT_ID, "status": status, "progress": progress, "requested_at": AT, "finished_at": None,
        "expires_at": LATER, "size_bytes": None, **changes,
    }  # fmt: skip


def erasure(status: str = "scheduled", **changes: Any) -> dict[str, Any]:
    """An erasure that was asked for."""
    return {"status": status, "requested_at": AT, "due_at": LATER, "receipt_id": "r-1", **changes}


def recorded(action: str = "auth.log_in", **changes: Any) -> dict[str, Any]:
    """Something that was recorded."""
    return {
        "at": AT, "action": action, "outcome": "done", "reason": "", "by": "you", "resource": "",
        "network": "192.0.2.0/24", "channel": "http", "milliseconds": 3, "request_id": "r1", "times": 1, **changes,
    }  # fmt: skip
