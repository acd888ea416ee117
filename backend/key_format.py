"""How DATA_KEYS is written: `NAME:KEY` pairs, comma-separated, the newest first. Imports nothing of ours."""

from __future__ import annotations

import os
import re
from base64 import b64decode, b64encode

KEY_BYTES = 32
_NAME = re.compile(r"[a-z0-9_-]{1,20}")


class MalformedKeys(ValueError):
    """DATA_KEYS cannot be read. The message says what is expected, and shows no key."""


def read_keys(written: str) -> dict[str, bytes]:
    """The keys by name, the newest first; a key is 32 random bytes in base64.

    Raises:
        MalformedKeys: that is not what it says.
    """
    keys: dict[str, bytes] = {}
    for entry in filter(None, (part.strip() for part in written.split(","))):
        name, colon, encoded = entry.partition(":")
        if not colon or not _NAME.fullmatch(name) or name in keys:
            raise MalformedKeys("write NAME:KEY pairs, comma-separated, each name once (a-z, 0-9, - and _)")
        keys[name] = _decoded(name, encoded)
    if not keys:
        raise MalformedKeys("holds no key")
    return keys


def new_key(name: str) -> str:
    """A fresh `NAME:KEY` pair."""
    return f"{name}:{b64encode(os.urandom(KEY_BYTES)).decode()}"


def _decoded(name: str, encoded: str) -> bytes:
    try:
        key = b64decode(encoded, validate=True)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise MalformedKeys(f"the key {name!r} must be 32 bytes in base64")
    return key
