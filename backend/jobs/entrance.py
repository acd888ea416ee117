"""How an operator's browser gets to the page of jobs: by a link that is good once, for a cookie that is good briefly.

The API knows callers by a token in a header, which a browser that opens a page does not send. The cookie speaks for
one log-in, on this page alone, and is checked at each request: it ends with the log-in, and with the operator's role.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from bson import ObjectId

from backend.auth.service import AuthService
from backend.errors import Forbidden, Unauthenticated
from backend.http.access import Caller
from backend.infra.valkey import Valkey
from backend.roles import Role
from backend.users.service import UserService

# What the keys begin with, REDIS_PREFIX taken off.
TICKET_KEYS = "jobs:ticket:"
PASS_KEYS = "jobs:pass:"  # noqa: S105  # how names of keys begin
TICKET_FOR = timedelta(minutes=1)
PASS_FOR = timedelta(minutes=30)
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose browser it is."""

    user_id: str
    auth_session_id: str


class JobsEntrance:
    """Gives out tickets and passes. Valkey holds digests of them only."""

    def __init__(self, *, valkey: Valkey, auth: AuthService, users: UserService, prefix: str) -> None:
        self._valkey = valkey
        self._auth = auth
        self._users = users
        self._tickets = f"{prefix}{TICKET_KEYS}"
        self._passes = f"{prefix}{PASS_KEYS}"

    def ticket_for(self, operator: Caller) -> str:
        """A ticket that lets one browser in, within TICKET_FOR."""
        visitor = Visitor(operator.user_id, operator.auth_session_id)
        return self._keep(self._tickets, visitor, TICKET_FOR)

    def admit(self, ticket: str) -> str:
        """Trade a ticket for a pass, which is good for PASS_FOR; of several who try, one gets it.

        Raises:
            Unauthenticated: it was used, or is too old.
        """
        found: bytes | None = self._valkey.getdel(f"{self._tickets}{_digest(ticket)}")  # type: ignore[assignment]  # redis-py's hints mix in its asynchronous client
        if found is None:
            raise Unauthenticated("This link has been used, or is too old. Ask for another.")
        return self._keep(self._passes, _visitor(found), PASS_FOR)

    def check(self, given: str) -> Visitor:
        """Whose pass it is; the log-in must be alive, and an operator's.

        Raises:
            Unauthenticated: there is no such pass any more.
            Forbidden: `operator_only`.
        """
        found: bytes | None = self._valkey.get(f"{self._passes}{_digest(given)}")  # type: ignore[assignment]  # redis-py's hints mix in its asynchronous client
        if found is None:
            raise Unauthenticated("Ask for a link to this page: POST /api/v1/admin/jobs/entrance.")
        visitor = _visitor(found)
        role = self._users.role_of(ObjectId(visitor.user_id))
        caller = Caller(visitor.user_id, visitor.auth_session_id, 0, role or Role.GUEST)
        if role is None or not self._auth.is_logged_in(caller):
            raise Unauthenticated("You are logged out. Log in again, and ask for a link to this page.")
        if not role.includes(Role.OPERATOR):
            raise Forbidden("Only operators of this server can do that.", code="operator_only")
        return visitor

    def _keep(self, keys: str, visitor: Visitor, period: timedelta) -> str:
        secret = secrets.token_urlsafe(_SECRET_BYTES)
        self._valkey.set(
            f"{keys}{_digest(secret)}", f"{visitor.user_id} {visitor.auth_session_id}", ex=period
        )
        return secret


def _visitor(stored: bytes) -> Visitor:
    user_id, auth_session_id = stored.decode().split()
    return Visitor(user_id, auth_session_id)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
