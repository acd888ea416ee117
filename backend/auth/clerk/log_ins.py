"""Log-ins at Clerk as log-ins of ours, so that devices, logging out and roles work alike (docs/decisions/0012)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from backend.audit.events import AuditEvent
from backend.auth.clerk.gone import GoneIdentities
from backend.auth.clerk.tokens import ClerkSession, ClerkTokens
from backend.auth.issuers.told import identity_told
from backend.auth.sessions import AuthSessions, ExternalLogIn
from backend.auth.tokens import TokenClaims
from backend.errors import Unauthenticated
from backend.infra.clock import Clock
from backend.users.accounts import Accounts

_log = structlog.stdlib.get_logger(__name__)

_DEVICE_NAME = "Clerk"
_EXTENDED_EVERY = timedelta(days=1)


class ClerkLogIns:
    """Turns a session token of Clerk's into a log-in here."""

    def __init__(
        self,
        *,
        tokens: ClerkTokens,
        accounts: Accounts,
        gone: GoneIdentities,
        clock: Clock,
        kept_for: timedelta,
        record: Callable[[AuditEvent], None],
    ) -> None:
        """Wire the parts.

        Args:
            kept_for: a log-in that is not used for so long is forgotten, also that it was ended.
            record: writes a log-in into the audit log: it begins with whatever request its token first comes with.
        """
        self._tokens = tokens
        self._accounts = accounts
        self._gone = gone
        self._clock = clock
        self._kept_for = kept_for
        self._record = record
        self._sessions = AuthSessions()

    def claims_to_be_one(self, token: str) -> bool:
        """Whether `claims_of` is who must check this token."""
        return self._tokens.claims_to_be_one(token)

    def claims_of(self, token: str) -> TokenClaims:
        """Whose token it is, and of which log-in, which is alive; account and log-in are opened on first sight.

        Raises:
            Unauthenticated: `token_expired`, or `unauthenticated`, also where the log-in was ended here.
            Busy: Clerk's keys cannot be had.
        """
        said = self._tokens.read(token)
        now = self._clock.now()
        external = self.external_of(said.subject, said.session)
        log_in = self._sessions.by_external(external) or self._begin(said, external, now)
        # An ended one as well: as long as Clerk vouches for it, we must know that it was ended.
        if log_in.expires_at < now + self._kept_for - _EXTENDED_EVERY:
            self._sessions.extend(log_in.id, now, now + self._kept_for)
        if log_in.ended:
            raise Unauthenticated("You are logged out. Log in again.")
        return TokenClaims(log_in.user_id, log_in.id, said.expires_at, proved_at=said.proved_at)

    def external_of(self, subject: str, session: str) -> str:
        """What a log-in at Clerk is called here."""
        return f"{self._tokens.issuer} {subject} {session}"

    def _begin(self, said: ClerkSession, external: str, now: datetime) -> ExternalLogIn:
        if self._gone.includes(self._tokens.issuer, said.subject):
            raise Unauthenticated("This account was deleted.")
        user = self._accounts.by_identity(identity_told(self._tokens.issuer, said.subject, said.claims))
        _log.info("clerk_log_in", user_id=str(user.id))
        self._record(AuditEvent("auth.log_in", who=user.id))
        return self._sessions.open_external(external, user.id, now, now + self._kept_for, _DEVICE_NAME)
