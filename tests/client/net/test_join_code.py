"""Codes as they are typed, and the links that carry them."""

from __future__ import annotations

import pytest

from client.join_code import LinkError, code_of_link, typed_code


@pytest.mark.parametrize(
    ("raw", "code"), [("k7m-q4p", "K7MQ4P"), ("  a b ", "AB"), ("ABCDEFGH", "ABCDEF"), ("äö1", "1")]
)
def test_typed_code(raw: str, code: str) -> None:
    assert typed_code(raw) == code


@pytest.mark.parametrize(
    "link",
    [
        "dindin://join/K7MQ4P",
        "DINDIN://JOIN/k7mq4p",
        "dindin://join/K7M%20Q4P/",
        "dindin://join/k7m-q4p?from=page",
    ],
)
def test_an_invitation_has_its_code(link: str) -> None:
    assert code_of_link(link) == "K7MQ4P"


@pytest.mark.parametrize(
    "link",
    [
        "dindin://join/", "dindin://join/K7MQ4", "dindin://join/K7MQ4PX", "dindin://join/K7M/Q4P", "dindin://[",
        "dindin://join/K7MQ4ä", "dindin://group/K7MQ4P", "https://join/K7MQ4P", "K7MQ4P", "dindin:join/K7MQ4P",
    ],
)  # fmt: skip
def test_what_is_no_invitation_is_refused_with_an_example(link: str) -> None:
    with pytest.raises(LinkError, match="dindin://join/K7MQ4P"):
        code_of_link(link)
