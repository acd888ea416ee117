"""What the client is put through while it is measured. Importing this opens a window: the display must be there."""

from __future__ import annotations

import gc
import json
import math
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import psutil
from kivy.base import EventLoop
from kivy.core.window import Window
from kivy.graphics.opengl import glFinish

from client.net import events, frames
from client.store import actions
from client.store.state import AppState
from tests.client.net.examples import event
from tests.client.ui import kitchen_scenes, scenes
from tests.client.ui.driver import FRAME
from tests.client.ui.stage import Stage, open_stage

_WARM_UP_FRAMES = 30
_FRAMES = 300
_ROWS = 10_000
_ROUNDS = 4
_CARDS = 200
_SCREENS = 50
_VISITED = (
    ("recipe", kitchen_scenes.RECIPE.id),
    ("restaurant", kitchen_scenes.RESTAURANT.id),
    ("favourites", ""),
    ("shopping", ""),
    ("history", ""),
    ("notifications", ""),
    ("profile", ""),
    ("privacy", ""),
    ("preferences", ""),
    ("account", ""),
)
_MEGABYTE = 1024**2


@contextmanager
def playing(state: AppState) -> Iterator[Stage]:
    """The app in a state, for as long as it is looked at."""
    with tempfile.TemporaryDirectory(prefix="dindin-bench-") as home, open_stage(state, Path(home)) as stage:
        yield stage


@dataclass
class Frames:
    """Seconds of each frame: what the UI thread worked, and how long it was until the last pixel was there."""

    stage: Stage
    worked: list[float] = field(default_factory=list)
    drawn: list[float] = field(default_factory=list)

    def draw(self, before: Callable[[], None] = lambda: None) -> None:
        """One frame, whole, whether or not anything has changed; `before` is what it brings along."""
        started, worked = time.perf_counter(), time.thread_time()
        before()
        self.stage.driver.step(draw=True)
        self.worked.append(time.thread_time() - worked)
        Window.flip()
        glFinish()
        self.drawn.append(time.perf_counter() - started)

    def without(self, first: int) -> Frames:
        """The same without the first ones."""
        return Frames(self.stage, self.worked[first:], self.drawn[first:])


# Dragging, with news


class News:
    """What a lively table tells: progress, presence and chat, as text that came over the socket."""

    def __init__(self, stage: Stage, a_second: float) -> None:
        self._stage = stage
        self._a_second = a_second
        self._due = 0.0
        self._seq = 0
        self._kinds = cycle(("swiped", "presence", "swiped", "chat", "reaction"))

    def pass_time(self, seconds: float) -> None:
        """Deliver what has become due."""
        self._due += seconds * self._a_second
        while self._due >= 1:
            self._due -= 1
            self._deliver(next(self._kinds))

    def _deliver(self, kind: str) -> None:
        self._seq += 1
        numbered = kind in {"chat", "reaction"}
        content: dict[str, Any] = {"participant_id": scenes.BEN.id}
        content |= {"message_id": f"m{self._seq}"} if kind == "chat" else {}
        content |= {"swiped": self._seq % 20, "round": 1} if kind == "swiped" else {}
        told = json.dumps(event(self._seq if numbered else None, kind, **content))
        session = self._stage.store.state.session
        if session is None:
            raise RuntimeError("the session has ended")
        for parsed in frames.parse(told):
            if not isinstance(parsed, events.Event):
                raise TypeError(f"{told} is no event: {parsed}")
            self._stage.store.dispatch(actions.LiveEvent(session.id, session.epoch, parsed))


def dragging(messages_a_second: float) -> Frames:
    """What a frame takes while a card is led around, never far enough to be swiped."""
    with playing(scenes.swiping(ends_at=scenes.EVENING + 600)) as stage:
        news = News(stage, messages_a_second)
        x, y = stage.screen.ids.deck.to_window(*stage.screen.ids.deck.center)
        finger = stage.driver.touch((x, y), release=False)
        measured = Frames(stage)
        for number in range(_WARM_UP_FRAMES + _FRAMES):
            turn = number / 30
            width, height = Window.system_size
            finger.move(((x + 90 * math.sin(turn)) / width, (y + 50 * math.sin(2 * turn)) / height))
            EventLoop.post_dispatch_input("update", finger)
            measured.draw(lambda: news.pass_time(FRAME))
        stage.driver.lift(finger)
    return measured.without(_WARM_UP_FRAMES)


# Long lists


@dataclass(frozen=True)
class Scrolled:
    """By a quarter of a row in each frame, and from end to end within all of them."""

    slowly: Frames
    fast: Frames


def long_list() -> tuple[float, Scrolled]:
    """The seconds it takes to show 10,000 rows, and those of each frame while they are scrolled through."""
    with playing(replace(scenes.at_home())) as stage:
        stage.go_to("discover")
        found = kitchen_scenes.many_results(_ROWS).kitchen
        started = time.perf_counter()
        stage.screen.ids.list.show(found.results, lambda card: _row_of(card, stage))
        Frames(stage).draw()
        shown = time.perf_counter() - started
        rows = stage.screen.ids.list.ids.rows
        a_row = rows.row_height / (_ROWS * rows.row_height - rows.height)
        slowly = _scrolled(stage, rows, a_row / 4)
        fast = _scrolled(stage, rows, 1 / (_FRAMES + _WARM_UP_FRAMES))
    return shown, Scrolled(slowly, fast)


def _row_of(card: Any, stage: Stage) -> dict[str, object]:
    from client.screens.browse_rows import row_of  # screens are imported when they are needed

    return row_of(card, stage.store.state.kitchen, stage.app.ports.pictures)


def _scrolled(stage: Stage, rows: Any, by: float) -> Frames:
    measured = Frames(stage)
    for number in range(_WARM_UP_FRAMES + _FRAMES):
        rows.scroll_y = 1 - by * number
        measured.draw()
    return measured.without(_WARM_UP_FRAMES)


# Memory


def memory_of_swiping() -> list[float]:
    """MB after 200 more cards, again and again."""
    cards = tuple(
        replace(card, id=f"{number:024x}")
        for number, card in enumerate(islice(cycle(scenes.CARDS), _CARDS * _ROUNDS + 1))
    )
    sizes = []
    with playing(scenes.swiping(deck=cards, ends_at=scenes.EVENING + 3600)) as stage:
        session = stage.store.state.session
        for number in range(_CARDS * _ROUNDS):
            stage.screen.ids.deck.throw("left" if number % 2 else "right")
            if session is not None:
                stage.store.dispatch(actions.CardSwiped(session.id, cards[number].id))
            stage.driver.wait(0.5)
            Frames(stage).draw()
            if (number + 1) % _CARDS == 0:
                sizes.append(_megabytes())
    return sizes


def memory_of_visiting() -> list[float]:
    """MB after 50 more screens, again and again."""
    sizes = []
    with playing(kitchen_scenes.many_results(500)) as stage:
        ways = cycle(_VISITED)
        for _ in range(_ROUNDS):
            for name, about in islice(ways, _SCREENS):
                stage.app.root.navigator.open_on_top(name, about)
                stage.driver.wait(0.4)
                Frames(stage).draw()
                stage.app.root.navigator.go_back()
                stage.driver.wait(0.4)
                Frames(stage).draw()
            sizes.append(_megabytes())
    return sizes


def _megabytes() -> float:
    gc.collect()
    return float(psutil.Process().memory_info().rss) / _MEGABYTE
