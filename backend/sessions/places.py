"""How many sessions somebody may be in (docs/product.md A3, A4)."""

from __future__ import annotations

from bson import ObjectId

from backend.config import Settings
from backend.errors import Conflict, Forbidden
from backend.roles import Role
from backend.sessions.store import SessionStore
from backend.users.service import UserProfile


class Places:
    """Says whether there is a place for somebody in one more session."""

    def __init__(self, store: SessionStore, settings: Settings) -> None:
        self._store = store
        self._max_free = settings.max_free_sessions

    def require_free(self, user: UserProfile, other_than: ObjectId | None = None) -> None:
        """A free user takes part in MAX_FREE_SESSIONS live sessions at a time (A4).

        Args:
            other_than: a session that does not count.

        Raises:
            Conflict: `too_many_sessions`.
        """
        if user.tier == "pro":
            return
        if self._store.count_live_of_user(user.id, other_than) >= self._max_free:
            raise Conflict("You are in another session already. Leave it first.", code="too_many_sessions")

    def require_first(self, user: UserProfile, other_than: ObjectId) -> None:
        """A guest may join one session; for the next they make an account, and keep what they have (A3).

        Raises:
            Forbidden: `account_needed`.
        """
        if user.role is Role.GUEST and self._store.has_other_of_user(user.id, other_than):
            raise Forbidden(
                "As a guest you can join one session. Make an account of yours for more: nothing is lost.",
                code="account_needed",
            )
