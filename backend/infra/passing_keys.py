"""Deletes passing keys in Valkey that still say something of somebody: found by what keys or their values hold.

Nothing in Valkey is the only copy of anything, and every key of this kind ends by itself; this is for people who are
not to wait for that (docs/product.md P2). It looks at every key of a kind, in steps that stop nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import cast

from backend.infra.valkey import Valkey, literal

_AT_ONCE = 500


class PassingKeys:
    """The keys of one installation."""

    def __init__(self, valkey: Valkey, prefix: str) -> None:
        self._valkey = valkey
        self._prefix = prefix

    def delete_named(self, kind: str, words: Collection[str]) -> int:
        """Delete keys whose names hold one of the words; how many.

        Args:
            kind: what the keys begin with, REDIS_PREFIX taken off.
        """
        return self._delete(self._keys(f"{literal(self._prefix + kind)}*"), words)

    def delete_limits(self, words: Collection[str]) -> int:
        """The same for attempts counted by the `limits` library, which puts words of its own before our prefix."""
        return self._delete(self._keys(f"LIMITS:*{literal(self._prefix)}limit/*"), words)

    def delete_naming(self, kind: str, words: Collection[str]) -> int:
        """Delete keys with plain values that hold one of the words; how many."""
        sought = [word.encode() for word in words]
        deleted = 0
        for keys in _batches(self._keys(f"{literal(self._prefix + kind)}*")):
            values = cast("list[bytes | None]", self._valkey.mget(keys))
            naming = [
                key
                for key, value in zip(keys, values, strict=True)
                if value and any(w in value for w in sought)
            ]
            deleted += self._unlink(naming)
        return deleted

    def _delete(self, keys: Iterator[bytes], words: Collection[str]) -> int:
        sought = [word.encode() for word in words]
        naming = (key for key in keys if any(word in key for word in sought))
        return sum(self._unlink(batch) for batch in _batches(naming))

    def _keys(self, pattern: str) -> Iterator[bytes]:
        yield from self._valkey.scan_iter(match=pattern, count=_AT_ONCE)

    def _unlink(self, keys: Collection[bytes]) -> int:
        return cast(int, self._valkey.unlink(*keys)) if keys else 0


def _batches(keys: Iterable[bytes]) -> Iterator[list[bytes]]:
    left = iter(keys)
    while batch := list(islice(left, _AT_ONCE)):
        yield batch
