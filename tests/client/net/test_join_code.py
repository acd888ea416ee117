"""Codes as they are typed, and the links that carry them."""

from __future__ import annotations

import pytest

from client.join_code import Invitation, LinkError, code_of_link, group_token, invitation_of_link, typed_code


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


TOKEN = "Kd9_x-2fQwErTyUiOpAsDfGhJkLzXcVb"


@pytest.mark.parametrize(
    "given",
    [
        TOKEN, f"  {TOKEN}\n", f"https://dindin.example/g/{TOKEN}", f"http://127.0.0.1:8000/g/{TOKEN}/",
        f"https://dindin.example/beneath/g/{TOKEN}?from=mail#top", f"dindin://group/{TOKEN}",
        f"DINDIN://GROUP/{TOKEN}/",
    ],
)  # fmt: skip
def test_a_groups_token_is_found_in_whatever_was_pasted(given: str) -> None:
    assert group_token(given) == TOKEN


@pytest.mark.parametrize(
    "given",
    [
        "", "  ", "two words", "https://dindin.example/j/K7MQ4P", "https://dindin.example/g/", "https://[", "/g/",
        f"https://dindin.example/{TOKEN}", f"dindin://join/{TOKEN}", f"dindin://group/other/{TOKEN}", "g/x", "a" * 101,
        f"ftp://dindin.example/g/{TOKEN}", "dindin://group/käse", "dindin://group/",
    ],
)  # fmt: skip
def test_what_is_no_link_to_a_group_is_refused_with_what_one_looks_like(given: str) -> None:
    with pytest.raises(LinkError, match="/g/"):
        group_token(given)


def test_the_app_can_be_started_with_either_invitation() -> None:
    assert invitation_of_link("dindin://join/K7MQ4P") == Invitation(code="K7MQ4P")
    assert invitation_of_link(f"dindin://group/{TOKEN}") == Invitation(group_token=TOKEN)
    for link in ("dindin://group/", "dindin://elsewhere/K7MQ4P"):
        with pytest.raises(LinkError, match="invitation"):
            invitation_of_link(link)
