"""Asking whether parts answer: bounded, and seldom."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import svcs
from pymongo.database import Database
from redis import Redis

from backend.ops import readiness
from backend.ops.readiness import ReadinessProbe

Ping = Callable[[object], None]


class Seconds:
    """A monotonic clock that stands until it is moved."""

    def __init__(self) -> None:
        self.value = 100.0

    def __call__(self) -> float:
        return self.value


def pings(mongodb: Ping, valkey: Ping) -> list[svcs.ServicePing]:
    registry = svcs.Registry()
    registry.register_value(Database, object(), ping=mongodb)
    registry.register_value(Redis, object(), ping=valkey)
    return svcs.Container(registry).get_pings()


def fine(_: object) -> None:
    return None


def refused(_: object) -> None:
    raise ConnectionError("refused")


def test_what_answers_and_what_does_not() -> None:
    found = ReadinessProbe().look(pings(fine, refused))
    assert found.parts == {"mongodb": True, "valkey": False}
    assert found.away == ["valkey"]


def test_a_part_that_hangs_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_LIMIT_SECONDS", 0.05)
    release = threading.Event()
    try:
        found = ReadinessProbe().look(pings(lambda _: release.wait() and None, fine))
    finally:
        release.set()
    assert found.parts == {"mongodb": False, "valkey": True}


def test_an_answer_is_good_for_a_second() -> None:
    now = Seconds()
    probe = ReadinessProbe(now)
    asked: list[int] = []
    counting = pings(lambda _: asked.append(1), fine)
    for second, times in ((100.0, 1), (100.9, 1), (101.0, 2), (101.5, 2)):
        now.value = second
        probe.look(counting)
        assert len(asked) == times


def test_many_that_ask_at_once_ask_the_databases_once() -> None:
    probe = ReadinessProbe(Seconds())
    asked: list[int] = []
    counting = pings(lambda _: asked.append(1), fine)
    callers = [threading.Thread(target=probe.look, args=(counting,)) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(asked) == 1
