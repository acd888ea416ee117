"""Shows the screen that the state calls for; each is built when it is first needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kivy.uix.screenmanager import FadeTransition, NoTransition, ScreenManager

from client.screens.base import AppScreen
from client.screens.ports import Ports
from client.screens.routing import Route, route_for
from client.theme.active import theme

# Module and class of each screen. Modules are imported late: a phone must not read them all to show the first.
SCREENS: dict[Route, tuple[str, str]] = {
    "restoring": ("restoring", "RestoringScreen"),
    "welcome": ("welcome", "WelcomeScreen"),
    "home": ("home", "HomeScreen"),
    "claim": ("claim", "ClaimScreen"),
    "preferences": ("preferences", "PreferencesScreen"),
    "account": ("account", "AccountScreen"),
    "lobby": ("lobby", "LobbyScreen"),
    "swipe": ("swipe", "SwipeScreen"),
    "match": ("match", "MatchScreen"),
    "closest": ("closest", "ClosestScreen"),
    "ended": ("ended", "EndedScreen"),
}
FADE_SECONDS = 0.18


class Navigator(ScreenManager):
    """`on_ask`, `on_talk` and `on_read` pass on to the shell what a screen asks for."""

    current: str  # Kivy's property: the name of the screen that is shown

    def __init__(self, ports: Ports, **properties: Any) -> None:
        self.register_event_type("on_ask")
        self.register_event_type("on_talk")
        self.register_event_type("on_read")
        super().__init__(**properties)
        self._ports = ports
        self._route: Route = "restoring"
        self.follow(route_for(ports.store.state))

    def follow(self, route: Route) -> None:
        """Go where the state leads; whatever lay on top of the last screen closes."""
        self._route = route
        self._show(route)

    def open_on_top(self, route: Route) -> None:
        """Show a screen that the state knows nothing of, until the user goes back."""
        self._show(route)

    def go_back(self) -> bool:
        """Escape, or the phone's back key; True when a screen has dealt with it."""
        screen = self.current_screen
        return bool(isinstance(screen, AppScreen) and screen.go_back())

    def key(self, name: str) -> bool:
        """A key for the screen that is shown."""
        screen = self.current_screen
        return bool(isinstance(screen, AppScreen) and screen.key(name))

    def on_ask(self, *_: Any) -> None:
        """A screen wants a confirmation; the shell listens."""

    def on_talk(self) -> None:
        """A screen wants the chat; the shell listens."""

    def on_read(self, *_: Any) -> None:
        """A screen wants a text to be read; the shell listens."""

    def _show(self, route: Route) -> None:
        if not self.has_screen(route):
            self.add_widget(self._build(route))
        if self.current != route:
            calm = theme.reduced_motion or not self.current
            self.transition = NoTransition() if calm else FadeTransition(duration=FADE_SECONDS)
            self.current = route

    def _build(self, route: Route) -> AppScreen:
        module, name = SCREENS[route]
        screen: AppScreen = getattr(import_module(f"client.screens.{module}"), name)(
            ports=self._ports, name=route
        )
        screen.bind(
            on_open=lambda _screen, wanted: self.open_on_top(wanted),
            on_back=lambda _screen: self._show(self._route),
            on_ask=lambda _screen, *question: self.dispatch("on_ask", *question),
            on_talk=lambda _screen: self.dispatch("on_talk"),
            on_read=lambda _screen, *text: self.dispatch("on_read", *text),
        )
        return screen
