"""Keys that must not be there any more and could not be deleted, because Valkey was away. Deleted when it is back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection

import structlog

from backend.infra.valkey import VALKEY_AWAY, Breaker

_log = structlog.stdlib.get_logger(__name__)

_RETRY_SECONDS = 1.0


class Debts:
    """What one process owes. It ends with the process: what nobody pays, ends with the entries' time."""

    def __init__(self, delete: Callable[[Collection[str]], None], breaker: Breaker) -> None:
        self._delete = delete
        self._breaker = breaker
        self._lock = threading.Lock()
        # By key, when it was owed last: paying for an earlier change does not pay for one that came meanwhile.
        self._owed: dict[str, object] = {}
        self._paying: threading.Thread | None = None
        self._stopping = threading.Event()

    def pay_or_owe(self, keys: Collection[str]) -> None:
        """Delete keys now, or as soon as Valkey is there again."""
        try:
            with self._breaker.guard():
                self._delete(keys)
        except VALKEY_AWAY as away:
            _log.warning("cache_forgets_later", keys=len(keys), error=type(away).__name__)
            self._owe(keys)

    def pay(self) -> None:
        """Delete what is owed.

        Raises:
            RedisError: Valkey is away; it stays owed.
        """
        with self._lock:
            owed = dict(self._owed)
        if not owed:
            return
        self._delete(owed.keys())
        with self._lock:
            for key, when in owed.items():
                if self._owed.get(key) is when:
                    del self._owed[key]

    def stop(self) -> None:
        """Try no longer."""
        self._stopping.set()

    def _owe(self, keys: Collection[str]) -> None:
        with self._lock:
            self._owed.update((key, object()) for key in keys)
            if self._paying is None:
                self._paying = threading.Thread(target=self._keep_trying, name="cache-debts", daemon=True)
                self._paying.start()

    def _keep_trying(self) -> None:
        while not self._stopping.wait(_RETRY_SECONDS):
            try:
                with self._breaker.guard():
                    self.pay()
            except VALKEY_AWAY:
                continue
            with self._lock:
                if not self._owed:
                    self._paying = None
                    _log.info("cache_has_forgotten")
                    return
