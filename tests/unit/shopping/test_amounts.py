"""Amounts: units that can be added, exact sums, servings, and how people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.shopping.amounts import Quantity, known_unit

UNITS = ("g", "kg", "ml", "l", "tsp", "tbsp", "", "clove")
BASES = ("g", "ml", "tsp", "", "clove")
thousandths = st.integers(1, 10**9)


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ((500, "g"), (0.75, "kg"), (1.25, "kg")),
        ((400, "g"), (599, "g"), (999.0, "g")),
        ((250, "ml"), (0.5, "l"), (750.0, "ml")),
        ((0.5, "l"), (500, "ml"), (1.0, "l")),
        ((1, "tbsp"), (3, "tsp"), (2.0, "tbsp")),
        ((1, "tbsp"), (1.5, "tsp"), (1.5, "tbsp")),
        ((1, "tbsp"), (1, "tsp"), (4.0, "tsp")),
        ((1, "tsp"), (1, "tsp"), (2.0, "tsp")),
        ((2, ""), (0.5, "pieces"), (2.5, "")),
        ((2, "clove"), (1, " CLOVE "), (3.0, "clove")),
        ((0.1, "g"), (0.2, "Grams"), (0.3, "g")),
    ],
)
def test_sums_as_people_write_them(first: tuple, second: tuple, together: tuple) -> None:
    assert (Quantity.of(*first) + Quantity.of(*second)).shown == together
    assert (Quantity.of(*second) + Quantity.of(*first)).shown == together


@pytest.mark.parametrize(
    ("one", "other"), [("g", "ml"), ("ml", "tsp"), ("g", ""), ("clove", ""), ("pinch", "bunch")]
)
def test_what_cannot_be_added_is_not(one: str, other: str) -> None:
    with pytest.raises(ValueError, match="cannot be added"):
        Quantity.of(1, one) + Quantity.of(1, other)


@given(st.sampled_from(BASES), thousandths, thousandths, thousandths)
def test_adding_is_exact_in_any_order(base: str, a: int, b: int, c: int) -> None:
    one, two, three = (Quantity(amount, base) for amount in (a, b, c))
    assert (one + two) + three == three + (two + one) == Quantity(a + b + c, base)


@given(st.sampled_from(BASES), st.integers(1, 10**12))
def test_what_is_shown_means_the_same(base: str, amount: int) -> None:
    quantity = Quantity(amount, base)
    assert Quantity.of(*quantity.shown) == quantity


@given(st.floats(0.001, 100_000), st.sampled_from(UNITS))
def test_nothing_becomes_less_than_something(amount: float, unit: str) -> None:
    quantity = Quantity.of(amount, unit)
    assert quantity.thousandths >= 1
    assert quantity.scaled(1, 100).thousandths >= 1


@given(thousandths, st.integers(1, 100), st.integers(1, 100))
def test_servings(amount: int, to: int, of: int) -> None:
    scaled = Quantity(amount, "g").scaled(to, of)
    assert scaled.thousandths == pytest.approx(amount * to / of, abs=0.51) or scaled.thousandths == 1
    assert Quantity(amount, "g").scaled(of, of) == Quantity(amount, "g")
    assert Quantity(amount, "g").scaled(2 * to, of).thousandths >= scaled.thousandths


def test_servings_are_rounded_to_a_thousandth() -> None:
    assert Quantity.of(1, "").scaled(2, 3).shown == (0.667, "")
    assert Quantity.of(1, "").scaled(1, 3).shown == (0.333, "")
    assert Quantity.of(300, "g").scaled(6, 4).shown == (450.0, "g")
    assert Quantity.of(5, "clove").scaled(2, 4).shown == (2.5, "clove")


@given(st.text(max_size=10))
def test_the_spelling_of_a_unit_is_its_own_spelling(unit: str) -> None:
    assert known_unit(known_unit(unit)) == known_unit(unit)
