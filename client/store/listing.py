"""What is known of a list that the server gives out page by page, or of a single thing that has to be fetched."""

from __future__ import annotations

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
