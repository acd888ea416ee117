"""What a check finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias

import svcs


class Level(Enum):
    """How bad it is. What could not be looked at is a warning that says so."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        part: what was looked at: `mongodb`, `mail` ...
        said: what was found. Never a secret; addresses only of what people type in themselves.
        to_do: what helps; empty where nothing is wrong.
    """

    level: Level
    part: str
    said: str
    to_do: str = ""


Check: TypeAlias = Callable[[svcs.Container], Iterable[Finding]]
"""Looks at one thing, and takes seconds at most. What it raises becomes a finding."""


def ok(part: str, said: str) -> Finding:
    """As it should be."""
    return Finding(Level.OK, part, said)


def warn(part: str, said: str, to_do: str) -> Finding:
    """It works, and is not as it should be; or nobody can tell."""
    return Finding(Level.WARN, part, said, to_do)


def fail(part: str, said: str, to_do: str) -> Finding:
    """Something does not work, or will be lost."""
    return Finding(Level.FAIL, part, said, to_do)


def count(number: int, of: str) -> str:
    """`1 worker`, `2 workers`."""
    return f"{number} {of}{'' if number == 1 else 's'}"
