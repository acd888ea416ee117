"""A list that comes page by page, in all its states: on its way, nothing there, did not work, rows, more to come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.store.listing import Listing
from client.theme.rules import load_rules
from client.widgets import buttons, panel, rows, states, text

load_rules(__file__, buttons, panel, rows, states, text)

Row = TypeVar("Row")
AsRow = Callable[[Row], Mapping[str, object]]


class ListingView(BoxLayout):
    """Shows a `Listing` (see `show`); what it has no rows for it says with `empty_art` and `empty_sentence`.

    `viewclass` is the class of its rows, `ListRow` unless told otherwise.

    It tells: `on_choose(key)` and `on_act(key)` what was done with a row, `on_more()` that the next page is needed,
    `on_retry()` that the last attempt shall be made again, `on_empty_act()` that the button below `empty_sentence`
    (`empty_action`) was pressed.
    """

    viewclass = StringProperty("ListRow")
    empty_art = StringProperty("plate")
    empty_sentence = StringProperty("")
    empty_action = StringProperty("")
    state = StringProperty("waiting")  # waiting, failed, empty, rows
    error = StringProperty("")
    loading = BooleanProperty(False)
    stale = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self._more_wanted = False
        for event in ("on_choose", "on_act", "on_more", "on_retry", "on_empty_act"):
            self.register_event_type(event)
        super().__init__(**properties)

    def show(self, listing: Listing[Row], as_row: AsRow[Row]) -> None:
        """Show a list; `as_row` makes the properties of one row, with its `key`."""
        self.loading = listing.status == "loading"
        self.error = listing.error
        self.ids.rows.fill([as_row(row) for row in listing.rows])
        self._more_wanted = listing.next_page is not None and listing.status == "loaded"
        # Rows that are here although page 1 could not be had again are what was here last.
        self.stale = listing.status == "failed" and bool(listing.rows)
        self.state = _state_of(listing)
        self.ids.rows.look_ahead()

    def to_top(self) -> None:
        """Back to the first row, as after another search."""
        self.ids.rows.scroll_y = 1

    def near_end(self) -> None:
        """Ask for the next page, once."""
        if self._more_wanted and self.state == "rows":
            self._more_wanted = False
            self.dispatch("on_more")

    def on_choose(self, key: str) -> None:
        """Screens listen."""

    def on_act(self, key: str) -> None:
        """Screens listen."""

    def on_more(self) -> None:
        """Screens listen."""

    def on_retry(self) -> None:
        """Screens listen."""

    def on_empty_act(self) -> None:
        """Screens listen."""


def _state_of(listing: Listing[Any]) -> str:
    if listing.rows:
        return "rows"
    if listing.status == "failed":
        return "failed"
    return "empty" if listing.empty else "waiting"
