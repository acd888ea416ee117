"""Makes the pictures of `docs/images` from the real app, with the catalogue's own pictures on the cards.

Besides single ones there are sheets of every screen: in light, in dark and with text twice as large.

    python -m tests.client.ui.screenshots

`make screenshots` calls this. It needs Xvfb, no server and no database. To look at a few screens at their real size, in
`build/screens` or the folder FOLDER, name them as on the sheets, and perhaps how they shall look:

    make screenshots SCENES="home; browse, empty" LOOKS="dark german"

LOOKS alone draws the sheets of these looks.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image

from client.main import configure_kivy
from client.net import events
from client.store import actions
from client.store.state import AppState
from client.words import choose_language
from tests.client.ui import scenes
from tests.client.ui.contact_sheets import Sight, draw_sheet, overview
from tests.client.ui.display import open_display
from tests.client.ui.people_scenes import with_history
from tests.client.ui.state_scenes import album, open_chat

if TYPE_CHECKING:
    from client.widgets.picture import Pictures
    from tests.client.ui.stage import Stage

ROOT = Path(__file__).parents[3]
DENSITY = 1.5  # pixels per dp: sharp on today's screens, small enough for a repository
PATIENCE_SECONDS = 60.0
# Something was swiped already, so there is something to take back.
DONE = frozenset({"e" * 24})


@dataclass(frozen=True)
class Look:
    """How the app looks: by day or night, with text so large, in a language."""

    dark: bool = False
    text_percent: int = 100
    language: str = "en"


LOOKS = {
    "light": Look(),
    "dark": Look(dark=True),
    "large": Look(text_percent=200),
    "german": Look(language="de"),
    "large-german": Look(text_percent=200, language="de"),
}
SHEETS = ("light", "dark", "large")


@dataclass(frozen=True)
class Shot:
    """A state, and what a user does in it before the picture is taken."""

    name: str
    state: AppState
    look: Look = LOOKS["light"]
    play: Callable[[Stage], object] | None = None


def lean_right(stage: Stage) -> None:
    """Hold the top card half way to a like."""
    deck = stage.screen.ids.deck
    x, y = deck.to_window(*deck.center)
    stage.driver.touch(
        (x, y + deck.height * 0.2), (x + deck.width * 0.24, y + deck.height * 0.23), release=False
    )


def seeing(name: str, sight: Sight) -> Callable[[Stage], None]:
    """Go where a screen is, as far as the state does not call for it already, and do there what there is to do."""
    screen = name.partition(", ")[0]

    def play(stage: Stage) -> None:
        navigator = stage.app.root.navigator
        if stage.screen.name != screen:
            navigator.go_to(sight.place)
            stage.driver.wait(0.3)
        if stage.screen.name != screen:
            navigator.open_on_top(screen, sight.argument)
            stage.driver.wait(0.3)
        if sight.play is not None:
            wait_for_pictures(stage)
            sight.play(stage)

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
    Shot("home", with_history()),
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
    Shot("lobby-dark", scenes.lobby_voted(), LOOKS["dark"]),
    Shot("swipe-dark", scenes.swiping(swiped_ids=DONE), LOOKS["dark"], play=lean_right),
    Shot("round-two-dark", scenes.asking(), LOOKS["dark"]),
    Shot("chat-dark", scenes.talking(), LOOKS["dark"], play=open_chat),
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
        pictures = [widget for widget in stage.app.root.walk() if isinstance(widget, Picture) and widget.url]
        if all(picture.shown and picture.shown.width > PLACEHOLDER_SIDE for picture in pictures):
            return
        if time.monotonic() > deadline:
            raise TimeoutError("Some pictures did not come.")
        time.sleep(0.02)


@contextmanager
def opened_pictures() -> Iterator[Pictures]:
    """Where all apps get their pictures: one that is over still looks for them when text becomes larger."""
    from client.app import UiQueue  # noqa: PLC0415  (needs the display)
    from client.images import PictureLoader  # noqa: PLC0415  (needs the display)
    from client.picture_cache import DiskCache  # noqa: PLC0415  (beside it)

    with picture_server() as base_url, tempfile.TemporaryDirectory() as folder:
        loader = PictureLoader(base_url, DiskCache(Path(folder)), UiQueue().put)
        yield loader
        loader.close()


def take(shot: Shot, pictures: Pictures) -> Image.Image:
    """Play a shot; what it shows."""
    from tests.client.ui.stage import open_stage  # noqa: PLC0415  (needs the display)

    choose_language(shot.look.language, {})
    chosen = replace(shot.state.settings.chosen, text_percent=shot.look.text_percent)
    state = replace(shot.state, settings=replace(shot.state.settings, chosen=chosen))
    with (
        tempfile.TemporaryDirectory() as home,
        open_stage(state, Path(home), dark=shot.look.dark, pictures=pictures) as stage,
    ):
        wait_for_pictures(stage)
        if shot.play is not None:
            shot.play(stage)
        wait_for_pictures(stage)
        stage.driver.wait(0.5)  # they fade in
        return stage.driver.pixels()


def take_sight(name: str, sight: Sight, look: str, pictures: Pictures) -> Image.Image:
    """What one sees a screen with, in one of the LOOKS."""
    return take(Shot(name, sight.state, LOOKS[look], seeing(name, sight)), pictures)


def take_some(names: Sequence[str], looks: Sequence[str], folder: Path, pictures: Pictures) -> None:
    """Single screens, each in a file of its own."""
    sights = album()
    for name in names:
        for look in looks:
            picture = take_sight(name, sights[name], look, pictures)
            keep(picture, folder / f"{name.replace(', ', '-').replace(' ', '-')}.{look}.png")


def take_singles(folder: Path, pictures: Pictures) -> None:
    """The pictures of the documentation that show one screen, and the one that shows several of them."""
    for shot in SHOTS:
        keep(take(shot, pictures), folder / f"{shot.name}.png")
    keep(overview(folder), folder / "overview.png")


def take_sheets(looks: Sequence[str], folder: Path, pictures: Pictures) -> None:
    """A sheet of all screens for each look."""
    for look in looks:
        seen = {name: take_sight(name, sight, look, pictures) for name, sight in album().items()}
        keep(draw_sheet(seen, dark=LOOKS[look].dark), folder / f"screens-{look}.png")


def keep(picture: Image.Image, path: Path) -> None:
    """Save a picture and tell where."""
    picture.save(path, optimize=True)
    sys.stdout.write(f"{path}\n")


def wished(variable: str, known: Collection[str], separator: str | None) -> list[str]:
    """What a variable of the environment names; ends the program where something is not known."""
    names = [name.strip() for name in os.environ.get(variable, "").split(separator) if name.strip()]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SystemExit(f"{variable} has no {unknown[0]!r}. There are: {'; '.join(known)}.")
    return names


def main() -> None:
    """Take all pictures, or those that SCENES names."""
    names, looks = wished("SCENES", album(), ";"), wished("LOOKS", LOOKS, None)
    usual = ROOT / "build" / "screens" if names else ROOT / "docs" / "images"
    folder = Path(os.environ.get("FOLDER") or usual)
    folder.mkdir(parents=True, exist_ok=True)
    display = open_display(1200, 1600)
    os.environ.update(
        DISPLAY=display.name, SDL_VIDEODRIVER="x11", KIVY_METRICS_DENSITY=str(DENSITY), TZ="UTC"
    )
    configure_kivy(os.environ)
    logging.getLogger("kivy").setLevel(logging.ERROR)
    try:
        with opened_pictures() as pictures:
            if names:
                take_some(names, looks or SHEETS, folder, pictures)
            else:
                if not looks:
                    take_singles(folder, pictures)
                take_sheets(looks or SHEETS, folder, pictures)
    finally:
        display.close()


if __name__ == "__main__":
    main()
