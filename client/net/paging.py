"""Lists that the server gives out page by page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from client.net.fields import Fields

Row = TypeVar("Row")

PAGE_SIZE = 30
"""Rows asked for at a time: a few screens full, so that the next page comes before anybody waits for it."""


# Without slots: in Python 3.11 a frozen, generic dataclass with slots cannot be made as `Page[Card]()`.
@dataclass(frozen=True)
class Page(Generic[Row]):
    """The page with this `number`, counted from 1; `total` counts the rows of all pages."""

    rows: tuple[Row, ...]
    number: int
    total: int
    has_more: bool


def read_page(fields: Fields, read_row: Callable[[Fields], Row]) -> Page[Row]:
    """A page whose rows `read_row` understands."""
    return Page(
        rows=tuple(read_row(row) for row in fields.objects("items")),
        number=fields.integer("page"),
        total=fields.integer("total"),
        has_more=fields.flag("has_more"),
    )
