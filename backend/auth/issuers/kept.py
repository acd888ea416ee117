"""What an issuer publishes, fetched when it is first needed and now and then again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Generic, TypeVar

import structlog

from backend.auth.issuers.outgoing import IssuerAway
from backend.infra.clock import Clock

_log = structlog.stdlib.get_logger(__name__)
_Value = TypeVar("_Value")


class Kept(Generic[_Value]):
    """One published value. While the issuer is away, what was known goes on being good.

    Whatever callers do, the issuer is asked by one of them at a time, and at most once per `pause`.

    Args:
        fetch: asks the issuer; raises IssuerAway.
        fresh: how long a value is good without asking again.
        pause: how long the issuer is left alone after it was asked.
    """

    def __init__(
        self, fetch: Callable[[], _Value], clock: Clock, *, fresh: timedelta, pause: timedelta
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._fresh = fresh
        self._pause = pause
        self._lock = threading.Lock()
        self._value: _Value | None = None
        self._fetched_at: datetime | None = None
        self._asked_at: datetime | None = None
        self._failed = False

    def get(self) -> _Value:
        """The value, asked for anew if it is old.

        Raises:
            IssuerAway: it is not known and cannot be asked for.
        """
        known = self._value
        if known is None:
            return self._renewed()
        if self._is_within(self._fetched_at, self._fresh) or self._is_within(self._asked_at, self._pause):
            return known
        if not self._lock.acquire(blocking=False):  # somebody asks already: the old value will do meanwhile
            return known
        try:
            self._ask()
        finally:
            self._lock.release()
        return self._value or known

    def get_newer(self) -> _Value:
        """The value by somebody who has reason to think that there is a newer one.

        Raises:
            IssuerAway: the issuer could not be asked just now.
        """
        value = self._renewed()
        if self._failed:
            raise IssuerAway("asked a moment ago, in vain")
        return value

    def _renewed(self) -> _Value:
        with self._lock:
            if not self._is_within(self._asked_at, self._pause):
                self._ask()
        if self._value is None:
            raise IssuerAway("asked a moment ago, in vain")
        return self._value

    def _ask(self) -> None:
        try:
            self._value = self._fetch()
            self._fetched_at = self._clock.now()
            self._failed = False
        except IssuerAway as away:
            self._failed = True
            _log.warning("issuer_away", error=str(away), known=self._value is not None)
        finally:
            self._asked_at = self._clock.now()

    def _is_within(self, moment: datetime | None, span: timedelta) -> bool:
        # abs: a clock that was set back must not stop the asking.
        return moment is not None and abs(self._clock.now() - moment) < span
