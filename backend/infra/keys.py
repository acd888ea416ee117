"""Keys: the ring that wraps users' data keys, and keys for one purpose each, derived from a long-lived secret.

A user's own data key encrypts what is sensitive about them. It is stored wrapped by the ring's newest key, so that the
ring can be rotated without touching the data, and so that forgetting one small wrapped key makes the data unreadable
wherever copies of it lie (docs/product.md P2, P6).
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from backend.config import Settings
from backend.key_format import KEY_BYTES, read_keys

_NONCE_BYTES = 12
# What becomes of somebody who sets the key later, after all.
_STANDING_IN = {
    "data_keys": "diets, allergies and notes so far cannot be read once DATA_KEYS is set",
    "ledger_key": "the audit log so far cannot be verified, and tombstones and receipts so far mean nobody, once "
    "LEDGER_KEY is set",
}

_log = structlog.stdlib.get_logger(__name__)


class Unreadable(Exception):
    """Something sealed cannot be opened: with a key that is not on the ring, for somebody else, or changed."""


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as it is stored: sealed by the ring's key of that name."""

    key_name: str
    sealed: bytes


class KeyRing:
    """The keys of DATA_KEYS. The first wraps; all unwrap."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self.newest = next(iter(self._keys))
        self.names = frozenset(self._keys)

    @classmethod
    def read(cls, written: str) -> Self:
        """Read them as DATA_KEYS writes them.

        Raises:
            MalformedKeys: that is not what it says.
        """
        return cls(read_keys(written))

    def new_data_key(self, owner: str) -> tuple[bytes, Wrapped]:
        """A fresh data key, and how it is stored. `owner` must be named again to unwrap it."""
        key = os.urandom(KEY_BYTES)
        return key, self._wrap(key, owner)

    def unwrap(self, wrapped: Wrapped, owner: str) -> bytes:
        """The data key.

        Raises:
            Unreadable: it is not this owner's, was changed, or its ring key is gone.
        """
        ring_key = self._keys.get(wrapped.key_name)
        if ring_key is None:
            raise Unreadable(f"the key {wrapped.key_name!r} is not among DATA_KEYS")
        return unseal(ring_key, wrapped.sealed, owner)

    def rewrap(self, wrapped: Wrapped, owner: str) -> Wrapped:
        """The same data key, wrapped by the newest key.

        Raises:
            Unreadable: as `unwrap`.
        """
        return self._wrap(self.unwrap(wrapped, owner), owner)

    def _wrap(self, key: bytes, owner: str) -> Wrapped:
        return Wrapped(self.newest, seal(self._keys[self.newest], key, owner))


class Ledger:
    """Keys of what must be checked years later: tombstones, receipts, the audit chain. All come from LEDGER_KEY."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def digest(self, purpose: str, message: bytes) -> bytes:
        """A keyed hash of 32 bytes; those of different purposes say nothing about each other."""
        return hmac.digest(self.key(purpose), message, sha256)

    def verifies(self, purpose: str, message: bytes, digest: bytes) -> bool:
        """Whether `digest` is that of `message`, in constant time."""
        return hmac.compare_digest(self.digest(purpose, message), digest)

    def key(self, purpose: str) -> bytes:
        """32 bytes for one purpose (HKDF, RFC 5869)."""
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=f"dindin {purpose}".encode()).derive(self._secret)


def key_ring_of(settings: Settings) -> KeyRing:
    """The ring of DATA_KEYS. Outside of production it may be missing: then SECRET_KEY stands in."""
    written = settings.data_keys.get_secret_value()
    if written:
        return KeyRing.read(written)
    return KeyRing({"secret": Ledger(settings.secret_key.get_secret_value()).key("data keys")})


def ledger_of(settings: Settings) -> Ledger:
    """The keys that come from LEDGER_KEY. Outside of production it may be missing: then SECRET_KEY stands in."""
    own = settings.ledger_key.get_secret_value()
    return Ledger(own or settings.secret_key.get_secret_value())


def warn_of_stand_ins(settings: Settings) -> None:
    """Tell the log for which keys SECRET_KEY stands in, and what that leads to."""
    missing = [name for name in _STANDING_IN if not getattr(settings, name).get_secret_value()]
    if missing:
        _log.warning(
            "secret_key_stands_in",
            missing=[name.upper() for name in missing],
            hint="set them now, before anything is kept: "
            + "; ".join(_STANDING_IN[name] for name in missing),
        )


def seal(key: bytes, plain: bytes, context: str) -> bytes:
    """Encrypt and authenticate (AES-256-GCM): a random nonce and the ciphertext. Opens only with the same context."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context.encode())


def unseal(key: bytes, sealed: bytes, context: str) -> bytes:
    """What was sealed.

    Raises:
        Unreadable: another key or context, or it was changed.
    """
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
    except (InvalidTag, ValueError):
        raise Unreadable("what was sealed cannot be opened with this key") from None
