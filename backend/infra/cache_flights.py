"""Of many who want the same at once, one fetches it and the others wait. Within one process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import CancelledError, Future
from typing import Generic, TypeVar

_Result = TypeVar("_Result")


class Flights(Generic[_Result]):
    """What is being fetched right now. Safe to share between threads and greenlets."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[Hashable, Future[_Result]] = {}
        self._landed = 0

    @property
    def landed(self) -> int:
        """How many have ended so far. Who notes it before looking for something knows whether to look once more."""
        return self._landed

    def join(self, what: Hashable, fetch: Callable[[], _Result]) -> _Result:
        """What `fetch` gives, or gave to whoever was first to ask; what it raises, all who wait get.

        Nobody waits longer than `fetch` takes; where it is killed on the way, the others fetch for themselves.
        """
        with self._lock:
            flight = self._under_way.get(what)
            if leads := flight is None:
                flight = self._under_way[what] = Future()
        if leads:
            return self._lead(what, flight, fetch)
        try:
            return flight.result()
        except CancelledError:
            return fetch()

    def _lead(self, what: Hashable, flight: Future[_Result], fetch: Callable[[], _Result]) -> _Result:
        try:
            result = fetch()
        except Exception as error:
            flight.set_exception(error)
            raise
        except BaseException:
            flight.cancel()
            raise
        else:
            flight.set_result(result)
            return result
        finally:
            with self._lock:
                del self._under_way[what]
                self._landed += 1
