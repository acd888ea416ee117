"""Erasing accounts that nobody comes back to (docs/product.md P4), as if they had asked for it (P2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from bson import ObjectId

from backend.auth.service import AuthService
from backend.users.idle import IdleAccounts


class IdleErasure:
    """Guests, and accounts that never confirmed an address, without a log-in for GUEST_KEEP_DAYS."""

    def __init__(
        self, *, accounts: IdleAccounts, auth: AuthService, erase: Callable[[ObjectId], None]
    ) -> None:
        """`erase` begins an erasure that nobody is told of: the address, if there is one, is nobody's that we know."""
        self._accounts = accounts
        self._auth = auth
        self._erase = erase

    def erase_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Begin to erase those who were not there since `cutoff`; yields how many, batch by batch."""
        for together in self._accounts.before(cutoff, batch):
            staying = self._auth.there_since(cutoff, together)
            going = [user_id for user_id in together if user_id not in staying]
            if not dry_run:
                for user_id in going:
                    self._erase(user_id)
            yield len(going)

    def oldest(self) -> datetime | None:
        """When the oldest account was opened that would go, were it not used."""
        return self._accounts.oldest()
