"""What all screens share: they watch the store while they are shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from kivy.properties import ObjectProperty, StringProperty
from kivy.uix.screenmanager import Screen

from client.screens.ports import Ports
from client.store.state import AppState
from client.theme.rules import load_rules
from client.widgets import buttons, panel, text

load_rules(__file__, buttons, panel, text)

Selected = TypeVar("Selected")


class AppScreen(Screen):
    """A screen that is told about the state it watches from just before it is shown until it goes.

    `argument` is what the screen is about: the id of a recipe, say. It is set before the screen opens.

    `on_open(name, argument)` asks for a screen on top of this one, `on_back()` for the one beneath, `on_go_to(place)`
    for the first screen of a place (see `client.screens.places`), `on_ask(title, words, yes, answer, no)` for a
    confirmation, `on_talk()` for the chat, `on_read(*texts)` shows long ones. `on_broken(error)` says that it cannot
    show what it should.
    """

    ports: Ports = ObjectProperty()
    argument = StringProperty("")

    def __init__(self, ports: Ports, **properties: Any) -> None:
        self.register_event_type("on_open")
        self.register_event_type("on_back")
        self.register_event_type("on_go_to")
        self.register_event_type("on_ask")
        self.register_event_type("on_talk")
        self.register_event_type("on_read")
        self.register_event_type("on_broken")
        self._watches: list[Callable[[], Callable[[], None]]] = []
        self._stops: list[Callable[[], None]] = []
        self._over = False
        super().__init__(ports=ports, **properties)

    def watch(self, selector: Callable[[AppState], Selected], listener: Callable[[Selected], None]) -> None:
        """Call `listener` with what `selector` picks: when the screen opens and on every change while it is open."""

        def show(selected: Selected) -> None:
            try:
                listener(selected)
            except Exception as error:  # noqa: BLE001  (one screen's failure must not keep the others from being told)
                self.dispatch("on_broken", error)

        store = self.ports.store
        self._watches.append(lambda: store.subscribe(selector, show, fire_now=True))

    def on_pre_enter(self, *_: Any) -> None:
        for begin in self._watches:
            # Before it is noted: what fails at once gives up what was begun so far.
            stop = begin()
            self._stops.append(stop)
        if self._over:
            self.stop_watching()

    def give_up(self) -> None:
        """No longer follow the state, now or ever: another screen takes this one's place."""
        self._over = True
        self.stop_watching()

    def on_pre_leave(self, *_: Any) -> None:
        self.stop_watching()

    def stop_watching(self) -> None:
        """No longer follow the state."""
        for stop in self._stops:
            stop()
        self._stops = []

    def turn_to(self, argument: str) -> None:
        """Be about something else, while the screen is shown."""
        if argument != self.argument:
            self.on_pre_leave()
            self.argument = argument
            self.on_pre_enter()

    def go_back(self) -> bool:
        """Escape, or the phone's back key. True when the screen has dealt with it; else the one beneath is shown."""
        return False

    def key(self, name: str) -> bool:
        """A key by its name ("left", "enter"); True when the screen has used it."""
        del name
        return False

    def on_open(self, name: str, argument: str = "") -> None:
        """The navigator listens."""

    def on_back(self) -> None:
        """The navigator listens."""

    def on_go_to(self, place: str) -> None:
        """The navigator listens."""

    def on_ask(self, title: str, words: str, yes: str, answer: Callable[[], None], no: str = "") -> None:
        """The shell listens."""

    def on_talk(self) -> None:
        """The shell listens."""

    def on_read(self, *texts: str) -> None:
        """The shell listens."""

    def on_broken(self, error: Exception) -> None:
        """The navigator listens."""
