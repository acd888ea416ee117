"""Webhooks as their senders send them."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import UTC, datetime
from typing import Any

from standardwebhooks.webhooks import Webhook

from tests.federated_app import Process

CLERK_SECRET, BILLING_SECRET = (
    f"whsec_{base64.b64encode(secrets.token_bytes(24)).decode()}" for _ in range(2)
)
CLERK, BILLING = "/api/v1/auth/webhooks/clerk", "/api/v1/users/webhooks/billing"


def signed(
    body: bytes, secret: str, message_id: str, at: datetime | None = None, prefix: str = "webhook"
) -> dict[str, str]:
    """The three headers of a message."""
    at = at or datetime.now(UTC)
    return {
        f"{prefix}-id": message_id,
        f"{prefix}-timestamp": str(int(at.timestamp())),
        f"{prefix}-signature": Webhook(secret).sign(message_id, at, body.decode()),
    }


def post(process: Process, path: str, body: bytes, headers: dict[str, str]) -> Any:
    """Send exactly this."""
    return process.somebody().post(path, data=body, headers={**headers, "Content-Type": "application/json"})


def send(process: Process, path: str, event: Any, message_id: str = "", prefix: str = "webhook") -> Any:
    """Send an event as its real sender does."""
    body = json.dumps(event).encode()
    secret = CLERK_SECRET if path == CLERK else BILLING_SECRET
    return post(
        process, path, body, signed(body, secret, message_id or f"msg_{secrets.token_hex(8)}", prefix=prefix)
    )
