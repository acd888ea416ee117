"""Shows the screen that the state or the user calls for; each is built when it is first needed."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from kivy.properties import StringProperty
from kivy.uix.screenmanager import FadeTransition, NoTransition, ScreenManager

from client.screens.base import AppScreen
from client.screens.places import Place, Visit, Whereabouts
from client.screens.ports import Ports
from client.screens.routing import Route
from client.screens.table import SCREENS
from client.theme.active import theme

FADE_SECONDS = 0.18


class Navigator(ScreenManager):
    """`place` is the one the user is in, empty where there is no bar to choose another one.

    `on_ask`, `on_talk` and `on_read` pass on to the shell what a screen asks for. `on_broken(name, error)` tells that
    a screen could not be shown, `on_shown()` that one is; nothing is before the first move or `show`.
    """

    current: str  # Kivy's property: the name of the screen that is shown
    transition: Any  # Kivy's property: how one screen follows another
    place = StringProperty("")

    def __init__(self, ports: Ports, where: Whereabouts, **properties: Any) -> None:
        for event in ("on_ask", "on_talk", "on_read", "on_broken", "on_shown"):
            self.register_event_type(event)
        super().__init__(**properties)
        self._ports = ports
        self._where = where

    def follow(self, route: Route) -> None:
        """Go where the state leads; whatever lay on top of the last screen closes."""
        self._where.follow(route)
        self.show()
        if route == "welcome":
            self._forget_all_but(route)

    def go_to(self, place: Place) -> None:
        """Go to a place, as the bar at the foot wishes."""
        self._where.go_to(place)
        self.show()

    def go_to_start_of(self, place: Place) -> None:
        """Go to the first screen of a place, where the state lets one choose."""
        if self._where.place is not None:
            self._where.go_to_start_of(place)
            self.show()

    def open_on_top(self, screen: str, argument: str = "") -> None:
        """Show a screen that the state knows nothing of, until the user goes back."""
        self._where.open(Visit(screen, argument))
        self.show()

    def go_back(self) -> bool:
        """Escape, or the phone's back key; True when there was something to go back to."""
        screen = self.current_screen
        return bool(isinstance(screen, AppScreen) and screen.go_back()) or self._leave()

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

    def on_broken(self, name: str, error: Exception) -> None:
        """A screen failed; the shell listens."""

    def on_shown(self) -> None:
        """A screen is shown; the shell listens."""

    def show(self) -> None:
        """Show the screen for where the user is."""
        visit = self._where.here
        self.place = self._where.place or ""
        try:
            self._turn_to(visit)
        except Exception as error:  # noqa: BLE001  (a screen may fail in any way; the shell shows that)
            self.dispatch("on_broken", visit.screen, error)
        else:
            self.dispatch("on_shown")

    def detach(self) -> None:
        """No longer follow the state; for a navigator that another one takes over from."""
        for screen in self.screens:
            screen.give_up()

    def _leave(self) -> bool:
        left = self._where.go_back()
        self.show()
        return left

    def _turn_to(self, visit: Visit) -> None:
        if not self.has_screen(visit.screen):
            self.add_widget(self._build(visit.screen))
        screen = self.get_screen(visit.screen)
        if self.current == visit.screen:
            screen.turn_to(visit.argument)
            return
        screen.argument = visit.argument
        calm = theme.reduced_motion or not self.current or visit.screen == "welcome"
        self.transition.stop()  # Kivy stops the new one only, and both would leave their screens here
        self.transition = NoTransition() if calm else FadeTransition(duration=FADE_SECONDS)
        self.current = visit.screen

    def _forget_all_but(self, route: Route) -> None:
        # What one user typed or was shown must not wait for the next one.
        for screen in [screen for screen in self.screens if screen.name != route]:
            self.remove_widget(screen)

    def _build(self, name: str) -> AppScreen:
        module, kind = SCREENS[name]
        screen: AppScreen = getattr(import_module(f"client.screens.{module}"), kind)(
            ports=self._ports, name=name
        )
        screen.bind(
            on_open=lambda _screen, *wanted: self.open_on_top(*wanted),
            on_go_to=lambda _screen, place: self.go_to_start_of(place),
            on_back=lambda _screen: self._leave(),
            on_ask=lambda _screen, *question: self.dispatch("on_ask", *question),
            on_talk=lambda _screen: self.dispatch("on_talk"),
            on_read=lambda _screen, *text: self.dispatch("on_read", *text),
            on_broken=lambda screen, error: self.dispatch("on_broken", screen.name, error),
        )
        return screen
