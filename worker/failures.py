"""What is kept of an error: where in the program it was, never what it said. Messages quote addresses and names."""

from __future__ import annotations

import traceback

from backend.errors import AppError
from backend.jobs.own import RefusedJob


def without_words(error: BaseException) -> str:
    """The traceback of `error`, and of those it came from, with classes in place of messages; last, its class."""
    told: list[str] = []
    one: BaseException | None = error
    while one is not None:
        told.append("".join(traceback.format_tb(one.__traceback__)) + _class_of(one))
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return "\n\nand then:\n\n".join(reversed(told))


def _class_of(error: BaseException) -> str:
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, RefusedJob):
        return f"{name}: {error}"  # its words are about nobody
    return f"{name} ({error.code})" if isinstance(error, AppError) else name
