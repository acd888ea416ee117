"""What a screen shows when it has nothing to show: nothing there, did not work, on its way, offline.

None of them is ever just a spinner: each has a picture or the shape of what is to come, and one sentence.
"""

from __future__ import annotations

from typing import Any

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from client.theme.active import theme
from client.theme.rules import load_rules
from client.widgets import buttons, panel, text
from client.widgets.panel import Fold

load_rules(__file__, buttons, panel, text)

BEAT_SECONDS = 1.6
FAINTEST = 0.45


class EmptyState(BoxLayout):
    """Nothing here yet: the picture `art`, `sentence`, and where it helps a button `action` (`on_act()`)."""

    art = StringProperty("plate")
    sentence = StringProperty("")
    action = StringProperty("")

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_act")
        super().__init__(**properties)

    def on_act(self) -> None:
        """The button was pressed; screens listen."""


class ErrorState(BoxLayout):
    """It did not work: `sentence` says what, `on_retry()` wants it tried again. `busy` while that is under way."""

    sentence = StringProperty("")
    busy = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_retry")
        super().__init__(**properties)

    def on_retry(self) -> None:
        """ "Try again" was pressed; screens listen."""


class OfflineHint(Fold):
    """A strip above what was here last, while the server cannot be reached."""


class Bone(Widget):
    """A grey shape in the place of something that is on its way; `glow` between 0 and 1 is how strong it is."""

    glow = NumericProperty(1)
    radius = NumericProperty()


class SkeletonRow(BoxLayout):
    """The shape of a list row."""

    glow = NumericProperty(1)


class SkeletonCard(BoxLayout):
    """The shape of a picture with a title and a few lines, as a recipe has them."""

    glow = NumericProperty(1)


class Skeleton(Fold):
    """Shapes of what is on its way while `shown`: `rows` list rows, or one card where it is 0.

    They breathe slowly; with reduced motion they stand still.
    """

    rows = NumericProperty(6)
    glow = NumericProperty(1)

    def __init__(self, **properties: Any) -> None:
        self._heart: Any = None
        super().__init__(**properties)
        self.bind(rows=self._fill, shown=self._live, parent=self._live)
        self._fill()
        self._live()

    def _fill(self, *_: Any) -> None:
        bones = [SkeletonRow() for _ in range(int(self.rows))] or [SkeletonCard()]
        shown = self.shown
        self.shown = True
        self.clear_widgets()
        for bone in bones:
            self.bind(glow=bone.setter("glow"))
            self.add_widget(bone)
        self.shown = shown

    def _live(self, *_: Any) -> None:
        alive = self.shown and self.parent is not None
        if alive and self._heart is None:
            self._heart = Clock.schedule_interval(self._beat, BEAT_SECONDS)
        elif not alive and self._heart is not None:
            self._heart.cancel()
            self._heart = None
            Animation.cancel_all(self, "glow")
            self.glow = 1

    def _beat(self, _elapsed: float) -> None:
        # On a screen that is not shown nobody sees it.
        if theme.reduced_motion or self.get_root_window() is None:
            return
        half = BEAT_SECONDS / 2
        there, back = (
            Animation(glow=glow, duration=half, transition="in_out_sine") for glow in (FAINTEST, 1)
        )
        (there + back).start(self)
