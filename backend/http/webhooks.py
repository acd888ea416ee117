"""Messages that others sign as Standard Webhooks has it. What they say is read only once the signature is good."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from backend.errors import Forbidden, MalformedJson

# The headers of a message, after their prefix.
MESSAGE_HEADERS = {
    "id": "The message's id, the same however often it is sent.",
    "timestamp": "Seconds since 1970, when it was sent this time.",
    "signature": "`v1,` and the Base64 of the HMAC-SHA-256 of id, timestamp and body, joined by full stops.",
}
# Standard Webhooks' names, and those of Svix, where they come from and who sends for Clerk.
_PREFIXES = ("webhook", "svix")
_MAX_ID = 200


@dataclass(frozen=True, slots=True)
class Message:
    """A message that is genuine.

    Attributes:
        id: the same however often it is sent.
        sent_at: when it was sent this time.
    """

    id: str
    sent_at: datetime
    content: dict[str, Any]


class Sender:
    """Somebody who signs what they send with a secret that they share with us."""

    def __init__(self, secret: SecretStr) -> None:
        self._webhook = Webhook(secret.get_secret_value())

    def message(self, headers: Mapping[str, str], body: bytes) -> Message:
        """What was sent.

        Raises:
            Forbidden: `signature_not_valid`: not by this sender, changed on the way, or too old.
            MalformedJson: genuine, and no JSON object.
        """
        signed = _signed_headers(headers)
        try:
            self._webhook.verify(body, {f"webhook-{name}": signed[name] for name in signed}, json_parse=False)
            sent_at = datetime.fromtimestamp(float(signed["timestamp"]), UTC)
        except (WebhookVerificationError, ValueError):
            raise Forbidden(
                "The signature is not valid, or the message is too old.", code="signature_not_valid"
            ) from None
        return Message(signed["id"], sent_at, _json_object(body))


def _signed_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The three headers of the first prefix that has them all; empty ones where none has."""
    for prefix in _PREFIXES:
        found = {part: headers.get(f"{prefix}-{part}", "") for part in MESSAGE_HEADERS}
        if all(found.values()) and len(found["id"]) <= _MAX_ID:
            return found
    return dict.fromkeys(MESSAGE_HEADERS, "")


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise MalformedJson
    return content
