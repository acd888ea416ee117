"""A message is handled once, whoever else gets it, and whatever becomes of who handles it."""

from __future__ import annotations

import secrets

import pytest
import svcs

from backend.auth.webhooks.deliveries import Deliveries
from backend.errors import Busy
from tests.set_clock import SetClock


@pytest.fixture
def clock(services: svcs.Container) -> SetClock:  # noqa: ARG001  # they connect to the database
    """What time it is for every process."""
    return SetClock()


def test_two_deliveries_at_once_are_handled_once(clock: SetClock) -> None:
    deliveries, key, handled = Deliveries(clock), secrets.token_hex(8), []

    def handle() -> None:
        handled.append(1)
        with pytest.raises(Busy):
            Deliveries(clock).handle_once("test", key, lambda: handled.append(2))

    assert deliveries.handle_once("test", key, handle)
    assert not deliveries.handle_once("test", key, handle)
    assert handled == [1]


def test_what_a_process_died_over_is_handled_by_another(clock: SetClock) -> None:
    key, handled = secrets.token_hex(8), []

    def die() -> None:
        raise SystemExit

    deliveries = Deliveries(clock)
    # A killed process releases nothing: as if its claim were left standing.
    assert deliveries._claim(f"test {key}")
    with pytest.raises(Busy):
        deliveries.handle_once("test", key, lambda: handled.append(1))
    clock.advance(seconds=61)
    assert deliveries.handle_once("test", key, lambda: handled.append(1))
    with pytest.raises(SystemExit):
        deliveries.handle_once("test", key + "2", die)
    assert deliveries.handle_once("test", key + "2", lambda: handled.append(2))
    assert handled == [1, 2]
