"""Rows of long lists, of which only those in sight exist (docs/product.md K7), and headings between parts.

A list is filled with one dict of properties per row (see `ListRow`), each with a `key` that tells it from the others.
"""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.recycleview import RecycleView
from kivy.uix.recycleview.views import RecycleDataViewBehavior

from client.theme.rules import load_rules
from client.widgets import buttons, focus, panel, picture, text
from client.widgets.focus import Reachable

load_rules(__file__, buttons, focus, panel, picture, text)

# The next page is asked for when less than this many screens of rows are left below.
SCREENS_AHEAD = 1.5


class SectionHeading(BoxLayout):
    """The name of a part of a list, and perhaps a `link` that leads to all of it (`on_more()`)."""

    text = StringProperty("")
    link = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_more")
        super().__init__(**properties)

    def on_more(self) -> None:
        """The link was pressed; screens listen."""


class RecycledRow(RecycleDataViewBehavior, Reachable):
    """What each class of rows starts from: it knows its list and tells it what was done with which `key`."""

    key = StringProperty("")
    rows: Any = ObjectProperty(None, allownone=True)

    def refresh_view_attrs(self, rows: RecycleView, index: int, row: dict[str, Any]) -> None:
        """Become the row `index` of the list."""
        self.rows = rows
        self.ringed = False
        super().refresh_view_attrs(rows, index, row)

    def choose(self) -> None:
        """Tell the list that this row was pressed."""
        self.rows.dispatch("on_choose", self.key)

    def act(self) -> None:
        """Tell the list that the button at the end of this row was pressed."""
        self.rows.dispatch("on_act", self.key)


class ListRow(RecycledRow, ButtonBehavior, BoxLayout):
    """A picture (`url` with `blurhash`, or else `art` or a `sign`), title and subtitle, a button at the end (`icon`).

    `marked` shows the button as switched on, `note` is a short word in front of it. Without `icon` a chevron stands
    there, unless the row leads nowhere (`leads`). `pictures` is where pictures come from.
    """

    pictures = ObjectProperty(None, allownone=True)
    url = StringProperty("")
    blurhash = StringProperty("")
    art = StringProperty("")
    sign = StringProperty("")
    title = StringProperty("")
    subtitle = StringProperty("")
    note = StringProperty("")
    icon = StringProperty("")
    marked = BooleanProperty(False)
    leads = BooleanProperty(True)

    def on_release(self) -> None:
        if self.leads:
            self.choose()


class Rows(RecycleView):
    """The list itself: `on_choose(key)`, `on_act(key)`, and `on_near_end()` while few rows are left below.

    Every row is `row_height` high; `usual_height` is what a ListRow needs.
    """

    row_height = NumericProperty(0)
    usual_height = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        for event in ("on_choose", "on_act", "on_near_end"):
            self.register_event_type(event)
        super().__init__(**properties)
        self.bind(scroll_y=self.look_ahead, height=self.look_ahead)

    def on_choose(self, key: str) -> None:
        """A row was pressed; screens listen."""

    def on_act(self, key: str) -> None:
        """The button of a row was pressed; screens listen."""

    def on_near_end(self) -> None:
        """More rows will be needed soon; screens listen."""

    def look_ahead(self, *_: Any) -> None:
        """Tell when the end comes near."""
        # Computed, because the rows get their places only when the next frame is drawn.
        below = max(self.scroll_y, 0) * max(len(self.data) * self.row_height - self.height, 0)
        if below < SCREENS_AHEAD * self.height:
            self.dispatch("on_near_end")
