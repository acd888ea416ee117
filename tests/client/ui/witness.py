"""The app as `python -m client` opens it, with a witness in its window who writes down what is shown.

    python -m tests.client.ui.witness FILE [arguments of the client]

A hand at a real window must know where things are and whether they have felt it: pixels tell neither on a slow machine.
The witness only looks. What it writes, in FILE, anew each time something has changed (places are pixels from the
window's upper left corner):

    window: where that corner is on the display; focused: whether the window has the keyboard's attention
    screen: the screen's name; at_rest: nothing fades or moves
    things: by the path of their ids, as in "email.line": place, and whether it is within reach there; enabled; text;
        focus
    card: the id of the one on top; held: whether it is held by a touch
    pointer: its place; pressed, released: how often so far; pressed_on: the paths of what lay there the last time
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from client.main import configure_kivy, main

LOOK_EVERY_SECONDS = 0.04


class Witness:
    """Looks at the running app, if there is one."""

    def __init__(self, file: Path) -> None:
        from kivy.core.window import Window  # noqa: PLC0415  (opens the window, so only once Kivy is configured)

        self._file, self._window = file, Window
        self._touches: dict[str, Any] = {"pressed": 0, "released": 0, "pressed_on": []}
        self._places: dict[str, list[float]] = {}
        self._card: tuple[float, ...] = ()
        self._written: dict[str, Any] = {}
        Window.bind(on_touch_down=self._press, on_touch_up=self._release)

    def look(self, _elapsed: float) -> None:
        """Write down what is shown now."""
        from kivy.app import App  # noqa: PLC0415  (beside it)

        app = App.get_running_app()
        if app is None or app.root is None:
            return
        told = self._seen(app.root.navigator)
        if told != self._written:
            self._written = told
            draft = self._file.with_suffix(".draft")
            draft.write_text(json.dumps(told), "utf-8")
            draft.replace(self._file)

    def _seen(self, navigator: Any) -> dict[str, Any]:
        screen = navigator.current_screen
        things = dict(_things(screen))
        places, self._places = self._places, {path: self._place(thing) for path, thing in things.items()}
        card, self._card = self._card, _card_pose(things)
        return {
            "window": [self._window.left, self._window.top],
            "focused": self._window.focus,
            "screen": screen.name,
            "at_rest": not navigator.transition.is_active and (places, card) == (self._places, self._card),
            "things": {path: self._describe(path, thing) for path, thing in things.items()},
            "card": _top_card(things),
            "held": _holds_touch(things.get("deck")),
            "pointer": self._from_top(*self._window.mouse_pos),
            **self._touches,
        }

    def _describe(self, path: str, thing: Any) -> dict[str, Any]:
        return {
            "place": self._places[path],
            "within_reach": self._is_within_reach(thing),
            "enabled": not thing.disabled,
            "text": str(getattr(thing, "text", "")),
            "focus": bool(getattr(thing, "focus", False)),
        }

    def _is_within_reach(self, thing: Any) -> bool:
        """Whether its middle is to be seen, however often its neighbourhood is scrolled or faded."""
        x, y = thing.to_window(*thing.center)
        above = thing
        while above is not None and above is not self._window:
            if above.opacity == 0 or not _covers(above, x, y):
                return False
            above = above.parent
        return above is self._window

    def _place(self, thing: Any) -> list[float]:
        return self._from_top(*thing.to_window(*thing.center))

    def _from_top(self, x: float, y: float) -> list[float]:
        return [round(x), round(self._window.height - 1 - y)]

    def _press(self, _window: Any, touch: Any) -> None:
        from kivy.app import App  # noqa: PLC0415  (beside it)

        self._touches["pressed"] += 1
        things = _things(App.get_running_app().root.navigator.current_screen)
        self._touches["pressed_on"] = [path for path, thing in things if _covers(thing, *touch.pos)]

    def _release(self, _window: Any, _touch: Any) -> None:
        self._touches["released"] += 1


def _things(widget: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, thing in widget.ids.items():
        yield f"{path}{name}", thing
        yield from _things(thing, f"{path}{name}.")


def _covers(thing: Any, x: float, y: float) -> bool:
    """Whether a point of the window is on it."""
    left, foot = thing.to_window(thing.x, thing.y)
    return bool(left <= x <= left + thing.width and foot <= y <= foot + thing.height)


def _top_card(things: dict[str, Any]) -> str:
    face = things["deck"].top_face if "deck" in things else None
    return face.card.id if face is not None else ""


def _card_pose(things: dict[str, Any]) -> tuple[float, ...]:
    face = things["deck"].top_face if "deck" in things else None
    return () if face is None else (face.shift_x, face.shift_y, face.angle, face.zoom, face.opacity)


def _holds_touch(deck: Any) -> bool:
    from kivy.base import EventLoop  # noqa: PLC0415  (beside it)

    holders = [holder() for touch in EventLoop.touches for holder in touch.grab_list]
    return deck is not None and any(holder is deck.__self__ for holder in holders)  # ids are proxies


def testify(file: Path, arguments: list[str]) -> int:
    """Run the client and write down what it shows."""
    configure_kivy(os.environ)
    from kivy.clock import Clock  # noqa: PLC0415  (only once Kivy is configured)

    witnesses: list[Witness] = []

    def look(elapsed: float) -> None:
        if not witnesses:
            witnesses.append(Witness(file))
        witnesses[0].look(elapsed)

    Clock.schedule_interval(look, LOOK_EVERY_SECONDS)
    return main(arguments)


if __name__ == "__main__":
    sys.exit(testify(Path(sys.argv[1]), sys.argv[2:]))
