"""In the place of a screen that failed: one sentence, and a way on (docs/product.md K6)."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty
from kivy.uix.anchorlayout import AnchorLayout

from client.theme.rules import load_rules
from client.widgets import buttons, panel, states

load_rules(__file__, buttons, panel, states)


class Fallback(AnchorLayout):
    """`on_retry()` wants the screen built anew, `on_back()` the one beneath, where there is one (`leads_back`)."""

    leads_back = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_retry")
        self.register_event_type("on_back")
        super().__init__(**properties)

    def on_retry(self) -> None:
        """The shell listens."""

    def on_back(self) -> None:
        """The shell listens."""
