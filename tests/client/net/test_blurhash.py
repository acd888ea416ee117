"""Our decoder of placeholders against the usual one."""

from __future__ import annotations

import blurhash
import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.blurhash import decode
from tests.client.net.examples import CARD

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz#$%*+,-.:;=?@[]^_{|}~"
HASHES = [CARD["blurhash"], "UNPX-5Q-{dxu-qIot6%2{et64:Rjx@%2axM{", "L00000fQfQfQfQfQfQfQfQfQfQfQ", "00TSUA"]


@pytest.mark.parametrize("code", HASHES)
def test_it_draws_what_the_usual_one_draws(code: str) -> None:
    usual = blurhash.decode(code, 32, 32).convert("RGBA").tobytes()
    ours = decode(code, 32, 32)
    assert len(ours) == len(usual)
    assert max(abs(one - other) for one, other in zip(ours, usual, strict=True)) <= 1


@pytest.mark.parametrize(
    "code", ["", "U", "UNPX", "UNPX-5Q-{dxu-qIot6%2{et64:Rjx@%2axM", "00TSU\u00e4", "00TSU "]
)
def test_what_is_none_is_refused(code: str) -> None:
    with pytest.raises(ValueError, match="BlurHash"):
        decode(code, 32, 32)


@given(st.text(DIGITS, max_size=40))
def test_nothing_else_comes_of_any_text(code: str) -> None:
    try:
        assert len(decode(code, 4, 4)) == 4 * 4 * 4
    except ValueError:
        return
