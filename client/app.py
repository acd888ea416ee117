"""The Kivy application: one window, one shell, keys, and the queue that brings results to the UI thread."""

from __future__ import annotations

import signal
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from kivy.app import App
from kivy.clock import Clock
from kivy.core.window import Window
from kivy.utils import platform

from client.config import ClientConfig
from client.handover import LinkListener, socket_path
from client.images import PictureLoader
from client.join_code import Invitation
from client.net.comeback import Comeback
from client.picture_cache import DiskCache
from client.screens.ports import Ports
from client.screens.shell import Shell
from client.store.client import open_client
from client.store.state import AppState
from client.theme.appearance import Appearance
from client.theme.fonts import ASSETS

KEY_NAMES = {27: "escape", 273: "up", 274: "down", 275: "right", 276: "left"}
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
        for _ in range(len(self._waiting)):
            self._waiting.popleft()()


class DinDinApp(App):
    """Runs the shell with the given ports. With `comeback`, connections are tried at once when the device is back."""

    title = "DinDin"
    icon = str(ASSETS / "icon.png")
    use_kivy_settings = False

    def __init__(self, ports: Ports, comeback: Comeback | None = None, **properties: Any) -> None:
        super().__init__(**properties)
        self.ports = ports
        self._comeback = comeback
        self._looks = Clock.create_trigger(self._look_for_comeback, LOOK_FOR_COMEBACK_SECONDS, interval=True)

    def build(self) -> Shell:
        self.ports.appearance.apply()
        Window.softinput_mode = "pan"
        Window.bind(on_keyboard=self._on_key, focus=self._on_focus)
        return Shell(self.ports)

    def on_start(self) -> None:
        self.ports.commands.restore()
        if self._comeback is not None:
            self._looks()

    def on_pause(self) -> bool:
        # A phone may put the app to sleep and wake it later.
        return True

    def on_resume(self) -> None:
        self.ports.commands.retry_now()
        self.ports.commands.refresh_user()

    def on_stop(self) -> None:
        self._looks.cancel()
        Window.unbind(on_keyboard=self._on_key, focus=self._on_focus)
        self.root.detach()
        self.ports.commands.shutdown()

    def follow(self, invitation: Invitation) -> None:
        """A link was opened while the app runs: show where it leads, in front of the other windows."""
        self.ports.commands.follow(invitation)
        Window.show()
        Window.raise_window()

    def _look_for_comeback(self, _elapsed: float) -> None:
        if self._comeback is not None and self._comeback.noticed():
            self.ports.commands.retry_now()

    def _on_focus(self, _window: Any, focused: bool) -> None:
        # The address may have been confirmed in the browser meanwhile.
        if focused:
            self.ports.commands.refresh_user()

    def _on_key(self, _window: Any, key: int, *_: Any) -> bool:
        name = KEY_NAMES.get(key)
        if name is None:
            return False
        used = bool(self.root.key(name))
        if name == "escape":
            # On a phone, back on the first screen leaves the app. On a desktop Escape must not close a window.
            return used or platform not in {"android", "ios"}
        return used


def run(config: ClientConfig, invitation: Invitation = NOT_INVITED) -> None:
    """Open the app on the real server; returns when the window is closed or the process is asked to stop.

    `invitation` is what the link invites to that the app was started with.
    """
    queue = UiQueue()
    initial = AppState(invitation=invitation.code, group_invitation=invitation.group_token)
    client = open_client(config, initial)
    client.store.schedule = queue.put
    pictures = PictureLoader(config.server_url, DiskCache(config.home / "pictures"), queue.put)
    ports = Ports(
        store=client.store,
        commands=client.commands,
        kitchen=client.kitchen,
        people=client.people,
        privacy=client.privacy,
        pictures=pictures,
        appearance=Appearance(config.home / "look.json"),
        now=time.time,
    )
    app = DinDinApp(ports, Comeback())
    links = LinkListener(
        socket_path(config.home, config.server_url),
        lambda invited: queue.put(lambda: app.follow(invited)),
    )
    for wish in (signal.SIGINT, signal.SIGTERM):
        signal.signal(wish, lambda *_: queue.put(app.stop))
    try:
        app.run()
    finally:
        links.close()
        pictures.close()
