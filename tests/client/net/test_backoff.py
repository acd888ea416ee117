"""The wait before the next attempt."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from client.net.backoff import ceiling, deserves_hint, full_jitter, within


@given(st.integers(-3, 10**9), st.integers())
def test_never_longer_than_the_ceiling_nor_negative(attempt: int, seed: int) -> None:
    assert 0.0 <= full_jitter(attempt, random.Random(seed)) <= ceiling(attempt) <= 20.0


@given(st.integers(0, 200))
def test_the_ceiling_doubles_until_twenty_seconds(attempt: int) -> None:
    assert ceiling(attempt) == min(20.0, 0.5 * 2**attempt)
    assert ceiling(attempt + 1) >= ceiling(attempt)


def test_the_whole_range_is_used() -> None:
    chance = random.Random(1)
    waits = [full_jitter(10, chance) for _ in range(2000)]
    assert min(waits) < 1.0
    assert max(waits) > 19.0
    assert 9.0 < sum(waits) / len(waits) < 11.0


@given(st.floats(-10, 1e6), st.integers())
def test_coming_back_within_what_the_server_asks(retry_after: float, seed: int) -> None:
    assert 0.0 <= within(retry_after, random.Random(seed)) <= max(retry_after, 0.0)


def test_the_hint_comes_after_five_failures() -> None:
    assert [failures for failures in range(8) if deserves_hint(failures)] == [5, 6, 7]
