"""The frame around all screens: paper, the bar at the foot, the connection banner, notices, questions, the chat."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.widget import Widget

from client.screens.fallback import Fallback
from client.screens.heads import head_taken, title_of
from client.screens.navigator import Navigator
from client.screens.places import PLACES, Whereabouts, open_places
from client.screens.ports import Ports
from client.screens.routing import Route, route_for
from client.store.group_reducer import session_invitations
from client.store.state import AppState, Connection, Notice, Session
from client.theme.rules import load_rules
from client.widgets import banner, bottom_bar, reactions, reading, talk
from client.widgets.focus import FocusRing
from client.widgets.sheet import Sheet
from client.words import _

load_rules(__file__, banner, bottom_bar, reactions, reading, talk)


class Shell(FloatLayout):
    """The root of the window."""

    def __init__(self, ports: Ports, **properties: Any) -> None:
        super().__init__(**properties)
        self._ports = ports
        self._where = Whereabouts(route_for(ports.store.state))
        self._ring = FocusRing()
        # In the next frame, when what is shown has its place.
        self._keep_title_free = Clock.create_trigger(self._put_notice_below_title)
        self.ids.notice.ids.strip.bind(height=self._keep_title_free)
        self._fallback = Fallback()
        self._fallback.bind(
            on_retry=lambda _fallback: self.navigator.show(),
            on_back=lambda _fallback: self._leave_fallback(),
        )
        bar = self.ids.bar
        bar.offer({place: (PLACES[place].icon, _(PLACES[place].words)) for place in open_places()})
        bar.bind(on_choose=lambda _bar, place: self.navigator.go_to(place))
        self.navigator: Navigator = self._new_navigator()
        self.navigator.show()
        self.ids.talk.bind(
            on_say=lambda _talk, words: ports.commands.chat(words),
            on_react=lambda _talk, emoji: ports.commands.react(emoji),
            on_seen=lambda _talk: ports.commands.see_messages(),
        )
        self.ids.banner.bind(on_retry=lambda _banner: ports.commands.retry_now())
        self.ids.notice.bind(on_dismiss=lambda _notice: ports.commands.dismiss_notice())
        store = ports.store
        self._follow_to_group(store.state.group_invitation)
        self._stops = [
            store.subscribe(route_for, self._follow),
            store.subscribe(route_for, lambda _route: self._close_sheets()),
            store.subscribe(lambda state: state.invitation, self._follow_to_session),
            store.subscribe(lambda state: state.group_invitation, self._follow_to_group),
            store.subscribe(_waiting, lambda waiting: bar.announce("tonight", waiting), fire_now=True),
            store.subscribe(_talk, self._show_talk, fire_now=True),
            store.subscribe(_line, self._show_line, fire_now=True),
            store.subscribe(lambda state: state.notice, self._show_notice, fire_now=True),
        ]

    def key(self, name: str) -> bool:
        """A key by its name; True when somebody has used it."""
        sheets = (self.ids.question, self.ids.reading, self.ids.talk)
        sheet = next((sheet for sheet in sheets if sheet.open), None)
        if name in {"tab", "shift-tab"}:
            return self._ring.move(self._within_reach(), back=name == "shift-tab")
        if name in {"enter", "space"} and self._ring.press():
            return True
        if name != "escape":
            return sheet is None and self.navigator.key(name)
        if sheet is not None:
            sheet.close()
            return True
        return self._leave_fallback() if self._fallback.parent else self.navigator.go_back()

    def on_touch_down(self, touch: Any) -> bool:
        self._ring.leave()
        return bool(super().on_touch_down(touch))

    def fail(self, error: BaseException) -> None:
        """Something failed that is shown: report it and show the way on in its place."""
        self._fall_back(self._where.here.screen, error)

    def detach(self) -> None:
        """Stop listening to the store, for the end of the app."""
        self.navigator.detach()
        for stop in self._stops:
            stop()

    def _new_navigator(self) -> Navigator:
        navigator = Navigator(self._ports, self._where)
        navigator.bind(
            on_ask=lambda _navigator, *question: self.ids.question.ask(*question),
            on_read=lambda _navigator, *text: self.ids.reading.read(*text),
            on_talk=lambda _navigator: self.ids.talk.show(),
            on_broken=lambda _navigator, name, error: self._fall_back(name, error),
            on_shown=self._put_into_column,
            place=self.ids.bar.setter("current"),
            current_screen=self._keep_title_free,
        )
        return navigator

    def _fall_back(self, name: str, error: BaseException) -> None:
        self._ports.reports.report(error, name)
        # Whatever state the failure left its screens in: they are not used again.
        self.navigator.detach()
        self.navigator = self._new_navigator()
        self._fallback.leads_back = self._where.can_go_back
        self._put_into_column(self._fallback)

    def _leave_fallback(self) -> bool:
        left = self._where.go_back()
        if left:
            self.navigator.show()
        return left

    def _put_into_column(self, widget: Widget) -> None:
        if widget.parent is None and (widget is self.navigator or widget is self._fallback):
            self.ids.column.clear_widgets()
            self.ids.column.add_widget(widget)

    def _within_reach(self) -> Widget:
        """What Tab moves through: the sheet that lies on top, or everything."""
        sheets = [widget for widget in self.walk() if isinstance(widget, Sheet) and widget.open]
        return sheets[-1] if sheets else self

    def _follow(self, route: Route) -> None:
        self.navigator.follow(route)
        # A link to a group may have been opened before anybody was logged in.
        self._follow_to_group(self._ports.store.state.group_invitation)

    def _follow_to_session(self, _invitation: str) -> None:
        self.navigator.go_to_start_of("tonight")

    def _follow_to_group(self, invitation: str) -> None:
        if invitation:
            self.navigator.go_to_start_of("groups")

    def _close_sheets(self) -> None:
        self.ids.question.close()
        self.ids.reading.close()
        self.ids.talk.close()

    def _show_talk(self, talk_now: tuple[Session | None, bool, float]) -> None:
        session, online, offset = talk_now
        self.ids.talk.follow(session, online)
        if session is not None:
            self.ids.reactions.follow(session, self._ports.now() + offset)

    def _show_notice(self, notice: Notice | None) -> None:
        self.ids.notice.show(notice)
        self._keep_title_free()

    def _put_notice_below_title(self, *_: Any) -> None:
        notice, screen = self.ids.notice, self.navigator.current_screen
        title = None if screen is None else title_of(screen)
        notice.head = 0 if title is None else head_taken(notice, title)

    def _show_line(self, line: tuple[Connection, bool, int]) -> None:
        connection, in_session, pending_swipes = line
        self.ids.banner.show(connection, in_session, pending_swipes)


def _line(state: AppState) -> tuple[Connection, bool, int]:
    return state.connection, state.open_session_id is not None, state.pending_swipes


def _waiting(state: AppState) -> int:
    return len(session_invitations(state))


def _talk(state: AppState) -> tuple[Session | None, bool, float]:
    return state.session, state.connection.status == "connected", state.connection.clock_offset
