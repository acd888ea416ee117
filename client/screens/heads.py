"""Where a screen says what it is: there nothing may lie on it."""

from __future__ import annotations

from kivy.uix.widget import Widget

from client.widgets.banner import NoticeBar
from client.widgets.countdown import CountdownBar
from client.widgets.text import Heading, Title
from client.widgets.top_bar import TopBar


def title_of(screen: Widget) -> Widget | None:
    """The first thing on a screen that tells where one is: its bar, its title, or how much time is left."""
    kinds = (TopBar, Title, Heading, CountdownBar)
    return next((widget for widget in screen.walk(restrict=True) if isinstance(widget, kinds)), None)


def head_taken(notice: NoticeBar, title: Widget) -> float:
    """How far down a notice must leave the screen free for the title, in pixels; 0 where they do not meet."""
    strip, gap = notice.ids.strip, notice.padding[0]
    foot, top = (title.to_window(title.x, y)[1] for y in (title.y, title.top))
    lowest = notice.top - gap - strip.height
    if foot >= notice.top or top <= lowest:
        return 0
    return float(notice.top - foot)
