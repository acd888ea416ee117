"""Amounts for people, and what people type."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.store.kitchen.amounts import TypedItem, amount_text, read_typed, scaled


@pytest.mark.parametrize(
    ("amount", "unit", "words"),
    [
        (None, "", ""),
        (1, "", "1"),
        (0.5, "", "½"),
        (1.5, "tbsp", "1½ tbsp"),
        (1 / 3, "cup", "⅓ cup"),
        (2 + 2 / 3, "", "2⅔"),
        (0.01, "tsp", "⅛ tsp"),
        (1.97, "", "2"),
        (24.4, "", "24"),
        (750, "g", "750 g"),
        (333.333, "g", "333 g"),
        (2.5, "g", "2.5 g"),
        (1250, "g", "1.25 kg"),
        (1000, "ml", "1 l"),
        (0.25, "kg", "0.25 kg"),
        (0.01, "g", "0.1 g"),
    ],
)
def test_amounts_are_written_as_cooks_do(amount: float | None, unit: str, words: str) -> None:
    assert amount_text(amount, unit) == words


@given(st.floats(0.001, 100_000), st.sampled_from(["", "g", "kg", "ml", "tbsp", "can"]))
def test_whatever_is_needed_is_never_shown_as_nothing(amount: float, unit: str) -> None:
    assert amount_text(amount, unit).removesuffix(unit).strip() not in {"", "0"}


def test_amounts_follow_the_servings() -> None:
    assert scaled(500, servings=3, of=2) == 750
    assert scaled(1, servings=1, of=4) == 0.25


@pytest.mark.parametrize(
    ("words", "typed"),
    [
        ("eggs", TypedItem("eggs")),
        ("  oat   milk ", TypedItem("oat milk")),
        ("12 eggs", TypedItem("eggs", 12)),
        ("1.5 kg flour", TypedItem("flour", 1.5, "kg")),
        ("1,5 kg flour", TypedItem("flour", 1.5, "kg")),
        ("500g spaghetti", TypedItem("spaghetti", 500, "g")),
        ("½ lemon", TypedItem("lemon", 0.5)),
        ("1½ tbsp olive oil", TypedItem("olive oil", 1.5, "tbsp")),
        ("1/2 Cup rice", TypedItem("rice", 0.5, "cup")),
        ("2 x butter", TypedItem("butter", 2)),
        ("2 big onions", TypedItem("big onions", 2)),
        ("7up", TypedItem("7up")),
        ("2 kg", TypedItem("kg", 2)),
        ("42", TypedItem("42")),
        ("0 eggs", TypedItem("0 eggs")),
        ("1/0 eggs", TypedItem("1/0 eggs")),
        ("   ", TypedItem("")),
    ],
)
def test_what_is_typed_is_understood(words: str, typed: TypedItem) -> None:
    assert read_typed(words) == typed


@given(st.text(max_size=40))
def test_nothing_that_is_typed_gets_lost(words: str) -> None:
    typed = read_typed(words)
    assert bool(typed.name) == bool(words.split())
    assert typed.amount is None or typed.amount > 0
