"""Tokens that others sign: their published keys, and whether a token was signed with one of them."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, GuestProtocol, RSAKey
from joserfc.jws import JWSRegistry

from backend.auth.issuers.kept import Kept
from backend.infra.clock import Clock

# Asymmetric ones only: nothing that is published can sign. What a token's header asks for is not enough.
ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"})
_MAX_TOKEN_CHARACTERS = 16 * 1024
_MOST_KEYS = 50
_PUBLIC_PARTS = frozenset({"kty", "kid", "alg", "use", "n", "e", "crv", "x", "y"})
_SMALLEST_RSA_BITS = 2048
_KEYS_ARE_FRESH_FOR = timedelta(minutes=10)
_PAUSE = timedelta(seconds=5)

_Key = RSAKey | ECKey


class NotGenuine(Exception):
    """A token that its issuer did not sign, or not for us, or not like this."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A token whose signature is good. Nothing is said about its claims yet."""

    header: dict[str, Any]
    claims: dict[str, Any]


class KeyRing:
    """An issuer's public keys, by key id. Keys may be rotated: one that is not known yet is asked for.

    Args:
        fetch: the published key set (RFC 7517); raises IssuerAway.
    """

    def __init__(self, fetch: Callable[[], Mapping[str, Any]], clock: Clock) -> None:
        self._keys = Kept(lambda: _usable_keys(fetch()), clock, fresh=_KEYS_ARE_FRESH_FOR, pause=_PAUSE)

    def read(self, token: str, algorithms: Collection[str] = ASYMMETRIC) -> Signed:
        """Check the signature of a token.

        Raises:
            NotGenuine: it is not good.
            IssuerAway: it could be, but the keys cannot be asked for.
        """
        if len(token) > _MAX_TOKEN_CHARACTERS:
            raise NotGenuine("too long")
        # Issuers put claims of their own into headers; unknown *critical* ones are refused all the same.
        registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)

        def key_for(signature: GuestProtocol) -> _Key:
            return self._key_for(signature.headers(), algorithms)

        try:
            read = jwt.decode(token, key_for, registry=registry)
        except (JoseError, ValueError, RecursionError) as error:
            raise NotGenuine(type(error).__name__) from None
        return Signed(dict(read.header), read.claims)

    def _key_for(self, header: Mapping[str, Any], algorithms: Collection[str]) -> _Key:
        algorithm = header.get("alg")
        if algorithm not in algorithms:  # before anybody is asked for keys
            raise NotGenuine("algorithm")
        kid = header.get("kid")
        key = _pick(self._keys.get(), kid) or _pick(self._keys.get_newer(), kid)
        if key is None:
            raise NotGenuine("unknown key")
        if key.get("alg") not in {None, algorithm}:
            raise NotGenuine("the key is for another algorithm")
        return key


def _pick(keys: Mapping[str | None, _Key], kid: object) -> _Key | None:
    if kid is None:  # OpenID Connect Core 10.1: allowed where there is no choice
        return next(iter(keys.values())) if len(keys) == 1 else None
    return keys.get(kid) if isinstance(kid, str) else None


def _usable_keys(published: Mapping[str, Any]) -> dict[str | None, _Key]:
    """The keys that sign; what we cannot use is left out, as RFC 7517 section 5 wants it."""
    keys = published.get("keys")
    usable: dict[str | None, _Key] = {}
    for entry in keys[:_MOST_KEYS] if isinstance(keys, list) else []:
        key = _usable_key(entry)
        if key is not None:
            usable[key.kid] = key
    return usable


def _usable_key(entry: object) -> _Key | None:
    if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
        return None
    public = {name: value for name, value in entry.items() if name in _PUBLIC_PARTS}
    try:
        if entry.get("kty") == "RSA":
            return RSAKey.import_key(public) if _bits(public["n"]) >= _SMALLEST_RSA_BITS else None
        return ECKey.import_key(public) if entry.get("kty") == "EC" else None
    except (JoseError, ValueError, TypeError, KeyError):
        return None


def _bits(number: str) -> int:
    """How long a number of RFC 7518, section 2 is."""
    return int.from_bytes(urlsafe_b64decode(number + "=" * (-len(number) % 4))).bit_length()
