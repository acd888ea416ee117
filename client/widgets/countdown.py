"""What is left of a round, by the server's clock."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.boxlayout import BoxLayout

from client.theme.active import theme
from client.theme.rules import load_rules
from client.widgets import text
from client.widgets.wording import clock_text

load_rules(__file__, text)

URGENT_SECONDS = 30
TICK = 0.2


class ServerTimer:
    """Calls `show(seconds_left)` a few times a second while `ends_at` (server epoch seconds) is set.

    Also in the frame in which the number of whole seconds changes: devices side by side change it together. The
    server's now is the local clock plus `offset`; only the difference matters, so a wrong local clock does no harm.
    """

    def __init__(self, now: Callable[[], float], show: Callable[[float], None]) -> None:
        self._now = now
        self._show = show
        self._ends_at: float | None = None
        self._offset = 0.0
        self._event: Any = None

    def set(self, ends_at: float | None, offset: float) -> None:
        """Count down to `ends_at`, or stop for None."""
        self._ends_at, self._offset = ends_at, offset
        self.stop()
        if ends_at is not None:
            self._tick()

    def stop(self) -> None:
        """Count no further."""
        if self._event is not None:
            self._event.cancel()
            self._event = None

    def _tick(self, *_: float) -> None:
        if self._ends_at is None:
            return
        left = self._ends_at - self._now() - self._offset
        self._event = Clock.schedule_once(self._tick, min(TICK, left % 1 or TICK))
        self._show(max(0.0, left))


class CountdownBar(BoxLayout):
    """A thin bar and `m:ss`, of a round of `length` seconds; urgent in the last half minute, calm while it stands."""

    seconds = NumericProperty(0)
    share = NumericProperty(1)
    clock = StringProperty("")
    caption = StringProperty("")
    urgent = BooleanProperty(False)
    length = NumericProperty(1)
    standing = BooleanProperty(False)

    def show(self, seconds: float) -> None:
        """Show that `seconds` are left."""
        self.seconds = seconds
        self.clock = clock_text(seconds)
        self.share = min(1.0, seconds / max(self.length, 1.0))
        self.urgent = seconds <= URGENT_SECONDS and not self.standing


class StartCountdown(AnchorLayout):
    """Three, two, one over the whole lobby before the first round; `number` is empty when nothing is about to start."""

    number = StringProperty("")
    size_now = NumericProperty(1)

    def show(self, seconds: float) -> None:
        """Show that the round starts in `seconds`."""
        self.number = str(max(1, math.ceil(seconds))) if seconds > 0 else "Go!"

    def hide(self) -> None:
        """Nothing is about to start (any more)."""
        self.number = ""

    def on_number(self, _countdown: StartCountdown, number: str) -> None:
        Animation.cancel_all(self, "size_now")
        if number and not theme.reduced_motion:
            self.size_now = 1.35
            Animation(size_now=1, duration=0.35, transition="out_back").start(self)

    def on_touch_down(self, touch: Any) -> bool:
        # The lobby beneath stays usable: taking back "ready" stops the countdown.
        del touch
        return False
