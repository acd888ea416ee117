"""Signed tokens: a short-lived access token and a refresh token, never one in place of the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from bson import ObjectId
from bson.errors import InvalidId
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from backend.config import Settings
from backend.errors import Unauthenticated

_ISSUER = "dindin"
# The only algorithm, whatever a token's header asks for.
_ALGORITHM = "HS256"
_MAX_TOKEN_CHARACTERS = 2048

_Kind = Literal["access", "refresh"]


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a genuine, unexpired token says.

    Attributes:
        auth_session_id: the log-in it belongs to.
        expires_at: seconds since 1970.
        generation: of a refresh token: the how-manieth of its log-in; 0 for access tokens.
    """

    user_id: ObjectId
    auth_session_id: ObjectId
    expires_at: int
    generation: int = 0


class TokenSigner:
    """Signs tokens with SECRET_KEY and reads them back."""

    def __init__(self, settings: Settings) -> None:
        self._key = OctKey.import_key(settings.secret_key.get_secret_value())
        self.access_lifetime = timedelta(minutes=settings.access_token_minutes)
        self.refresh_lifetime = timedelta(days=settings.refresh_token_days)

    def access_token(self, user_id: ObjectId, auth_session_id: ObjectId, now: datetime) -> str:
        """A token for the Authorization header."""
        return self._sign("access", {"sub": str(user_id), "sid": str(auth_session_id)}, now)

    def refresh_token(
        self, user_id: ObjectId, auth_session_id: ObjectId, generation: int, now: datetime
    ) -> str:
        """A token that is good for one refresh."""
        claims: dict[str, str | int] = {
            "sub": str(user_id),
            "sid": str(auth_session_id),
            "gen": generation,
        }
        return self._sign("refresh", claims, now)

    def read_access(self, token: str, now: datetime) -> TokenClaims:
        """Check an access token.

        Raises:
            Unauthenticated: `token_expired` if it was genuine once, else `unauthenticated`.
        """
        return self._read("access", token, now)

    def read_refresh(self, token: str, now: datetime) -> TokenClaims:
        """Check a refresh token.

        Raises:
            Unauthenticated: as above.
        """
        return self._read("refresh", token, now)

    def _sign(self, kind: _Kind, about: Mapping[str, str | int], now: datetime) -> str:
        lifetime = self.access_lifetime if kind == "access" else self.refresh_lifetime
        issued = int(now.timestamp())
        expires = issued + int(lifetime.total_seconds())
        claims = {"iss": _ISSUER, "typ": kind, "iat": issued, "exp": expires, **about}
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key, algorithms=[_ALGORITHM])

    def _read(self, kind: _Kind, token: str, now: datetime) -> TokenClaims:
        if len(token) > _MAX_TOKEN_CHARACTERS:
            raise _not_genuine()
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            raise _not_genuine() from None
        if claims.get("iss") != _ISSUER or claims.get("typ") != kind:
            raise _not_genuine()
        read = _claims(claims)
        if read.expires_at <= now.timestamp():
            raise Unauthenticated("This token has expired. Refresh it or log in again.", code="token_expired")
        return read


def _claims(claims: dict[str, Any]) -> TokenClaims:
    try:
        return TokenClaims(
            user_id=ObjectId(claims["sub"]),
            auth_session_id=ObjectId(claims["sid"]),
            expires_at=int(claims["exp"]),
            generation=int(claims.get("gen", 0)),
        )
    except (KeyError, TypeError, ValueError, InvalidId):
        raise _not_genuine() from None


def _not_genuine() -> Unauthenticated:
    return Unauthenticated("This token is not valid. Log in again.")
