"""What is kept of an error says where it was, and nothing that it said."""

from __future__ import annotations

import pytest

from backend.errors import NotFound
from worker.failures import without_words

ADDRESS = "somebody@example.com"


def raised(error: Exception, cause: Exception | None = None) -> Exception:
    """The error, as it is caught."""
    with pytest.raises(type(error)) as caught:
        raise error from cause
    return caught.value


def test_it_says_where_and_of_which_class() -> None:
    told = without_words(raised(ValueError(ADDRESS)))
    assert "test_failures.py" in told
    assert told.splitlines()[-1] == "builtins.ValueError"
    assert ADDRESS not in told


def test_our_own_errors_have_codes() -> None:
    told = without_words(raised(NotFound(f"There is no {ADDRESS}.", code="user_not_found")))
    assert told.splitlines()[-1] == "backend.errors.NotFound (user_not_found)"


def test_what_it_came_from_is_told_first_and_without_words() -> None:
    cause = raised(KeyError(ADDRESS))
    told = without_words(raised(RuntimeError(ADDRESS), cause))
    assert told.index("builtins.KeyError") < told.index("builtins.RuntimeError")
    assert ADDRESS not in told


def test_what_was_being_handled_is_told_unless_it_was_hidden() -> None:
    def fail(*, hiding: bool) -> None:
        try:
            {}[ADDRESS]
        except KeyError:
            if hiding:
                raise RuntimeError from None
            raise RuntimeError  # noqa: B904  # that is what is tried

    for hiding in (False, True):
        with pytest.raises(RuntimeError) as caught:
            fail(hiding=hiding)
        assert ("builtins.KeyError" in without_words(caught.value)) is not hiding
