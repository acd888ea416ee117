"""What is told of an error: where in the program it was, never what it said. Messages quote addresses and names."""

from __future__ import annotations

import traceback

from backend.errors import AppError


def without_words(error: BaseException, harmless: tuple[type[BaseException], ...] = ()) -> str:
    """The traceback of `error`, and of those it came from, with classes in place of messages; last, its class.

    Args:
        harmless: classes whose words are about nobody, and are told.
    """
    told: list[str] = []
    one: BaseException | None = error
    while one is not None:
        told.append("".join(traceback.format_tb(one.__traceback__)) + class_of(one, harmless))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n\nand then:\n\n".join(reversed(told))


def class_of(error: BaseException, harmless: tuple[type[BaseException], ...] = ()) -> str:
    """The error's class, with the code that an error of ours has."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, harmless):
        return f"{name}: {error}"
    return f"{name} ({error.code})" if isinstance(error, AppError) else name
