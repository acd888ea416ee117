"""The frame around all screens: paper, the connection banner, notices, questions, the chat."""

from __future__ import annotations

from typing import Any

from kivy.uix.floatlayout import FloatLayout

from client.screens.navigator import Navigator
from client.screens.ports import Ports
from client.screens.routing import route_for
from client.store.state import AppState, Connection, Session
from client.theme.rules import load_rules
from client.widgets import banner, reactions, reading, talk

load_rules(__file__, banner, reactions, reading, talk)


class Shell(FloatLayout):
    """The root of the window."""

    def __init__(self, ports: Ports, **properties: Any) -> None:
        super().__init__(**properties)
        self._ports = ports
        self.navigator = Navigator(ports)
        self.ids.column.add_widget(self.navigator)
        self.navigator.bind(on_ask=lambda _navigator, *question: self.ids.question.ask(*question))
        self.navigator.bind(on_read=lambda _navigator, *text: self.ids.reading.read(*text))
        self.navigator.bind(on_talk=lambda _navigator: self.ids.talk.show())
        self.ids.talk.bind(
            on_say=lambda _talk, words: ports.commands.chat(words),
            on_react=lambda _talk, emoji: ports.commands.react(emoji),
            on_seen=lambda _talk: ports.commands.see_messages(),
        )
        self.ids.banner.bind(on_retry=lambda _banner: ports.commands.retry_now())
        self.ids.notice.bind(on_dismiss=lambda _notice: ports.commands.dismiss_notice())
        store = ports.store
        self._stops = [
            store.subscribe(route_for, self.navigator.follow),
            store.subscribe(route_for, lambda _route: self._close_sheets()),
            store.subscribe(_invitation, lambda _new: self.navigator.follow(route_for(store.state))),
            store.subscribe(_talk, self._show_talk, fire_now=True),
            store.subscribe(_line, self._show_line, fire_now=True),
            store.subscribe(lambda state: state.notice, self.ids.notice.show, fire_now=True),
        ]

    def key(self, name: str) -> bool:
        """A key by its name; True when somebody has used it."""
        sheets = (self.ids.question, self.ids.reading, self.ids.talk)
        sheet = next((sheet for sheet in sheets if sheet.open), None)
        if name != "escape":
            return sheet is None and self.navigator.key(name)
        if sheet is None:
            return self.navigator.go_back()
        sheet.close()
        return True

    def detach(self) -> None:
        """Stop listening to the store, for the end of the app."""
        for stop in self._stops:
            stop()

    def _close_sheets(self) -> None:
        self.ids.question.close()
        self.ids.reading.close()
        self.ids.talk.close()

    def _show_talk(self, talk_now: tuple[Session | None, bool, float]) -> None:
        session, online, offset = talk_now
        self.ids.talk.follow(session, online)
        if session is not None:
            self.ids.reactions.follow(session, self._ports.now() + offset)

    def _show_line(self, line: tuple[Connection, bool, int]) -> None:
        connection, in_session, pending_swipes = line
        self.ids.banner.show(connection, in_session, pending_swipes)


def _line(state: AppState) -> tuple[Connection, bool, int]:
    return state.connection, state.open_session_id is not None, state.pending_swipes


def _invitation(state: AppState) -> tuple[str, str]:
    return state.invitation, state.group_invitation


def _talk(state: AppState) -> tuple[Session | None, bool, float]:
    return state.session, state.connection.status == "connected", state.connection.clock_offset
