"""Password hashes: argon2id, away from the event loop."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import argon2
import gevent
from argon2.exceptions import InvalidHashError, VerificationError
from gevent.lock import BoundedSemaphore
from gevent.monkey import is_module_patched

from backend.errors import Busy

# With 19 MiB of memory what OWASP recommends: about 25 ms. The same cores carry the live sockets.
_PASSES = 2
_LANES = 1
# So many may wait for their turn; whoever comes then is asked to come back, before everybody waits for seconds.
_MOST_WAITING = 40
# So many hashes at once: more would only take memory and the threads that DNS look-ups need.
_AT_ONCE = 2

_Parameters = ParamSpec("_Parameters")
_Result = TypeVar("_Result")


class PasswordHasher:
    """Hashes and compares passwords. Two spellings of one Unicode text are the same password (NFKC)."""

    def __init__(self, memory_mib: int) -> None:
        self._argon2 = argon2.PasswordHasher(
            time_cost=_PASSES, memory_cost=memory_mib * 1024, parallelism=_LANES
        )
        self._turns = BoundedSemaphore(_AT_ONCE)
        self._waiting = 0
        self._hash_of_nobody = self._argon2.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """A salted hash that names its own parameters."""
        return self._off_the_loop(self._argon2.hash, _normal(password))

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether `password` is the one behind `password_hash`.

        Args:
            password_hash: None where there is no account: as much work is done, so that time does not tell.
        """
        same = self._off_the_loop(self._compare, password_hash or self._hash_of_nobody, _normal(password))
        return same and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._argon2.check_needs_rehash(password_hash)

    def _compare(self, password_hash: str, password: str) -> bool:
        try:
            return self._argon2.verify(password_hash, password)
        except (VerificationError, InvalidHashError):
            return False

    def _off_the_loop(
        self, work: Callable[_Parameters, _Result], *args: _Parameters.args, **kwargs: _Parameters.kwargs
    ) -> _Result:
        """Run `work` in gevent's thread pool, where gevent runs: argon2 would stall every socket."""
        if not is_module_patched("socket"):
            return work(*args, **kwargs)
        if self._waiting >= _MOST_WAITING:
            raise Busy("Many people are logging in right now. Try again in a moment.", retry_after=2)
        self._waiting += 1
        try:
            with self._turns:
                result: _Result = gevent.get_hub().threadpool.apply(work, args, kwargs)
                return result
        finally:
            self._waiting -= 1


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
