"""Makes the pictures of `docs/images` from the real app, with the catalogue's own pictures on the cards.

Besides single ones there are sheets of every screen: in light, in dark and with text twice as large.

    python -m tests.client.ui.screenshots [folder]

`make screenshots` calls this. It needs Xvfb, no server and no database.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, ImageFilter

from client.main import configure_kivy
from client.net import events
from client.store import actions
from client.store.state import AppState
from tests.client.ui import scenes
from tests.client.ui.contact_sheets import Sight, draw_sheet
from tests.client.ui.display import open_display

if TYPE_CHECKING:
    from tests.client.ui.stage import Stage

ROOT = Path(__file__).parents[3]
DENSITY = 1.5  # pixels per dp: sharp on today's screens, small enough for a repository
PATIENCE_SECONDS = 15.0
OVERVIEW = ("home", "lobby", "swipe", "match", "round-two-dark")
# Something was swiped already, so there is something to take back.
DONE = frozenset({"e" * 24})


@dataclass(frozen=True)
class Shot:
    """A state, and what a user does in it before the picture is taken. `text_percent` is how large text shall be."""

    name: str
    state: AppState
    dark: bool = False
    text_percent: int = 100
    play: Callable[[Stage], object] | None = None


def lean_right(stage: Stage) -> None:
    """Hold the top card half way to a like."""
    deck = stage.screen.ids.deck
    x, y = deck.to_window(*deck.center)
    stage.driver.touch(
        (x, y + deck.height * 0.2), (x + deck.width * 0.24, y + deck.height * 0.23), release=False
    )


def open_chat(stage: Stage) -> None:
    """Read what was said."""
    stage.driver.press(stage.screen.ids.talk)
    stage.driver.wait(0.5)


def go_to(name: str, sight: Sight) -> Callable[[Stage], None]:
    """Go where the screen is, as far as the state does not call for it already."""

    def play(stage: Stage) -> None:
        navigator = stage.app.root.navigator
        if stage.screen.name != name:
            navigator.go_to(sight.place)
            stage.driver.wait(0.6)
        if stage.screen.name != name:
            navigator.open_on_top(name, sight.argument)
        stage.driver.wait(0.6)

    return play


def react(stage: Stage) -> None:
    """Two friends show what they feel."""
    for number, (who, emoji) in enumerate(((scenes.BEN.id, "🔥"), (scenes.CLEO.id, "😋")), 1):
        body = events.Reacted(who, emoji)
        event = events.Event(number, stage.now(), body)
        stage.store.dispatch(actions.LiveEvent(stage.store.state.session.id, "", event))
    stage.driver.wait(0.9)


SHOTS = (
    Shot("welcome", scenes.signed_out()),
    Shot("home", scenes.at_home()),
    Shot("lobby", scenes.lobby_voted()),
    Shot("swipe", scenes.swiping(swiped_ids=DONE), play=lean_right),
    Shot(
        "match",
        scenes.matched(),
        play=lambda stage: stage.screen.ids.confetti.start() or stage.driver.wait(2.1),
    ),
    Shot("closest", scenes.closest()),
    Shot("round-two", scenes.asking()),
    Shot("paused", scenes.paused()),
    Shot("chat", scenes.talking(), play=open_chat),
    Shot("reactions", scenes.swiping(swiped_ids=DONE), play=react),
    Shot("coin", scenes.tossed()),
    Shot("lobby-dark", scenes.lobby_voted(), dark=True),
    Shot("swipe-dark", scenes.swiping(swiped_ids=DONE), dark=True, play=lean_right),
    Shot("round-two-dark", scenes.asking(), dark=True),
    Shot("chat-dark", scenes.talking(), dark=True, play=open_chat),
)


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files without telling about it."""

    def log_message(self, *_: object) -> None:
        """A line per picture helps nobody."""


@contextmanager
def picture_server() -> Iterator[str]:
    """The catalogue's pictures on a free port of this machine."""
    handler = partial(QuietHandler, directory=str(ROOT / "backend" / "catalog"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def wait_for_pictures(stage: Stage) -> None:
    """Give the loader real time until every card shows its picture, not the blurred placeholder."""
    from client.images import PLACEHOLDER_SIDE  # noqa: PLC0415  (needs the display)
    from client.widgets.picture import Picture  # noqa: PLC0415  (needs the display)

    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        stage.driver.step()
        pictures = [widget for widget in stage.screen.walk() if isinstance(widget, Picture) and widget.url]
        if all(picture.shown and picture.shown.width > PLACEHOLDER_SIDE for picture in pictures):
            return
        if time.monotonic() > deadline:
            raise TimeoutError(f"The pictures of the screen {stage.screen.name!r} did not come.")
        time.sleep(0.02)


def take(shot: Shot, base_url: str) -> Image.Image:
    """Play a shot; what it shows."""
    from client.app import UiQueue  # noqa: PLC0415  (needs the display)
    from client.images import PictureLoader  # noqa: PLC0415  (needs the display)
    from client.picture_cache import DiskCache  # noqa: PLC0415  (beside it)
    from tests.client.ui.stage import open_stage  # noqa: PLC0415  (needs the display)

    chosen = replace(shot.state.settings.chosen, text_percent=shot.text_percent)
    state = replace(shot.state, settings=replace(shot.state.settings, chosen=chosen))
    with tempfile.TemporaryDirectory() as home:
        loader = PictureLoader(base_url, DiskCache(Path(home) / "pictures"), UiQueue().put)
        with open_stage(state, Path(home), dark=shot.dark, pictures=loader) as stage:
            wait_for_pictures(stage)
            if shot.play is not None:
                shot.play(stage)
            wait_for_pictures(stage)
            stage.driver.wait(0.5)  # they fade in
            picture = stage.driver.pixels()
        loader.close()
    return picture


def take_all(kind: str, base_url: str) -> Image.Image:
    """The sheet of every screen: "light", "dark" or "large"."""

    def picture_of(name: str, sight: Sight) -> Image.Image:
        percent = 200 if kind == "large" else 100
        shot = Shot(name, sight.state, kind == "dark", percent, go_to(name, sight))
        return take(shot, base_url)

    return draw_sheet(kind, picture_of)


def overview(folder: Path, height: int = 760) -> Image.Image:
    """Several screens side by side, as phones on paper."""
    screens = []
    for name in OVERVIEW:
        with Image.open(folder / f"{name}.png") as picture:
            width = round(picture.width * height / picture.height)
            screens.append(picture.convert("RGB").resize((width, height), Image.Resampling.LANCZOS))
    gap, edge, radius = 44, 56, 40
    width = sum(screen.width for screen in screens) + gap * (len(screens) - 1) + 2 * edge
    sheet = Image.new("RGB", (width, height + 2 * edge), "#EFDCC6")
    left = edge
    for screen in screens:
        mask = Image.new("L", screen.size, 0)
        ImageDraw.Draw(mask).rounded_rectangle((0, 0, screen.width - 1, screen.height - 1), radius, fill=255)
        shadow = Image.new("L", sheet.size, 0)
        shadow.paste(mask.point(lambda value: value * 90 // 255), (left, edge + 12))
        sheet.paste("#4A2A18", mask=shadow.filter(ImageFilter.GaussianBlur(18)))
        sheet.paste(screen, (left, edge), mask)
        left += screen.width + gap
    return sheet


def keep(picture: Image.Image, path: Path) -> None:
    """Save a picture and tell where."""
    picture.save(path, optimize=True)
    sys.stdout.write(f"{path}\n")


def main() -> None:
    """Take all pictures."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    display = open_display(1200, 1600)
    os.environ.update(
        DISPLAY=display.name, SDL_VIDEODRIVER="x11", KIVY_METRICS_DENSITY=str(DENSITY), TZ="UTC"
    )
    configure_kivy(os.environ)
    logging.getLogger("kivy").setLevel(logging.ERROR)
    try:
        with picture_server() as base_url:
            for shot in SHOTS:
                keep(take(shot, base_url), folder / f"{shot.name}.png")
            for kind in ("light", "dark", "large"):
                keep(take_all(kind, base_url), folder / f"screens-{kind}.png")
        keep(overview(folder), folder / "overview.png")
    finally:
        display.close()


if __name__ == "__main__":
    main()
