"""Clerk's session tokens: whether one is good, and whose (docs/product.md A2)."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwt import JWTClaimsRegistry

from backend.auth.issuers.jwks import KeyRing, NotGenuine
from backend.auth.issuers.outgoing import IssuerAway, IssuerClient
from backend.config import Settings
from backend.errors import Busy, Unauthenticated
from backend.infra.clock import Clock

# What Clerk signs session tokens with, whatever a token's header asks for.
_ALGORITHMS = frozenset({"RS256"})
_LEEWAY_SECONDS = 5  # as Clerk's own libraries
_MAX_PEEK = 16 * 1024
_MAX_ID = 255
_MINUTE = 60


@dataclass(frozen=True, slots=True)
class ClerkSession:
    """What a good token says.

    Attributes:
        subject: Clerk's id of the person.
        session: Clerk's id of the log-in.
        expires_at: seconds since 1970; the token's, about a minute from its making.
        proved_at: seconds since 1970; when they had proved at Clerk who they are, with all factors that they ever
            gave; None where the token does not say. The log-in itself may be weeks old.
        claims: everything in it, for a name and an address if there are any.
    """

    subject: str
    session: str
    expires_at: int
    proved_at: int | None
    claims: Mapping[str, Any]


class ClerkTokens:
    """Checks tokens of the one Clerk instance that this server is set up for."""

    def __init__(self, client: IssuerClient, clock: Clock, settings: Settings) -> None:
        self.issuer = settings.clerk_issuer
        self._parties = settings.clerk_authorized_parties
        self._clock = clock
        address = self.issuer.rstrip("/") + "/.well-known/jwks.json"
        self._keys = KeyRing(lambda: client.get(address), clock)

    def claims_to_be_one(self, token: str) -> bool:
        """Whether a token says that Clerk made it: which check it must pass, and no other. Proves nothing."""
        return _unproved_issuer(token) == self.issuer

    def read(self, token: str) -> ClerkSession:
        """Check a token.

        Raises:
            Unauthenticated: `token_expired` if it was good a moment ago, else `unauthenticated`.
            Busy: it could be good, but Clerk's keys cannot be had.
        """
        try:
            return self._read(token)
        except NotGenuine:
            raise Unauthenticated("This token is not valid. Log in again.") from None
        except IssuerAway:
            raise Busy(
                "Your log-in cannot be checked right now. Try again in a moment.", retry_after=5
            ) from None

    def _read(self, token: str) -> ClerkSession:
        claims = self._keys.read(token, _ALGORITHMS).claims
        self._check_times_and_issuer(claims)
        # A native app has no origin, and its tokens no party; a page's must be one of ours.
        if claims.get("azp") is not None and claims["azp"] not in self._parties:
            raise NotGenuine("azp")
        if claims.get("sts", "active") != "active":  # a log-in that has steps to go
            raise NotGenuine("sts")
        return ClerkSession(
            subject=_id(claims, "sub"),
            session=_id(claims, "sid"),
            expires_at=int(claims["exp"]),
            proved_at=_proved_at(claims),
            claims=claims,
        )

    def _check_times_and_issuer(self, claims: dict[str, Any]) -> None:
        registry = JWTClaimsRegistry(
            now=int(self._clock.now().timestamp()),
            leeway=_LEEWAY_SECONDS,
            iss={"essential": True, "value": self.issuer},
            sub={"essential": True},
            sid={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        try:
            registry.validate(claims)
        except ExpiredTokenError:
            raise Unauthenticated("This token has expired. Get a new one.", code="token_expired") from None
        except (JoseError, ValueError, TypeError) as error:
            raise NotGenuine(str(error)) from None


def _id(claims: Mapping[str, Any], name: str) -> str:
    found = claims[name]
    if not isinstance(found, str) or not 0 < len(found) <= _MAX_ID or not found.isprintable() or " " in found:
        raise NotGenuine(name)
    return found


def _proved_at(claims: Mapping[str, Any]) -> int | None:
    """From `fva`: how many whole minutes before the token was made the first and second factor were given; -1: never.

    The older of the two counts, as logging in again gives both; and whole minutes may have been nearly one more.
    """
    match claims.get("fva"):
        case [int() as first, int() as second] if type(first) is type(second) is int and first >= 0:
            proved_at = int(claims["iat"]) - (max(first, second) + 1) * _MINUTE
            return proved_at if proved_at > 0 else None
    return None


def _unproved_issuer(token: str) -> object:
    parts = token.split(".")
    if len(parts) != 3 or len(token) > _MAX_PEEK:  # noqa: PLR2004  # header, claims, signature
        return None
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    return claims.get("iss") if isinstance(claims, dict) else None
