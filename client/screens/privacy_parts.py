"""What the screen about privacy is made of: a text with its consent, an archive, and the proof of who one is."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.theme.rules import load_rules
from client.widgets import buttons, fields, panel, text

load_rules(__file__, buttons, fields, panel, text)


class ConsentRow(BoxLayout):
    """One text: `on_read_it()` wants to see it, `on_agree()` and `on_withdraw()` decide about it."""

    kind = StringProperty("")
    title = StringProperty("")
    words = StringProperty("")
    given = BooleanProperty(False)
    up_to_date = BooleanProperty(False)
    busy = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        for event in ("on_read_it", "on_agree", "on_withdraw"):
            self.register_event_type(event)
        super().__init__(**properties)

    def on_read_it(self) -> None:
        """The screen listens."""

    def on_agree(self) -> None:
        """The screen listens."""

    def on_withdraw(self) -> None:
        """The screen listens."""


class ProgressTrack(BoxLayout):
    """How far something is: `share` of 1."""

    share = NumericProperty(0)


class ExportRow(BoxLayout):
    """One archive, made or being made. `on_download()` wants it."""

    export_id = StringProperty("")
    title = StringProperty("")
    words = StringProperty("")
    saved = StringProperty("")
    percent = NumericProperty(0)
    under_way = BooleanProperty(False)
    here = BooleanProperty(False)
    downloading = BooleanProperty(False)
    busy = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_download")
        super().__init__(**properties)

    def on_download(self) -> None:
        """The screen listens."""


class ProofForm(BoxLayout):
    """Asks once more who one is, before `yes`: `on_give(password)`, `on_drop()`, `on_log_out()`.

    Guests have no password and are asked for none.
    """

    words = StringProperty("")
    yes = StringProperty("")
    icon = StringProperty("check")
    busy_text = StringProperty("")
    guest = BooleanProperty(False)
    busy = BooleanProperty(False)
    error = StringProperty("")
    log_in_again = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        for event in ("on_give", "on_drop", "on_log_out"):
            self.register_event_type(event)
        super().__init__(**properties)

    def give(self) -> None:
        """Hand over what was typed."""
        if not self.busy:
            self.dispatch("on_give", self.ids.password.text)

    def clear(self) -> None:
        """A password is not left lying around."""
        self.ids.password.text = ""

    def on_give(self, password: str) -> None:
        """The screen listens."""

    def on_drop(self) -> None:
        """The screen listens."""

    def on_log_out(self) -> None:
        """The screen listens."""
