"""Numbers that were looked at again and again, and whether they grow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import linear_regression

_HOUR = 3600.0


@dataclass
class Series:
    """One number over time.

    Attributes:
        at: when it was looked at, in seconds since the beginning.
        values: what it was then.
    """

    at: list[float] = field(default_factory=list)
    values: list[float] = field(default_factory=list)

    def add(self, at: float, value: float) -> None:
        """One more look."""
        self.at.append(at)
        self.values.append(value)

    def between(self, first: float, last: float) -> Series:
        """What was seen from `first` to `last`."""
        seen = [(at, value) for at, value in zip(self.at, self.values, strict=True) if first <= at <= last]
        return Series([at for at, _ in seen], [value for _, value in seen])

    def per_hour(self) -> float:
        """How much it grows in an hour, by least squares; nan where it was looked at less than twice."""
        return linear_regression(self.at, self.values).slope * _HOUR if len(self.at) > 1 else float("nan")


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as documents have it."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
