"""Where people type: labelled fields with their error beneath, and the six boxes of a join code."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.core.text import Label as Measure
from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.behaviors import FocusBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from client.join_code import CODE_LENGTH, typed_code
from client.theme.rules import load_rules
from client.widgets import buttons, focus, panel, text
from client.widgets.focus import TypingLine

load_rules(__file__, buttons, focus, panel, text)


class SingleLine(TypingLine):
    """A single line; Enter reports `on_text_validate`, Tab goes on to the next field."""


class Field(BoxLayout):
    """A label, a line to type in, and what is wrong with it.

    `crowded` says that the hint is too long for the line: then it stands above, whole.
    """

    label = StringProperty("")
    text = StringProperty("")
    hint = StringProperty("")
    icon = StringProperty("")
    error = StringProperty("")
    secret = BooleanProperty(False)
    revealed = BooleanProperty(False)
    focused = BooleanProperty(False)
    crowded = BooleanProperty(False)
    input_type = StringProperty("text")

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_submit")
        super().__init__(**properties)

    def on_kv_post(self, _base: Widget) -> None:
        """The line exists from here on."""
        self.bind(hint=self._measure)
        self.ids.line.bind(width=self._measure, font_size=self._measure)
        self._measure()

    def _measure(self, *_: Any) -> None:
        line = self.ids.line
        width, _height = Measure(font_name=line.font_name, font_size=line.font_size).get_extents(self.hint)
        self.crowded = width > line.width > 0

    def on_submit(self) -> None:
        """Enter was pressed; screens listen."""

    def fill_in(self, words: str) -> None:
        """Put something in that the user has not typed, and show its beginning should it be too long."""
        self.text = words
        Clock.schedule_once(lambda _: self.ids.line.do_cursor_movement("cursor_home"))

    def focus_next(self) -> None:
        """Hand the cursor to the next field, as Tab does."""
        following = self.ids.line.get_focus_next()
        if following is not None:
            following.focus = True


class CodeLine(TypingLine):
    """Takes the keystrokes for the boxes; never seen itself."""

    def insert_text(self, substring: str, from_undo: bool = False) -> None:
        room = CODE_LENGTH - len(self.text)
        super().insert_text(typed_code(substring)[:room], from_undo=from_undo)


class CodeBox(Widget):
    """One character of the code."""

    character = StringProperty("")
    current = BooleanProperty(False)


class CodeField(BoxLayout):
    """Six boxes; `text` is what has been typed so far, `on_submit` reports Enter on a whole code."""

    text = StringProperty("")
    error = StringProperty("")
    complete = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_submit")
        super().__init__(**properties)

    def on_kv_post(self, _base: Widget) -> None:
        """The parts named in the rules exist from here on."""
        for _ in range(CODE_LENGTH):
            self.ids.row.add_widget(CodeBox())
        self.bind(text=self._show)
        self.ids.line.bind(focus=self._show, text=self._typed)
        self._show()

    def on_submit(self) -> None:
        """The code is whole and Enter was pressed; screens listen."""

    def submit(self) -> None:
        """Report a whole code; an unfinished one stays."""
        if self.complete:
            self.dispatch("on_submit")

    def on_touch_down(self, touch: Any) -> bool:
        if self.ids.row.collide_point(*touch.pos):
            self.ids.line.focus = True
            # The line would take a touch outside itself for a wish to let go of the cursor.
            FocusBehavior.ignored_touch.append(touch)
            return True
        return bool(super().on_touch_down(touch))

    def _typed(self, _line: CodeLine, typed: str) -> None:
        self.text = typed

    def _show(self, *_: Any) -> None:
        self.complete = len(self.text) == CODE_LENGTH
        self.ids.line.text = self.text
        boxes = reversed(self.ids.row.children)
        for position, box in enumerate(boxes):
            box.character = self.text[position : position + 1]
            box.current = self.ids.line.focus and position == min(len(self.text), CODE_LENGTH - 1)
