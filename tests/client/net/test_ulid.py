"""Operation ids."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from client.net.ulid import ALPHABET, LENGTH, UlidMaker, encode, new_ulid


@given(st.lists(st.floats(0, 2**47 / 1000), min_size=2, max_size=50), st.integers(0, 2**80 - 1))
def test_ids_rise_whatever_the_clock_does(moments: list[float], drawn: int) -> None:
    clock = iter(moments)
    make = UlidMaker(clock=lambda: next(clock), random_bits=lambda _: drawn)
    made = [make() for _ in moments]
    assert made == sorted(set(made))


def test_an_id_is_what_the_server_accepts() -> None:
    made = new_ulid()
    assert len(made) == LENGTH
    assert set(made) <= set(ALPHABET)
    assert made[0] in "01234567"


def test_the_first_ten_characters_are_the_time() -> None:
    make = UlidMaker(clock=lambda: 1_469_918_176.385, random_bits=lambda _: 0)
    assert make() == "01ARYZ6S41" + "0" * 16


def test_the_largest_number_fits() -> None:
    assert encode(2**128 - 1) == "7" + "Z" * 25
