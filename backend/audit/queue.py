"""The queue between requests and the chain: one stream in Valkey for all processes."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import cast

from backend.infra.valkey import Breaker, Valkey

_LEASE_MILLISECONDS = 10_000
_FIELD = b"e"


class AuditQueue:
    """Holds events until they are in the chain, moments later. Where Valkey is away, everything raises RedisError."""

    def __init__(self, valkey: Valkey, prefix: str, breaker: Breaker) -> None:
        """`prefix` keeps apart installations that share one Valkey."""
        self._valkey = valkey
        self._breaker = breaker
        self._stream = f"{prefix}audit:queue"
        self._lease = f"{prefix}audit:drainer"
        self._broken = f"{prefix}audit:broken"
        self._me = secrets.token_hex(8).encode()

    def put(self, text: str) -> None:
        """Append; one round trip."""
        with self._breaker.guard():
            self._valkey.xadd(self._stream, {_FIELD: text})

    def first(self, most: int) -> list[tuple[bytes, bytes]]:
        """The oldest that wait: where each stands in the queue, and its text."""
        with self._breaker.guard():
            found = cast(
                "list[tuple[bytes, dict[bytes, bytes]]]", self._valkey.xrange(self._stream, count=most)
            )
        return [(place, fields.get(_FIELD, b"")) for place, fields in found]

    def remove(self, places: Sequence[bytes]) -> None:
        """They are in the chain now. Harmless to repeat."""
        with self._breaker.guard():
            self._valkey.xdel(self._stream, *places)

    def length(self) -> int:
        """How many wait."""
        with self._breaker.guard():
            return cast("int", self._valkey.xlen(self._stream))

    def count_broken(self) -> None:
        """A job found the chain changed. Jobs serve no page of metrics; what they count lies here."""
        with self._breaker.guard():
            self._valkey.incr(self._broken)

    def broken(self) -> int:
        """How often a job found the chain changed."""
        with self._breaker.guard():
            return int(cast("bytes | None", self._valkey.get(self._broken)) or 0)

    @contextmanager
    def turn(self) -> Iterator[bool]:
        """Whether it is this process's turn to empty the queue.

        Only saves work: two that empty it at once lose nothing and double nothing.
        """
        with self._breaker.guard():
            mine = bool(self._valkey.set(self._lease, self._me, nx=True, px=_LEASE_MILLISECONDS))
            # Asked for before, where the answer got lost, it is this process's as well.
            mine = mine or self._valkey.get(self._lease) == self._me
        try:
            yield mine
        finally:
            if mine:
                self._give_back()

    def _give_back(self) -> None:
        with self._breaker.guard():
            if self._valkey.get(self._lease) == self._me:
                self._valkey.delete(self._lease)
