"""The frame around all screens: paper, the connection banner, notices, questions."""

from __future__ import annotations

from typing import Any

from kivy.uix.floatlayout import FloatLayout

from client.screens.navigator import Navigator
from client.screens.ports import Ports
from client.screens.routing import route_for
from client.store.state import AppState, Connection
from client.theme.rules import load_rules
from client.widgets import banner

load_rules(__file__, banner)


class Shell(FloatLayout):
    """The root of the window."""

    def __init__(self, ports: Ports, **properties: Any) -> None:
        super().__init__(**properties)
        self._ports = ports
        self.navigator = Navigator(ports)
        self.ids.column.add_widget(self.navigator)
        self.navigator.bind(on_ask=lambda _navigator, *question: self.ids.question.ask(*question))
        self.ids.banner.bind(on_retry=lambda _banner: ports.commands.retry_now())
        self.ids.notice.bind(on_dismiss=lambda _notice: ports.commands.dismiss_notice())
        store = ports.store
        self._stops = [
            store.subscribe(route_for, self.navigator.follow),
            store.subscribe(route_for, lambda _route: self.ids.question.close()),
            store.subscribe(_line, self._show_line, fire_now=True),
            store.subscribe(lambda state: state.notice, self.ids.notice.show, fire_now=True),
        ]

    def key(self, name: str) -> bool:
        """A key by its name; True when somebody has used it."""
        question = self.ids.question
        if name == "escape":
            if question.open:
                question.close()
                return True
            return self.navigator.go_back()
        return not question.open and self.navigator.key(name)

    def detach(self) -> None:
        """Stop listening to the store, for the end of the app."""
        for stop in self._stops:
            stop()

    def _show_line(self, line: tuple[Connection, bool, int]) -> None:
        connection, in_session, pending_swipes = line
        self.ids.banner.show(connection, in_session, pending_swipes)


def _line(state: AppState) -> tuple[Connection, bool, int]:
    return state.connection, state.open_session_id is not None, state.pending_swipes
