"""Words to read before one agrees to them: a sheet that shows a long text, and the line that leads to it."""

from __future__ import annotations

import re
from typing import Any

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.theme.rules import load_rules
from client.widgets import buttons, panel, sheet, text
from client.widgets.sheet import Sheet

load_rules(__file__, buttons, panel, sheet, text)


def heading_of(markdown: str) -> str:
    """The first heading of a text; empty where there is none."""
    found = re.search(r"^# +(.+)$", markdown, re.MULTILINE)
    return found[1] if found else ""


def words_of(markdown: str) -> str:
    """What a text says after its heading, for people: points get a dot and a distance, emphasis goes."""
    body = re.sub(r"^# .*$\n*", "", markdown, count=1, flags=re.MULTILINE)
    plain = re.sub(r"\*\*(.+?)\*\*", r"\1", body)
    return re.sub(r"\n*^- ", "\n\n•  ", plain, flags=re.MULTILINE).strip()


class Section(BoxLayout):
    """One text under its heading."""

    heading = StringProperty("")
    words = StringProperty("")


class ReadingSheet(Sheet):
    """Texts as long as they like to be, on a sheet that never covers the whole screen."""

    def read(self, *markdowns: str) -> None:
        """Show texts one after another, from the beginning."""
        self.ids.sections.clear_widgets()
        for markdown in markdowns:
            self.ids.sections.add_widget(Section(heading=heading_of(markdown), words=words_of(markdown)))
        self.ids.scroll.scroll_y = 1
        self.show()


class AcceptingLine(BoxLayout):
    """Says what one accepts by going on. `on_read()` wants to see it."""

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_read")
        super().__init__(**properties)

    def on_read(self) -> None:
        """The screen listens."""
