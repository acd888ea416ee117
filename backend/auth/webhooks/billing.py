"""What the billing service tells by webhook: who pays for the pro tier (docs/product.md A4)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import structlog
from bson import ObjectId
from pydantic import AwareDatetime, BaseModel, ValidationError

from backend.audit.events import AuditEvent
from backend.http.problems import invalid_input
from backend.http.schemas import Id
from backend.users.elsewhere import ToldElsewhere

_log = structlog.stdlib.get_logger(__name__)

_TIERS = {"subscription.active": "pro", "subscription.ended": "free"}


class _Subscription(BaseModel):
    user_id: Id


class _Event(BaseModel):
    type: str
    data: _Subscription
    timestamp: AwareDatetime | None = None


class BillingEvents:
    """Does what an event asks for. Each may come twice, late, and in any order."""

    def __init__(self, news: ToldElsewhere, record: Callable[[AuditEvent], None]) -> None:
        """`record` writes into the audit log."""
        self._news = news
        self._record = record

    def handle(self, event: Mapping[str, Any], sent_at: datetime) -> None:
        """Take in one event; those of other kinds are none of our business.

        Args:
            sent_at: counts as the time of an event that does not say its own.

        Raises:
            InvalidInput: it does not look as documented in docs/accounts.md.
        """
        tier = _TIERS.get(str(event.get("type")))
        if tier is None:
            return
        try:
            told = _Event.model_validate(event)
        except ValidationError as error:
            raise invalid_input(error) from None
        as_of = (told.timestamp or sent_at).astimezone(UTC)
        user_id = ObjectId(told.data.user_id)
        changed = self._news.tell_tier(user_id, tier, as_of)
        if changed:
            self._record(AuditEvent("users.tier_changed", about=user_id))
        _log.info("tier_told", user_id=told.data.user_id, tier=tier, changed=changed)
