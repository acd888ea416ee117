"""Reading fields of JSON objects with their types checked; what is wrong is said with its place."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, TypeGuard, TypeVar

from client.net.errors import FrameError

Choice = TypeVar("Choice", bound=str)

_LARGEST_INTEGER = 2**53


def _is_integer(value: object) -> TypeGuard[int]:
    """Whether JSON carries this whole number exactly."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _LARGEST_INTEGER


class Fields:
    """One JSON object, at `place` in what the server sent. Every reader raises `FrameError` on a wrong type.

    Fields that are not asked for are ignored: a later server may send more.
    """

    def __init__(self, content: object, place: str) -> None:
        if not isinstance(content, Mapping):
            raise FrameError(f"{place} is not an object")
        self._content: Mapping[str, Any] = content
        self._place = place

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._content.get(name) is not None

    def raw(self, name: str) -> object:
        """The field as JSON; None when it is missing."""
        return self._content.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """A string."""
        value = self._content.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise self._wrong(name, "text")
        return value

    def integer(self, name: str, default: int | None = None) -> int:
        """A whole number that JSON carries exactly."""
        value = self._content.get(name)
        if value is None and default is not None:
            return default
        if not _is_integer(value):
            raise self._wrong(name, "a whole number")
        return value

    def number(self, name: str) -> float:
        """A finite number."""
        value = self._content.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self._wrong(name, "a number")
        if abs(value) > _LARGEST_INTEGER or not math.isfinite(value):
            raise self._wrong(name, "a number of reasonable size")
        return float(value)

    def flag(self, name: str, default: bool | None = None) -> bool:
        """True or false."""
        value = self._content.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false")
        return value

    def choice(self, name: str, choices: Iterable[Choice], default: Choice | None = None) -> Choice:
        """One of the given words."""
        value = self._content.get(name)
        if value is None and default is not None:
            return default
        for choice in choices:
            if value == choice:
                return choice
        raise self._wrong(name, f"one of {', '.join(sorted(choices))}")

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings; missing is empty."""
        value = self._content.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise self._wrong(name, "a list of texts")
        return tuple(value)

    def integers(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers; missing is empty."""
        value = self._content.get(name)
        if value is None:
            return ()
        if not isinstance(value, list) or not all(_is_integer(entry) for entry in value):
            raise self._wrong(name, "a list of whole numbers")
        return tuple(value)

    def moment(self, name: str) -> float:
        """A time in ISO 8601 with its zone, as epoch seconds."""
        value = self._content.get(name)
        try:
            moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            raise self._wrong(name, "a time in ISO 8601 with its zone")
        return moment.timestamp()

    def optional_moment(self, name: str) -> float | None:
        """A time, or None."""
        return self.moment(name) if self.has(name) else None

    def object(self, name: str) -> Fields:
        """An object within this one."""
        return Fields(self._content.get(name), f"{self._place}.{name}")

    def objects(self, name: str) -> tuple[Fields, ...]:
        """A list of objects."""
        value = self._content.get(name)
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return tuple(Fields(entry, f"{self._place}.{name}[{index}]") for index, entry in enumerate(value))

    def names(self) -> tuple[str, ...]:
        """The names of the fields that are there."""
        return tuple(self._content)

    def _wrong(self, name: str, expected: str) -> FrameError:
        return FrameError(f"{self._place}.{name} is not {expected}")
