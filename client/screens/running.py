"""Sessions that the user can go back into, as on another device of theirs, one tap away (docs/product.md S16, K2)."""

from __future__ import annotations

from collections.abc import Sequence

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from client.net.people_values import RunningSession
from client.screens.decisions import with_whom
from client.theme.rules import load_rules
from client.widgets import buttons, panel, text
from client.widgets.panel import Panel

load_rules(__file__, buttons, panel, text)


class RunningBanner(Panel):
    """Who is still deciding with the user; `on_return()` wants to be there again."""

    words = StringProperty("")
    busy = BooleanProperty(False)

    def __init__(self, **properties: object) -> None:
        self.register_event_type("on_return")
        super().__init__(**properties)

    def on_return(self) -> None:
        """The list listens."""


class RunningList(BoxLayout):
    """A banner for each; `on_return(session_id)` passes on which one the user wants back into."""

    busy = BooleanProperty(False)

    def __init__(self, **properties: object) -> None:
        self.register_event_type("on_return")
        super().__init__(**properties)

    def show(self, sessions: Sequence[RunningSession], own_name: str) -> None:
        """Show exactly these, in this order, to somebody who is called `own_name` in them."""
        self.clear_widgets()
        for session in sessions:
            self.add_widget(self._banner(session, own_name))

    def on_return(self, session_id: str) -> None:
        """The screen listens."""

    def on_busy(self, _list: RunningList, busy: bool) -> None:
        for banner in self.children:
            banner.busy = busy

    def _banner(self, session: RunningSession, own_name: str) -> RunningBanner:
        banner = RunningBanner(words=with_whom(session.people, own_name), busy=self.busy)
        banner.bind(on_return=lambda _banner: self.dispatch("on_return", session.id))
        return banner
