"""The app on its stage: driver, store and what the screens have asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from kivy.uix.widget import Widget

from client.app import DinDinApp, UiQueue
from client.net.comeback import Comeback
from client.screens.ports import Ports
from client.store.settings.actions import SettingsChosen
from client.store.state import AppState
from client.store.store import Store
from client.widgets.picture import Pictures
from tests.client.ui import scenes
from tests.client.ui.driver import Driver, virtual_clock
from tests.client.ui.recording import PlainPictures, RecordedCommands
from tests.client.ui.recording_kitchen import RecordedKitchen
from tests.client.ui.recording_people import RecordedPeople, RecordedPrivacy
from tests.client.ui.recording_settings import RecordedReports, Surroundings, settings_commands

LOOKED_UP = (
    ("restore",),
    ("load_providers",),
    ("load_texts",),
    ("load_diet_consent",),
    ("refresh_user",),
    ("load_groups",),
)


@dataclass(frozen=True)
class Stage:
    """One running app."""

    app: DinDinApp
    driver: Driver
    store: Store
    commands: RecordedCommands
    kitchen: RecordedKitchen
    people: RecordedPeople
    privacy: RecordedPrivacy
    around: Surroundings
    reports: RecordedReports
    now: Callable[[], float]

    @property
    def screen(self) -> Any:
        """The screen that is shown."""
        return self.app.root.navigator.current_screen

    @property
    def calls(self) -> list[tuple[Any, ...]]:
        """What the user has asked for since the app started, without what screens look up by themselves."""
        return [call for call in self.commands.calls if call not in LOOKED_UP]

    def go_to(self, place: str) -> None:
        """Press a place in the bar at the foot."""
        bar = self.app.root.ids.bar
        button = next(button for button in bar.ids.row.children if button.place == place)
        self.driver.press(button)
        self.driver.wait(0.4)

    def press_below(self, widget: Widget) -> None:
        """Scroll to something and tap it, and let what it opens find its place."""
        self.screen.ids.scroll.scroll_to(widget, animate=False)
        self.driver.wait(0.2)
        self.driver.press(widget)
        self.driver.wait(0.6)

    def dispatch(self, *actions: Any) -> None:
        """Change the state and let the screens follow."""
        for action in actions:
            self.store.dispatch(action)
        self.driver.wait(0.3)


@contextmanager
def open_stage(
    state: AppState,
    home: Path,
    *,
    dark: bool = False,
    pictures: Pictures | None = None,
    comeback: Comeback | None = None,
) -> Iterator[Stage]:
    """Run the app in `state`, with its files under `home`."""
    queue = UiQueue()
    store = Store(state, schedule=queue.put)
    commands = RecordedCommands()
    look = replace(state.settings.chosen, look="dark" if dark else "light")
    store.dispatch(SettingsChosen(look))
    reports = RecordedReports()
    clock = virtual_clock()
    began = clock.seconds

    def now() -> float:
        """The local clock: it runs with the driver's."""
        return scenes.EVENING + clock.seconds - began

    kitchen = RecordedKitchen()
    people, privacy = RecordedPeople(), RecordedPrivacy()
    around = Surroundings()
    settings = settings_commands(store, home / "settings.json", around, commands.log_out)
    ports = Ports(
        store=store,
        commands=commands,
        kitchen=kitchen,
        people=people,
        privacy=privacy,
        pictures=pictures or PlainPictures(),
        settings=settings,
        reports=reports,
        now=now,
    )
    app = DinDinApp(ports, comeback)
    stage = Stage(app, Driver(app), store, commands, kitchen, people, privacy, around, reports, now)
    with stage.driver:
        yield stage
    # Who makes something fail on purpose takes it out again.
    assert reports.errors == []
