"""Who may send us messages, and who takes them in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from pydantic import SecretStr

from backend.auth.clerk.events import ClerkEvents
from backend.auth.webhooks.billing import BillingEvents
from backend.auth.webhooks.deliveries import Deliveries
from backend.config import Settings
from backend.errors import NotFound
from backend.http.webhooks import Sender


class Webhooks:
    """The senders that this server was set up for."""

    def __init__(
        self,
        *,
        clerk: ClerkEvents | None,
        billing: BillingEvents,
        deliveries: Deliveries,
        settings: Settings,
    ) -> None:
        self._clerk = clerk
        self._billing = billing
        self._deliveries = deliveries
        self._from_clerk = _sender(settings.clerk_webhook_secret)
        self._from_billing = _sender(settings.billing_webhook_secret)

    def from_clerk(self, headers: Mapping[str, str], body: bytes) -> None:
        """Take in what Clerk sends.

        Args:
            headers: by lower-case name.

        Raises:
            NotFound: this server was not set up for it.
            Forbidden: `signature_not_valid`.
            MalformedJson: genuine, and no JSON object.
            InvalidInput: a genuine message that is not as it should be.
            Busy: the same message is being handled right now.
        """
        clerk = self._clerk
        if self._from_clerk is None or clerk is None:
            _not_set_up()
        message = self._from_clerk.message(headers, body)
        self._deliveries.handle_once("clerk", message.id, lambda: clerk.handle(message.content))

    def from_billing(self, headers: Mapping[str, str], body: bytes) -> None:
        """Take in what the billing service sends; the same contract."""
        if self._from_billing is None:
            _not_set_up()
        message = self._from_billing.message(headers, body)
        self._deliveries.handle_once(
            "billing", message.id, lambda: self._billing.handle(message.content, message.sent_at)
        )


def _sender(secret: SecretStr) -> Sender | None:
    return Sender(secret) if secret.get_secret_value() else None


def _not_set_up() -> NoReturn:
    raise NotFound("This server takes no such messages.", code="webhook_not_set_up")
