"""Rows of long lists, of which only those in sight exist (docs/product.md K7), and headings between parts.

A list is filled with one dict of properties per row (see `ListRow`), each with a `key` that tells it from the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from kivy.metrics import dp
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.recycleview import RecycleView
from kivy.uix.recycleview.views import RecycleDataViewBehavior

from client.theme.active import theme
from client.theme.rules import load_rules
from client.widgets import buttons, focus, panel, picture, text
from client.widgets.focus import Reachable
from client.widgets.measuring import MOST_LINES, height_of, width_of

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
    # What a row is without more: Kivy makes rows of one list from those of another, with all that they had.
    plain: ClassVar[Mapping[str, object]] = {}

    @classmethod
    def height_for(cls, row: Mapping[str, Any], width: float) -> float:
        """How high a row with these properties is in a list so wide, in pixels; 0 for as high as usual."""
        del row, width
        return 0

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

    `marked` shows the button as switched on, `note` is a short word in front of it, `rated` where that is a rating and
    has a star beside it. Without `icon` a chevron stands there, unless the row leads nowhere (`leads`). `pictures` is
    where pictures come from. The subtitle may have so many `lines`.
    """

    pictures = ObjectProperty(None, allownone=True)
    url = StringProperty("")
    blurhash = StringProperty("")
    art = StringProperty("")
    sign = StringProperty("")
    title = StringProperty("")
    subtitle = StringProperty("")
    note = StringProperty("")
    rated = BooleanProperty(False)
    lines = NumericProperty(1)
    icon = StringProperty("")
    marked = BooleanProperty(False)
    leads = BooleanProperty(True)
    plain: ClassVar[Mapping[str, object]] = {
        **dict.fromkeys(("url", "blurhash", "art", "sign", "title", "subtitle", "note", "icon"), ""),
        "marked": False,
        "rated": False,
        "lines": 1,
        "leads": True,
    }

    @classmethod
    def height_for(cls, row: Mapping[str, Any], width: float) -> float:
        """Titles and most subtitles have one line each, but with large text as many as they need."""
        lines = MOST_LINES if theme.large_text else row.get("lines", 1)
        if lines == 1:
            return 0
        room = width - theme.edge - theme.small - cls.width_beside(row)
        most = MOST_LINES if theme.large_text else 1
        title = height_of(row.get("title", ""), room, theme.size_body, most, bold=True)
        subtitle = height_of(row.get("subtitle", ""), room, theme.size_label, lines)
        return float(max(dp(72), title + subtitle + 2 * theme.gap))

    @classmethod
    def width_beside(cls, row: Mapping[str, Any]) -> float:
        """What stands beside title and subtitle: see the rule of this class."""
        picture = dp(56) if row.get("url") or row.get("blurhash") else dp(44) if row.get("art") else 0
        sign = dp(24) * theme.icon_scale * 1.15 if row.get("sign") else 0
        note = width_of(row["note"], theme.size_label) if row.get("note") else 0
        star = dp(16) * theme.icon_scale * 1.15 if row.get("rated") else 0
        end = dp(48) if row.get("icon") else dp(36) if row.get("leads", True) else 0
        return float(end + star + sum(part + theme.medium for part in (picture, sign, note) if part))

    def on_release(self) -> None:
        if self.leads:
            self.choose()


class Rows(RecycleView):
    """The list itself: `on_choose(key)`, `on_act(key)`, and `on_near_end()` while few rows are left below.

    `row_height` is how high rows are whose class says nothing else, see `RecycledRow.height_for`.
    """

    data: Any  # Kivy's property: one dict of properties per row
    viewclass: Any  # Kivy's property
    row_height = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        for event in ("on_choose", "on_act", "on_near_end"):
            self.register_event_type(event)
        super().__init__(**properties)
        self._rows: Sequence[Mapping[str, Any]] = ()
        self.bind(scroll_y=self.look_ahead, height=self.look_ahead)
        self.bind(width=self._measure, row_height=self._measure)

    def fill(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Show these rows."""
        self._rows = rows
        self._measure()

    def on_choose(self, key: str) -> None:
        """A row was pressed; screens listen."""

    def on_act(self, key: str) -> None:
        """The button of a row was pressed; screens listen."""

    def on_near_end(self) -> None:
        """More rows will be needed soon; screens listen."""

    def look_ahead(self, *_: Any) -> None:
        """Tell when the end comes near."""
        # Computed, because the rows get their places only when the next frame is drawn.
        length = sum(row.get("height", self.row_height) for row in self.data)
        below = max(self.scroll_y, 0) * max(length - self.height, 0)
        if below < SCREENS_AHEAD * self.height:
            self.dispatch("on_near_end")

    def _measure(self, *_: Any) -> None:
        kind = self.viewclass  # the class: Kivy looks its name up
        measured = []
        for row in self._rows:
            height = kind.height_for(row, self.width)
            measured.append({**kind.plain, **row, **({"height": height} if height else {})})
        self.data = measured
