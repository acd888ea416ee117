"""Log-ins, however they began: who a token speaks for, refresh, devices, log out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from bson import ObjectId

from backend.auth.clerk.log_ins import ClerkLogIns
from backend.auth.sessions import AuthSessions, EndedLogIn
from backend.auth.tokens import TokenClaims, TokenSigner
from backend.config import Settings
from backend.errors import NotFound, Unauthenticated
from backend.http.access import Caller
from backend.infra.clock import Clock, to_iso
from backend.infra.valkey import VALKEY_AWAY, Valkey
from backend.users.idle import IdleAccounts
from backend.users.service import UserProfile, UserService

_log = structlog.stdlib.get_logger(__name__)

# Two tabs, or an answer lost on the way: the refresh token just replaced is honoured this long.
REPLACED_TOKEN_GRACE = timedelta(seconds=10)


class TokenReused(Unauthenticated):
    """A refresh token came that was replaced long ago: somebody has copied it. Its log-in has ended."""

    def __init__(self, user_id: ObjectId) -> None:
        super().__init__("This log-in was ended because an old token was used again. Log in again.")
        self.user_id = user_id


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A fresh pair of tokens.

    Attributes:
        auth_session_id: the log-in that they belong to.
        expires_in: seconds that the access token is good for.
    """

    auth_session_id: ObjectId
    access_token: str
    refresh_token: str
    expires_in: int
    user: UserProfile


@dataclass(frozen=True, slots=True)
class Device:
    """Somewhere a user is logged in.

    Attributes:
        name: what the program there calls itself.
        last_used_at: when its tokens were last refreshed.
        current: whether it is the one that asks.
    """

    id: ObjectId
    name: str
    logged_in_at: datetime
    last_used_at: datetime
    current: bool


class AuthService:
    """Who is calling, and the log-ins that prove it."""

    def __init__(
        self,
        *,
        users: UserService,
        signer: TokenSigner,
        clock: Clock,
        valkey: Valkey,
        settings: Settings,
        clerk: ClerkLogIns | None = None,
    ) -> None:
        self._users = users
        self._signer = signer
        self._clerk = clerk
        self._clock = clock
        self._valkey = valkey
        self._revoked_channel = revoked_channel(settings.redis_prefix)
        self._sessions = AuthSessions()
        self._idle = IdleAccounts()

    def open_session(self, user: UserProfile, user_agent: str, proved_at: int | None = None) -> LoggedIn:
        """Log in somebody who has proved who they are: now, or elsewhere at `proved_at`, in seconds since 1970."""
        now = self._clock.now()
        expires_at = now + self._signer.refresh_lifetime
        proved = now if proved_at is None else min(now, datetime.fromtimestamp(proved_at, UTC))
        auth_session_id = self._sessions.open(user.id, now, expires_at, user_agent, proved)
        return self._pair(user, auth_session_id, 0, now)

    def refresh(self, refresh_token: str) -> LoggedIn:
        """Trade a refresh token for a new pair; each is good once.

        The token just replaced is honoured for REPLACED_TOKEN_GRACE. An older one was copied by somebody:
        the log-in ends for the owner and the thief alike.

        Raises:
            Unauthenticated: `token_expired`, or `unauthenticated` where the log-in has ended.
        """
        now = self._clock.now()
        claims = self._signer.read_refresh(refresh_token, now)
        user = self._user(claims.user_id)
        if self._sessions.rotate(claims, now, now + self._signer.refresh_lifetime):
            return self._pair(user, claims.auth_session_id, claims.generation + 1, now)
        generation = self._generation_for_replaced_token(claims, now)
        return self._pair(user, claims.auth_session_id, generation, now)

    def identify(self, access_token: str) -> Caller:
        """Who the token speaks for, ours or Clerk's; its log-in must be alive.

        Raises:
            Unauthenticated: `token_expired`, or `unauthenticated`.
            Busy: a token of Clerk's cannot be checked right now.
        """
        if self._clerk is not None and self._clerk.claims_to_be_one(access_token):
            claims = self._clerk.claims_of(access_token)
        else:
            claims = self._own_claims(access_token)
        role = self._users.role_of(claims.user_id)
        if role is None:
            raise _logged_out()
        return Caller(
            str(claims.user_id), str(claims.auth_session_id), claims.expires_at, role, claims.proved_at
        )

    def is_logged_in(self, caller: Caller) -> bool:
        """Whether the log-in of a caller who was identified earlier is still alive."""
        ids = ObjectId(caller.auth_session_id), ObjectId(caller.user_id)
        return self._sessions.is_alive(*ids, self._clock.now())

    def proved_at(self, caller: Caller) -> datetime | None:
        """When the caller proved last who they are: by logging in here, or when their issuer says.

        Of who came through an issuer that does not say when, it is when they came. None where the log-in has ended
        meanwhile, or is one at Clerk, which does not say.
        """
        if caller.proved_at is not None:
            return datetime.fromtimestamp(caller.proved_at, UTC) if self.is_logged_in(caller) else None
        ids = ObjectId(caller.auth_session_id), ObjectId(caller.user_id)
        return self._sessions.proved_at(*ids, self._clock.now())

    def user_of(self, caller: Caller) -> UserProfile:
        """The account behind a caller.

        Raises:
            Unauthenticated: `unauthenticated`: it was deleted.
        """
        return self._user(ObjectId(caller.user_id))

    def log_out(self, caller: Caller) -> None:
        """End the log-in that the caller's token belongs to. Harmless to repeat."""
        self.end(ObjectId(caller.auth_session_id))

    def end(self, auth_session_id: ObjectId) -> None:
        """End a log-in. Harmless to repeat."""
        self._sessions.revoke(auth_session_id, self._clock.now())
        self._announce_revoked([auth_session_id])

    def end_external(self, external: str) -> None:
        """End the log-in that stands for one elsewhere, if there is one. Harmless to repeat."""
        log_in = self._sessions.by_external(external)
        if log_in is not None:
            self._sessions.revoke(log_in.id, self._clock.now())
            self._announce_revoked([log_in.id])

    def log_out_everywhere(self, user_id: ObjectId, but: ObjectId | None = None) -> int:
        """End all log-ins of a user, except `but` perhaps, and return how many there were."""
        ended = self._sessions.revoke_all_of(user_id, self._clock.now(), but)
        self._announce_revoked(ended)
        return len(ended)

    def devices_of(self, caller: Caller) -> list[Device]:
        """Where the caller is logged in, the device used last first."""
        return [
            Device(
                id=log_in["_id"],
                name=log_in.get("user_agent", ""),
                logged_in_at=log_in["created_at"],
                last_used_at=log_in["rotated_at"],
                current=str(log_in["_id"]) == caller.auth_session_id,
            )
            for log_in in self._sessions.alive_of(ObjectId(caller.user_id), self._clock.now())
        ]

    def log_out_device(self, caller: Caller, auth_session_id: ObjectId) -> None:
        """End one of the caller's log-ins.

        Raises:
            NotFound: `device_not_found`, also for somebody else's and one that has ended.
        """
        now = self._clock.now()
        if not self._sessions.is_alive(auth_session_id, ObjectId(caller.user_id), now):
            raise NotFound("You are not logged in on such a device.", code="device_not_found")
        self.end(auth_session_id)

    def history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Every log-in of the user that is still known, oldest first, JSON-ready (for the export)."""
        for log_in in self._sessions.of_user(user_id):
            ended = log_in.get("revoked_at")
            yield {
                "created_at": to_iso(log_in["created_at"]),
                "proved_at": to_iso(log_in.get("proved_at") or log_in["created_at"]),
                "refreshed_at": to_iso(log_in["rotated_at"]),
                "expires_at": to_iso(log_in["expires_at"]),
                "ended_at": to_iso(ended) if ended else None,
                "user_agent": log_in.get("user_agent", ""),
            }

    def forget(self, user_id: ObjectId) -> int:
        """Delete all log-ins of somebody who is being erased; how many. End them first (`log_out_everywhere`)."""
        return self._sessions.delete_of(user_id)

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has a log-in."""
        return self._sessions.people()

    def delete_ended_before(self, cutoff: datetime, *, batch: int, dry_run: bool) -> Iterator[int]:
        """Delete log-ins that expired or were ended before `cutoff` (P4); yields how many, batch by batch."""
        if dry_run:
            yield self._sessions.count_ended(cutoff)
            return
        while ended := self._sessions.ended(cutoff, batch):
            self._idle.note_seen({log_in.user_id: log_in.used_at for log_in in sorted(ended, key=_used_at)})
            yield self._sessions.delete([log_in.id for log_in in ended])

    def there_since(self, cutoff: datetime, user_ids: list[ObjectId]) -> set[ObjectId]:
        """Those of the users who are logged in, or were there since `cutoff`, as far as log-ins still tell."""
        return self._sessions.there_since(cutoff, user_ids, self._clock.now())

    def oldest(self) -> datetime | None:
        """When the oldest log-in that is still known began."""
        return self._sessions.oldest()

    def _own_claims(self, access_token: str) -> TokenClaims:
        now = self._clock.now()
        claims = self._signer.read_access(access_token, now)
        if not self._sessions.is_alive(claims.auth_session_id, claims.user_id, now):
            raise _logged_out()
        return claims

    def _pair(self, user: UserProfile, auth_session_id: ObjectId, generation: int, now: datetime) -> LoggedIn:
        return LoggedIn(
            auth_session_id=auth_session_id,
            access_token=self._signer.access_token(user.id, auth_session_id, now),
            refresh_token=self._signer.refresh_token(user.id, auth_session_id, generation, now),
            expires_in=int(self._signer.access_lifetime.total_seconds()),
            user=user,
        )

    def _generation_for_replaced_token(self, claims: TokenClaims, now: datetime) -> int:
        auth_session_id, user_id = claims.auth_session_id, claims.user_id
        current = self._sessions.rotation(auth_session_id, user_id, now)
        if current is None or claims.generation > current.generation:
            raise _logged_out()
        if claims.generation == current.generation - 1 and now - current.rotated_at <= REPLACED_TOKEN_GRACE:
            return current.generation
        self._sessions.revoke(auth_session_id, now)
        self._announce_revoked([auth_session_id])
        _log.warning("refresh_token_reused", user_id=str(user_id), auth_session=str(claims.auth_session_id))
        raise TokenReused(user_id)

    def _announce_revoked(self, ended: list[ObjectId]) -> None:
        """Tell the processes that hold live sockets. Best effort: a socket's token expires by itself soon."""
        try:
            for auth_session_id in ended:
                self._valkey.publish(self._revoked_channel, str(auth_session_id))
        except VALKEY_AWAY as away:
            _log.warning("revocation_not_announced", error=type(away).__name__)

    def _user(self, user_id: ObjectId) -> UserProfile:
        try:
            return self._users.by_id(user_id)
        except NotFound:
            raise _logged_out() from None


def _used_at(log_in: EndedLogIn) -> datetime:
    return log_in.used_at


def revoked_channel(prefix: str) -> str:
    """The Valkey channel on which ids of ended log-ins are published."""
    return f"{prefix}auth:revoked"


def _logged_out() -> Unauthenticated:
    return Unauthenticated("You are logged out. Log in again.")
