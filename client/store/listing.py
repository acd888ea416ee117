"""What is known of a list that the server gives out page by page, or of a single thing that has to be fetched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Literal, TypeAlias, TypeVar

Row = TypeVar("Row")
Thing = TypeVar("Thing")

LoadStatus: TypeAlias = Literal["idle", "loading", "loaded", "failed"]

# Without slots: in Python 3.11 a frozen, generic dataclass with slots cannot be made as `Listing[Card]()`.


@dataclass(frozen=True)
class Listing(Generic[Row]):
    """The rows so far. `error` is a sentence where the last attempt failed; what was there before stays.

    `next_page` is the number of the page to ask for next, None once all rows are here. `total` counts them all.
    """

    rows: tuple[Row, ...] = ()
    status: LoadStatus = "idle"
    error: str = ""
    next_page: int | None = 1
    total: int | None = None

    @property
    def empty(self) -> bool:
        """Whether it is known that there is nothing."""
        return self.status == "loaded" and not self.rows

    def loading(self) -> Listing[Row]:
        """While the next page is on its way."""
        return replace(self, status="loading", error="")

    def with_page(self, number: int, rows: tuple[Row, ...], *, total: int, has_more: bool) -> Listing[Row]:
        """With a page that has come; page 1 begins anew, and one that was not asked for changes nothing."""
        if number not in {1, self.next_page}:
            return self
        known = () if number == 1 else self.rows
        return Listing((*known, *rows), "loaded", next_page=number + 1 if has_more else None, total=total)

    def with_page_of(
        self, number: int, rows: tuple[Row, ...], name: Callable[[Row], str], *, total: int, has_more: bool
    ) -> Listing[Row]:
        """As `with_page`, for rows that `name` tells apart: none is there twice, and page 1 keeps what comes after it.

        What comes after page 1 are the rows behind the last one that is on it. Where none is, it begins anew.
        """
        if number != 1:
            known = set(map(name, self.rows))
            fresh = tuple(row for row in rows if name(row) not in known)
            return self.with_page(number, fresh, total=total, has_more=has_more)
        fresh_names = set(map(name, rows))
        places = [place for place, row in enumerate(self.rows) if name(row) in fresh_names]
        after = self.rows[places[-1] + 1 :] if has_more and places else ()
        begun = self.with_page(1, rows, total=total, has_more=has_more)
        if not after:
            return begun
        together = (*rows, *after)
        # Rows that are new or gone have moved the pages: the next one is that of the first row that is missing.
        next_page = len(together) // len(rows) + 1 if len(together) < total else None
        return replace(begun, rows=together, next_page=next_page)

    def failed(self, error: str) -> Listing[Row]:
        """With what went wrong, in a sentence."""
        return replace(self, status="failed", error=error)


@dataclass(frozen=True)
class Fetched(Generic[Thing]):
    """One thing, as it was when it was last fetched; `error` as in `Listing`."""

    thing: Thing | None = None
    status: LoadStatus = "idle"
    error: str = ""

    def loading(self) -> Fetched[Thing]:
        """While it is on its way; what was there before is shown meanwhile."""
        return replace(self, status="loading", error="")

    def failed(self, error: str) -> Fetched[Thing]:
        """With what went wrong, in a sentence."""
        return replace(self, status="failed", error=error)


def fetched(thing: Thing) -> Fetched[Thing]:
    """Here it is."""
    return Fetched(thing, "loaded")
