"""What people read of their mistakes: what to send instead, and nothing of patterns or of the library."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from pydantic import AfterValidator, EmailStr, Field, StringConstraints, ValidationError

from backend.http.problems import invalid_input
from backend.http.schemas import Body, Id


def _never(_name: str) -> str:
    raise ValueError("Please enter another name.")


class Order(Body):
    """A field of each kind."""

    id: Id = "0" * 24
    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{6}$")] = "ABCDEF"
    text: str = Field("dinner", min_length=2, max_length=8)
    tags: list[str] = Field(["one"], min_length=1, max_length=2)
    price: int = Field(1, ge=1, le=4)
    share: float = Field(0.5, gt=0, lt=1)
    kind: Literal["recipe", "restaurant"] = "recipe"
    now: bool = True
    email: EmailStr = "ada@example.com"
    name: Annotated[str, AfterValidator(_never)] = "Ada"


class Needed(Body):
    """One field that cannot be left out."""

    here: str


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("id", "xyz", "This is no id. Send it as the API gave it: 24 characters of 0-9 and a-f."),
        (
            "code",
            "abc",
            "This is not written as it must be. Send it as the API gave it, or as its documentation says.",
        ),
        ("text", "x", "Send at least 2 characters."),
        ("text", "x" * 9, "Send at most 8 characters."),
        ("text", 5, "Send text here."),
        ("text", "\ud800", "This is no valid text. Send UTF-8 without lone surrogates."),
        ("tags", [], "Send at least 1 entry."),
        ("tags", ["a", "b", "c"], "Send at most 2 entries."),
        ("tags", {}, "Send a JSON list here."),
        ("price", 0, "Send 1 or more."),
        ("price", 5, "Send 4 or less."),
        ("price", 1.5, "Send a whole number."),
        ("share", 0, "Send a number above 0."),
        ("share", 1, "Send a number below 1."),
        ("share", "x", "Send a number."),
        ("kind", "drink", "Send one of these: 'recipe' or 'restaurant'."),
        ("now", "perhaps", "Send true or false."),
        ("email", "ada", "This is no e-mail address. Send one like name@example.com."),
        ("name", "Eve", "Please enter another name."),
        ("other", 1, "There is no such field here. Leave it out."),
    ],
)
def test_each_mistake_says_what_to_send(field: str, value: Any, said: str) -> None:
    with pytest.raises(ValidationError) as found:
        Order.model_validate({field: value})
    (error,) = invalid_input(found.value).errors
    assert (error.field, error.message) == (field, said)


def test_what_is_missing_is_asked_for() -> None:
    with pytest.raises(ValidationError) as found:
        Needed.model_validate({})
    (error,) = invalid_input(found.value).errors
    assert (error.field, error.message) == ("here", "This is missing. Send it too.")
