"""What a chat message may look like (docs/product.md S14)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.sessions.texts import MAX_MESSAGE, clean_message


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("Thai again?", "Thai again?"),
        ("  Thai again?\n\n", "Thai again?"),
        ("first\r\nsecond\nthird", "first\nsecond\nthird"),
        ("cafe\u0301", "caf\u00e9"),
        ("👩\u200d🍳", "👩\u200d🍳"),
        ("7", "7"),
        ("?", "?"),
        ("+", "+"),
    ],
)
def test_is_trimmed_and_in_one_spelling(raw: str, clean: str) -> None:
    assert clean_message(raw) == clean


@given(st.text(max_size=600))
def test_what_comes_out_is_plain_short_and_stays_as_it_is(raw: str) -> None:
    try:
        text = clean_message(raw)
    except ValueError:
        return
    assert 0 < len(text) <= 500
    assert text == text.strip() == unicodedata.normalize("NFC", text) == clean_message(text)
    assert not any(unicodedata.category(c) in {"Cc", "Cs", "Co", "Cn"} for c in text if c != "\n")


@given(st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=100))
def test_letters_digits_punctuation_and_symbols_are_welcome(raw: str) -> None:
    assert clean_message(raw) == unicodedata.normalize("NFC", raw)


def test_as_it_is_sent_it_has_at_most_500_characters() -> None:
    assert len(clean_message("x" * MAX_MESSAGE)) == MAX_MESSAGE == 500
    assert clean_message(" " * 9 + "x" * 500) == "x" * 500
    with pytest.raises(ValueError, match=r"^Please use at most 500 characters\.$"):
        clean_message("x" * 501)


@pytest.mark.parametrize("raw", ["a\tb", "a\rb", "a\u202eb", "\u200b", "a\ud800", "a\ue000", "a\u2028b"])
def test_what_screens_could_not_show_is_refused(raw: str) -> None:
    refusal = r"^Please use letters, digits, spaces, punctuation and emoji only\.$"
    with pytest.raises(ValueError, match=refusal):
        clean_message(raw)


@pytest.mark.parametrize("raw", ["", "   ", "\n", "\u200d", "\u0301"])
def test_what_nobody_could_see_is_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"^Please write something that others can see\.$"):
        clean_message(raw)


def test_three_accents_on_a_letter_are_enough() -> None:
    assert clean_message("x" + "\u0301" * 3) == "x" + "\u0301" * 3
    with pytest.raises(ValueError, match=r"^Please use fewer accents on one letter\.$"):
        clean_message("x" + "\u0301" * 4)
