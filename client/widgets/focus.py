"""Working without a pointer: what can be reached with Tab, and the ring around where one is (docs/product.md K8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.recycleboxlayout import RecycleBoxLayout
from kivy.uix.recycleview import RecycleView
from kivy.uix.scrollview import ScrollView
from kivy.uix.textinput import TextInput
from kivy.uix.widget import Widget

from client.theme.rules import load_rules

load_rules(__file__)


class Reachable(Widget):
    """Something that can be pressed, with the pointer or the keyboard; put it before Kivy's ButtonBehavior.

    Kivy's own FocusBehavior would not do: it takes the focus at every touch and calls up a phone's keyboard with it.
    """

    ringed = BooleanProperty(False)
    ring_radius = NumericProperty(0)

    def press(self) -> None:
        """What Enter and the space bar do: the same as a tap."""
        self.trigger_action(0.1)


class TypingLine(TextInput):
    """A line to type in that leaves Tab to the ring, so that buttons are reached from it too."""

    def keyboard_on_key_down(
        self, window: Any, keycode: tuple[int, str], text: str, modifiers: list[str]
    ) -> bool:
        if keycode[1] == "tab":
            return False
        return bool(super().keyboard_on_key_down(window, keycode, text, modifiers))


class FocusRing:
    """Moves through what is reachable in a part of the window, in the order in which it is read."""

    def __init__(self) -> None:
        self._at: Widget | None = None

    def move(self, scope: Widget, *, back: bool = False) -> bool:
        """To the next one below `scope`, or the one before; from the last one on to the first."""
        stops = list(reachable(scope))
        if not stops:
            return False
        # Where somebody types, that is where they are, wherever the ring was before.
        typing = next((stop for stop in stops if isinstance(stop, TextInput) and stop.focus), None)
        here = self._at if typing is None else typing
        place = stops.index(here) + (-1 if back else 1) if here in stops else -1 if back else 0
        self._go_to(stops[place % len(stops)], typing)
        return True

    def press(self) -> bool:
        """Press what the ring is around; True when it was around something."""
        if not isinstance(self._at, Reachable) or not self._at.ringed or not may_be_reached(self._at):
            return False
        self._at.press()
        return True

    def leave(self) -> None:
        """Take the ring away, as when the pointer is used."""
        if isinstance(self._at, Reachable):
            self._at.ringed = False
        self._at = None

    def _go_to(self, stop: Widget, typing: TextInput | None) -> None:
        self.leave()
        if typing is not None:
            typing.focus = False
        self._at = stop
        if isinstance(stop, TextInput):
            stop.focus = True
        else:
            stop.ringed = True
        bring_into_view(stop)


def reachable(scope: Widget) -> Iterator[Widget]:
    """What can be reached below `scope`, in reading order."""
    # A line may be unseen and show what is typed elsewhere; other things that cannot be seen are not there.
    if not (scope.opacity or isinstance(scope, TextInput)):
        return
    if isinstance(scope, Reachable | TextInput) and may_be_reached(scope):
        yield scope
    children = scope.children
    if isinstance(scope, RecycleBoxLayout):
        # Recycled rows are children in whatever order they were last used.
        children = sorted(children, key=lambda child: float(child.y))
    for child in reversed(children):
        yield from reachable(child)


def may_be_reached(widget: Widget) -> bool:
    """Whether pressing it would do something now."""
    return not widget.disabled and widget.get_root_window() is not None


def bring_into_view(widget: Widget) -> None:
    """Scroll whatever lies around the widget so that it can be seen."""
    inside, around = widget, widget.parent
    while isinstance(around, Widget) and around is not around.parent:
        if isinstance(around, RecycleBoxLayout):
            _show_with_neighbours(around.parent, inside)
            return
        if isinstance(around, ScrollView):
            around.scroll_to(widget, padding=around.height * 0.1, animate=False)
            return
        inside, around = around, around.parent


def _show_with_neighbours(rows: RecycleView, row: Widget) -> None:
    """Scroll until half of the rows above and below is in sight: those that are not do not exist for Tab."""
    below_all = rows.viewport_size[1] - rows.height
    if below_all <= 0:
        return
    foot = rows.scroll_y * below_all
    foot = min(max(foot, row.top + row.height / 2 - rows.height), row.y - row.height / 2)
    rows.scroll_y = min(1, max(0, foot / below_all))
