"""Of many who want the same at once, one fetches it."""

from __future__ import annotations

import threading
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from backend.infra.cache_flights import Flights
from tests.waiting import eventually

_CROWD = 20


class Killed(BaseException):
    """Whoever fetches is ended from outside."""


class Fetching:
    """Fetches when it is let, and counts."""

    def __init__(self, outcome: BaseException | str) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()
        self.times = 0
        self._outcome = outcome

    def __call__(self) -> str:
        self.times += 1
        self.begun.set()
        assert self.go_on.wait(60)
        if isinstance(self._outcome, BaseException):
            raise self._outcome
        return self._outcome


def crowd(pool: ThreadPoolExecutor, flights: Flights[str], fetching: Fetching) -> list[Future[str]]:
    """One who fetches, and others who came meanwhile."""
    first = pool.submit(flights.join, "card", fetching)
    assert fetching.begun.wait(60)
    coming = threading.Barrier(_CROWD, timeout=60)

    def come() -> str:
        coming.wait()
        return flights.join("card", fetching)

    others = [pool.submit(come) for _ in range(_CROWD - 1)]
    coming.wait()
    return [first, *others]


def test_all_get_what_one_fetched() -> None:
    flights: Flights[str] = Flights()
    fetching = Fetching("card")
    with ThreadPoolExecutor(_CROWD + 1) as pool:
        people = crowd(pool, flights, fetching)
        fetching.go_on.set()
        assert {one.result(60) for one in people} == {"card"}
    assert fetching.times == flights.landed


def test_all_learn_why_it_failed() -> None:
    flights: Flights[str] = Flights()
    fetching = Fetching(ValueError("MongoDB is away"))
    with ThreadPoolExecutor(_CROWD + 1) as pool:
        people = crowd(pool, flights, fetching)
        fetching.go_on.set()
        for one in people:
            with pytest.raises(ValueError, match="MongoDB is away"):
                one.result(60)


def test_who_waits_for_one_that_was_killed_fetches_alone() -> None:
    flights: Flights[str] = Flights()
    killed, second = Fetching(Killed()), Fetching("card")
    second.go_on.set()
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(flights.join, "card", killed)
        assert killed.begun.wait(60)
        waiting = pool.submit(flights.join, "card", second)
        killed.go_on.set()
        with pytest.raises(Killed):
            first.result(60)
        assert waiting.result(60) == "card"
    eventually(lambda: flights.landed >= 1)


def test_others_are_not_held_up() -> None:
    flights: Flights[str] = Flights()
    slow = Fetching("slow")
    with ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(flights.join, "slow", slow)
        assert slow.begun.wait(60)
        assert flights.join("quick", lambda: "quick") == "quick"
        slow.go_on.set()
        assert under_way.result(60) == "slow"
