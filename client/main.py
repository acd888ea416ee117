"""Starts the app: settings, a screen to show it on, Kivy told how to behave, then the window.

This file is also what packagers for phones look for, hence its name.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from collections.abc import Mapping, MutableMapping, Sequence

from client.config import ClientConfig, ConfigurationError, load_config
from client.desktop_entry import register_links
from client.handover import hand_over, socket_path
from client.join_code import Invitation, LinkError, invitation_of_link
from client.store.settings.file import SETTINGS_FILE, read_settings
from client.theme.metrics import WINDOW_HEIGHT, WINDOW_WIDTH
from client.words import choose_language

OK, FAILED = 0, 1

NO_SCREEN = (
    "DinDin needs a screen to open its window and found none: "
    "start it from a desktop session, or set DISPLAY (or WAYLAND_DISPLAY) to the one to use."
)
SMALLEST_WIDTH, SMALLEST_HEIGHT = 320, 560


def main(arguments: Sequence[str] | None = None) -> int:
    """Run until the window is closed; returns the exit code."""
    began = time.monotonic()
    wishes = _parser().parse_args(arguments)
    environment = dict(os.environ)
    if wishes.server:
        environment["DINDIN_SERVER"] = wishes.server
    try:
        config = load_config(environment)
        invitation = invitation_of_link(wishes.link) if wishes.link else Invitation()
    except (ConfigurationError, LinkError) as error:
        return _fail(str(error))
    if wishes.link and hand_over(socket_path(config.home, config.server_url), wishes.link):
        return OK
    if not may_have_screen(sys.platform, os.environ):
        return _fail(NO_SCREEN)
    # Before the screens are read: some have sentences in tables.
    choose_language(read_settings(config.home / SETTINGS_FILE).language, os.environ)
    if _is_desktop_linux(sys.platform, os.environ) and not config.own_home:
        # Not for one of several clients on a machine: links are for the one that is at home there.
        register_links(config.server_url, os.environ)
    return _open_window(config, invitation, began)


def may_have_screen(platform: str, environment: Mapping[str, str]) -> bool:
    """Whether opening a window is worth a try: only Linux tells beforehand."""
    if not _is_desktop_linux(platform, environment):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"))


def _is_desktop_linux(platform: str, environment: Mapping[str, str]) -> bool:
    return platform.startswith("linux") and "ANDROID_ARGUMENT" not in environment


def configure_kivy(environment: MutableMapping[str, str]) -> None:
    """Say how Kivy is to behave. It reads this once, when it is first imported.

    `DINDIN_MULTISAMPLES` sets how edges are smoothed: 4 unless told otherwise, 0 for machines without a GPU.
    """
    environment.setdefault("KIVY_NO_ARGS", "1")  # our arguments are ours
    environment.setdefault("KIVY_NO_CONFIG", "1")  # the settings of other Kivy programs are not
    environment.setdefault("KIVY_NO_FILELOG", "1")
    environment.setdefault("KIVY_LOG_MODE", "PYTHON")
    environment.setdefault("KIVY_WINDOW", "sdl2")  # the others end the process when they find no screen
    if _is_desktop_linux(sys.platform, environment):
        # Left to itself SDL would open an invisible window when the screen cannot be reached.
        environment.setdefault("SDL_VIDEODRIVER", "x11,wayland")

    from kivy.config import Config  # noqa: PLC0415  (reads the environment set above)

    # Kivy wants pixels here; who enlarges everything by hand needs a window enlarged as well.
    density = float(environment.get("KIVY_METRICS_DENSITY", "1"))
    sizes = {"width": WINDOW_WIDTH, "height": WINDOW_HEIGHT}
    sizes |= {"minimum_width": SMALLEST_WIDTH, "minimum_height": SMALLEST_HEIGHT}
    for name, size in sizes.items():
        Config.set("graphics", name, str(round(size * density)))
    Config.set("graphics", "multisamples", environment.get("DINDIN_MULTISAMPLES", "4"))
    # A right click is a click; the red dots of Kivy's simulated second finger are for developers.
    Config.set("input", "mouse", "mouse,disable_multitouch")


class _KivyLog(logging.Filter):
    """Lets through what is of use: warnings and errors, once there is a window.

    Before, Kivy logs a page of reasons why it cannot open one, where one sentence does. Afterwards it complains that
    neither xclip nor xsel is installed, which only pasting with the middle mouse button needs.
    """

    window_open = False

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("kivy"):
            return True
        needless = record.getMessage().startswith(("Cutbuffer", "xclip", "xsel"))
        return self.window_open and record.levelno >= logging.WARNING and not needless


def _open_window(config: ClientConfig, invitation: Invitation, began: float) -> int:
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    kivy_log = _KivyLog()
    for handler in logging.getLogger().handlers:
        handler.addFilter(kivy_log)
    configure_kivy(os.environ)

    from kivy.core.window import Window  # noqa: PLC0415  (opens the window, so only now)

    if Window is None:
        return _fail(NO_SCREEN)
    kivy_log.window_open = True

    from client.app import run  # noqa: PLC0415  (imports Kivy, which must be configured first)

    run(config, invitation, began)
    return OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m client",
        description="Opens DinDin. Friends swipe one shared deck; the first card everybody likes is dinner.",
    )
    parser.add_argument(
        "--server", metavar="URL", help="the server's address, instead of the environment's DINDIN_SERVER"
    )
    parser.add_argument(
        "link",
        nargs="?",
        help="an invitation to a session or a group, as in dindin://join/K7MQ4P or dindin://group/TOKEN",
    )
    return parser


def _fail(sentence: str) -> int:
    sys.stderr.write(f"{sentence}\n")
    return FAILED
