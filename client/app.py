"""The Kivy application: one window, one shell, keys, and the queue that brings results to the UI thread."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kivy.app import App
from kivy.base import ExceptionHandler, ExceptionManager
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.utils import platform

from client.config import ClientConfig
from client.error_reports import reported
from client.household import Household, open_household
from client.join_code import Invitation
from client.net.comeback import Comeback
from client.reporting import Trail
from client.screens.ports import Ports
from client.screens.shell import Shell
from client.store.state import AppState
from client.theme.appearance import apply_look
from client.theme.fonts import ASSETS
from client.theme.insets import apply_insets
from client.widgets.touches import tell_touches_one_by_one

KEY_NAMES = {27: "escape", 273: "up", 274: "down", 275: "right", 276: "left"}
KEY_NAMES |= {9: "tab", 13: "enter", 271: "enter", 32: "space"}
KEY_NAMES |= {ord(letter): letter for letter in "cmnyz"}
NOT_INVITED = Invitation()
LOOK_FOR_COMEBACK_SECONDS = 2.0


class UiQueue:
    """Functions put in by any thread run on the UI thread, in order, all that wait in one go per frame."""

    def __init__(self) -> None:
        self._waiting: deque[Callable[[], None]] = deque()
        self._trigger = Clock.create_trigger(self._drain)

    def put(self, function: Callable[[], None]) -> None:
        """Run `function` on the UI thread, soon. Thread safe."""
        self._waiting.append(function)
        self._trigger()

    def _drain(self, _elapsed: float) -> None:
        # Only what waits now: a function that puts another one in must not keep the frame from being drawn.
        try:
            for _ in range(len(self._waiting)):
                self._waiting.popleft()()
        except Exception:
            # The others must not wait for the next one that is put in; the trigger is of no use while it runs.
            Clock.schedule_once(self._drain, 0)
            raise


class Boundary(ExceptionHandler):
    """Keeps the app open when something in it fails: `fail` is told, and the window goes on (docs/product.md K6)."""

    def __init__(self, fail: Callable[[BaseException], None]) -> None:
        self._fail = fail

    def handle_exception(self, inst: BaseException) -> int:
        """Kivy asks what to do about an error in its loop."""
        if not isinstance(inst, Exception):
            return int(ExceptionManager.RAISE)
        self._fail(inst)
        return int(ExceptionManager.PASS)


class DinDinApp(App):
    """Runs the shell with the given ports. With `comeback`, connections are tried at once when the device is back."""

    title = "DinDin"
    icon = str(ASSETS / "icon.png")
    use_kivy_settings = False
    root: Any  # Kivy's property: the shell, once it is built

    def __init__(self, ports: Ports, comeback: Comeback | None = None, **properties: Any) -> None:
        super().__init__(**properties)
        self.ports = ports
        self._comeback = comeback
        self._boundary = Boundary(self._failed)
        self._stop_following: Callable[[], None] = lambda: None
        self._looks = Clock.create_trigger(self._look_for_comeback, LOOK_FOR_COMEBACK_SECONDS, interval=True)

    def build(self) -> Shell:
        self._follow_settings()
        apply_insets(platform)
        tell_touches_one_by_one()
        # A phone's keyboard moves the window up as far as the line that is typed into needs.
        Window.softinput_mode = "pan"
        Window.bind(on_keyboard=self._on_key, focus=self._on_focus)
        ExceptionManager.add_handler(self._boundary)
        return Shell(self.ports)

    def on_start(self) -> None:
        self.ports.settings.look_around()
        self.ports.commands.restore()
        if self._comeback is not None:
            self._looks()

    def on_pause(self) -> bool:
        # A phone may put the app to sleep and wake it later.
        return True

    def on_resume(self) -> None:
        self.ports.settings.look_around()
        self.ports.commands.retry_now()
        self.ports.commands.refresh_user()

    def on_stop(self) -> None:
        self._looks.cancel()
        self._stop_following()
        ExceptionManager.remove_handler(self._boundary)
        Window.unbind(on_keyboard=self._on_key, focus=self._on_focus)
        self.root.detach()
        self.ports.commands.shutdown()

    def move_in(self, ports: Ports) -> None:
        """Go on with another server: everything that is shown is built anew."""
        left, old = self.ports, self.root
        self._stop_following()
        old.detach()
        Window.remove_widget(old)
        left.commands.shutdown()
        self.ports = ports
        self._follow_settings()
        self.root = Shell(ports)
        Window.add_widget(self.root)
        ports.settings.look_around()
        ports.commands.restore()

    def follow(self, invitation: Invitation) -> None:
        """A link was opened while the app runs: show where it leads, in front of the other windows."""
        self.ports.commands.follow(invitation)
        Window.show()
        Window.raise_window()

    def _follow_settings(self) -> None:
        self._stop_following = self.ports.store.subscribe(
            lambda state: state.settings, apply_look, fire_now=True
        )

    def _failed(self, error: BaseException) -> None:
        if isinstance(self.root, Shell):
            self.root.fail(error)
        else:
            self.ports.reports.report(error, "the start")

    def _look_for_comeback(self, _elapsed: float) -> None:
        if self._comeback is not None and self._comeback.noticed():
            self.ports.commands.retry_now()

    def _on_focus(self, _window: Any, focused: bool) -> None:
        # The address may have been confirmed in the browser meanwhile.
        if focused:
            self.ports.settings.look_around()
            self.ports.commands.refresh_user()

    def _on_key(self, _window: Any, key: int, _place: int, _text: str | None, modifiers: list[str]) -> bool:
        name = KEY_NAMES.get(key)
        if name is None:
            return False
        if name == "tab" and "shift" in modifiers:
            name = "shift-tab"
        used = bool(self.root.key(name))
        if name == "escape":
            # On a phone, back on the first screen leaves the app. On a desktop Escape must not close a window.
            return used or platform not in {"android", "ios"}
        return used


def run(config: ClientConfig, invitation: Invitation = NOT_INVITED, began: float | None = None) -> None:
    """Open the app on the real server; returns when the window is closed or the process is asked to stop.

    `invitation` is what the link invites to that the app was started with. `began` is when it was started, by the
    monotonic clock.
    """
    trail = Trail()
    began = time.monotonic() if began is None else began
    with reported(config.sentry_dsn, trail) as start_shown:
        _run(config, invitation, trail, lambda: start_shown(time.monotonic() - began))


def _run(
    config: ClientConfig, invitation: Invitation, trail: Trail, on_first_screen: Callable[[], None]
) -> None:
    queue = UiQueue()

    def on_link(invited: Invitation) -> None:
        app.follow(invited)

    def open_for(config: ClientConfig, invitation: Invitation) -> Household:
        household = open_household(config, invitation, queue.put, on_link, trail)
        household.ports.store.subscribe(_next_server, move)
        return household

    def move(address: str) -> None:
        if address:
            opened.append(open_for(replace(config, server_url=address), NOT_INVITED))
            app.move_in(opened[-1].ports)
            opened.pop(0).close()

    opened = [open_for(config, invitation)]
    app = DinDinApp(opened[0].ports, Comeback())
    # On the clock's first turn the first frame is drawn.
    Clock.schedule_once(lambda _elapsed: on_first_screen())
    for wish in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wish, lambda *_: queue.put(app.stop))
    try:
        app.run()
    finally:
        for household in opened:
            household.close()


def _next_server(state: AppState) -> str:
    """The server to change to, once nobody is logged in at this one."""
    return state.settings.moving_to if state.auth.status == "signed_out" else ""
