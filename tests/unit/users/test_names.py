"""Display names: what other people's screens can show."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.users.names import MAX_DISPLAY_NAME, clean_display_name


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("  Ada  ", "Ada"),
        ("Ada   Lovelace", "Ada Lovelace"),
        ("Zoe\u0308", "Zo\u00eb"),
        ("\u5c71\u7530\u592a\u90ce", "\u5c71\u7530\u592a\u90ce"),
        ("O'Brien-Smith", "O'Brien-Smith"),
        ("\U0001f469\u200d\U0001f373 Ada", "\U0001f469\u200d\U0001f373 Ada"),
        ("a" * 40, "a" * 40),
    ],
)
def test_names_that_are_kept(raw: str, name: str) -> None:
    assert clean_display_name(raw) == name


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "   ",
        "\u200d\u200d",
        "a" * 41,
        "a\nb",
        "a\x00b",
        "\u202eadA",
        "a\u2028b",
        "Z\u0337\u0338\u0336\u0335",
        "\ue000",
    ],
    ids=["empty", "blank", "joiners", "long", "newline", "nul", "direction", "line", "zalgo", "private"],
)
def test_names_that_are_refused(raw: str) -> None:
    with pytest.raises(ValueError, match=r"^Please "):
        clean_display_name(raw)


@given(st.text(max_size=60))
def test_what_is_kept_is_clean_and_stays_as_it_is(raw: str) -> None:
    try:
        name = clean_display_name(raw)
    except ValueError:
        return
    assert 0 < len(name) <= MAX_DISPLAY_NAME
    assert name == name.strip() == unicodedata.normalize("NFC", name)
    assert name.isprintable() or "\u200c" in name or "\u200d" in name
    assert clean_display_name(name) == name
