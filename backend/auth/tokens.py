"""Signed tokens: access, refresh, and the links in mails; never one in place of the other."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Any, Literal

from bson import ObjectId
from bson.errors import InvalidId
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from backend.config import Settings
from backend.errors import Forbidden, Unauthenticated

_ISSUER = "dindin"
# The only algorithm, whatever a token's header asks for.
_ALGORITHM = "HS256"
_MAX_TOKEN_CHARACTERS = 2048

# How long the links in mails are good, where it does not depend on what the mail is about.
_CONFIRM_LIFETIME = timedelta(days=7)
_RESET_LIFETIME = timedelta(hours=1)
_FINGERPRINT_CHARACTERS = 24

_Kind = Literal["access", "refresh", "confirm", "reset", "keep"]


class MailPurpose(StrEnum):
    """What the link in a mail is for."""

    CONFIRM = "confirm"
    RESET = "reset"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class TokenClaims:
    """What a genuine, unexpired token says.

    Attributes:
        auth_session_id: the log-in it belongs to.
        expires_at: seconds since 1970.
        generation: of a refresh token: the how-manieth of its log-in; 0 for access tokens.
        proved_at: seconds since 1970; when its issuer saw last who they are, where it is another's token and says so.
    """

    user_id: ObjectId
    auth_session_id: ObjectId
    expires_at: int
    generation: int = 0
    proved_at: int | None = None


@dataclass(frozen=True, slots=True)
class MailClaims:
    """What the token of a mail's link says.

    Attributes:
        email: the address that the mail went to.
        password_print: of a reset: the fingerprint of the password that it may replace; a used link is good no more.
        erasure_id: of a link that keeps an account: the erasure that the mail told of; None where the version before
            has sent it.
        issued_at: seconds since 1970.
    """

    user_id: ObjectId
    email: str
    password_print: str = ""
    erasure_id: ObjectId | None = None
    issued_at: int = 0


class TokenSigner:
    """Signs tokens with SECRET_KEY and reads them back."""

    def __init__(self, settings: Settings) -> None:
        self._secret = settings.secret_key.get_secret_value().encode()
        self._key = OctKey.import_key(self._secret)
        self.access_lifetime = timedelta(minutes=settings.access_token_minutes)
        self.refresh_lifetime = timedelta(days=settings.refresh_token_days)

    def access_token(self, user_id: ObjectId, auth_session_id: ObjectId, now: datetime) -> str:
        """A token for the Authorization header."""
        about = {"sub": str(user_id), "sid": str(auth_session_id)}
        return self._sign("access", about, now, self.access_lifetime)

    def refresh_token(
        self, user_id: ObjectId, auth_session_id: ObjectId, generation: int, now: datetime
    ) -> str:
        """A token that is good for one refresh."""
        claims: dict[str, str | int] = {
            "sub": str(user_id),
            "sid": str(auth_session_id),
            "gen": generation,
        }
        return self._sign("refresh", claims, now, self.refresh_lifetime)

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

    def confirm_token(self, user_id: ObjectId, email: str, now: datetime) -> str:
        """For the link that confirms an address."""
        return self._sign("confirm", {"sub": str(user_id), "email": email}, now, _CONFIRM_LIFETIME)

    def reset_token(self, user_id: ObjectId, email: str, password_hash: str | None, now: datetime) -> str:
        """For the link that replaces this one password; `password_hash` is None where there is none yet."""
        about = {"sub": str(user_id), "email": email, "fp": self._fingerprint(password_hash)}
        return self._sign("reset", about, now, _RESET_LIFETIME)

    def keep_token(
        self, user_id: ObjectId, email: str, erasure_id: ObjectId, until: datetime, now: datetime
    ) -> str:
        """For the link that keeps an account from this erasure; good until then."""
        about = {"sub": str(user_id), "email": email, "erasure": str(erasure_id)}
        return self._sign("keep", about, now, until - now)

    def read_mail(self, purpose: MailPurpose, token: str, now: datetime) -> MailClaims:
        """Check the token of a mail's link.

        Raises:
            Forbidden: `link_expired` if it was genuine once, else `link_not_valid`.
        """
        try:
            claims = self._genuine(purpose.value, token)
            read = MailClaims(
                user_id=ObjectId(claims["sub"]),
                email=str(claims["email"]),
                password_print=str(claims.get("fp", "")),
                erasure_id=ObjectId(claims["erasure"]) if claims.get("erasure") else None,
                issued_at=int(claims["iat"]),
            )
            expires_at = int(claims["exp"])
        except (Unauthenticated, KeyError, TypeError, ValueError, InvalidId):
            raise Forbidden(
                "This link is not complete. Copy the whole of it.", code="link_not_valid"
            ) from None
        if expires_at <= now.timestamp():
            raise Forbidden("This link is too old. Ask for a new one.", code="link_expired")
        return read

    def is_of_password(self, claims: MailClaims, password_hash: str | None) -> bool:
        """Whether a reset is about the password as it is now."""
        return hmac.compare_digest(claims.password_print, self._fingerprint(password_hash))

    def _fingerprint(self, password_hash: str | None) -> str:
        keyed = hmac.new(self._secret, b"password " + (password_hash or "").encode(), sha256)
        return keyed.hexdigest()[:_FINGERPRINT_CHARACTERS]

    def _sign(self, kind: _Kind, about: Mapping[str, str | int], now: datetime, lifetime: timedelta) -> str:
        issued = int(now.timestamp())
        expires = issued + int(lifetime.total_seconds())
        claims = {"iss": _ISSUER, "typ": kind, "iat": issued, "exp": expires, **about}
        return jwt.encode({"alg": _ALGORITHM}, claims, self._key, algorithms=[_ALGORITHM])

    def _read(self, kind: _Kind, token: str, now: datetime) -> TokenClaims:
        read = _claims(self._genuine(kind, token))
        if read.expires_at <= now.timestamp():
            raise Unauthenticated("This token has expired. Refresh it or log in again.", code="token_expired")
        return read

    def _genuine(self, kind: _Kind, token: str) -> dict[str, Any]:
        """What a token of this kind says that we have signed, expired or not."""
        if len(token) > _MAX_TOKEN_CHARACTERS:
            raise _not_genuine()
        try:
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM]).claims
        except (JoseError, ValueError):
            raise _not_genuine() from None
        if claims.get("iss") != _ISSUER or claims.get("typ") != kind:
            raise _not_genuine()
        return claims


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
