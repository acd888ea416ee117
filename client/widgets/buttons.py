"""Everything that is pressed. Each is at least 44 dp high and wide (docs/product.md K8)."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, OptionProperty, StringProperty
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout

from client.theme.rules import load_rules
from client.widgets import focus, panel, text
from client.widgets.focus import Reachable
from client.words import _

load_rules(__file__, focus, panel, text)


class Pressable(Reachable, ButtonBehavior, AnchorLayout):
    """A shape with a label and an icon that dips a little while it is held."""

    text = StringProperty("")
    icon = StringProperty("")
    fill = ColorProperty((0, 0, 0, 0))
    ink = ColorProperty(None, allownone=True)
    outline = ColorProperty((0, 0, 0, 0))
    radius = NumericProperty()


class WideButton(Pressable):
    """Icon and words in a row. While `busy` it cannot be pressed and says what is going on.

    `needed` is how wide it must be for that, where it does not take a whole line.
    """

    busy = BooleanProperty(False)
    needed = NumericProperty()
    busy_text = StringProperty(_("One moment…"))


class FilledButton(WideButton):
    """The one thing to do on a screen."""


class QuietButton(WideButton):
    """Something else one can do."""


class SmallButton(Pressable):
    """A little action inside a panel; `needed` is how wide it must be for its icon and words."""

    needed = NumericProperty()


class LinkButton(Pressable):
    """Words alone that lead on, where a shape would be too loud."""

    halign = OptionProperty("center", options=("left", "center", "right"))


class IconButton(Pressable):
    """An icon alone; `text` is not shown."""


class RoundAction(Pressable):
    """One of the big round buttons under the deck."""


class RowButton(Reachable, ButtonBehavior, BoxLayout):
    """A whole row that leads somewhere: icon, text, chevron; the last only if it `leads` to another screen.

    `count` are things that wait there: a badge says how many, 0 shows none.
    """

    text = StringProperty("")
    icon = StringProperty("")
    detail = StringProperty("")
    count = NumericProperty(0)
    leads = BooleanProperty(True)


class Chip(Reachable, ButtonBehavior, AnchorLayout):
    """A choice that is on or off; whoever owns the choice sets `chosen`."""

    text = StringProperty("")
    value = StringProperty("")
    chosen = BooleanProperty(False)


class ChoiceTile(Reachable, ButtonBehavior, BoxLayout):
    """One of a few big choices: picture, name, what it means."""

    text = StringProperty("")
    detail = StringProperty("")
    art = StringProperty("")
    chosen = BooleanProperty(False)


class Segment(Reachable, ButtonBehavior, AnchorLayout):
    """One side of a switch with names; put several into a SegmentRow.

    Its `longest` word is not broken: it decides how large letters may be.
    """

    text = StringProperty("")
    chosen = BooleanProperty(False)
    longest = NumericProperty(1)

    def on_text(self, _segment: Segment, words: str) -> None:
        self.longest = max((len(word) for word in words.split()), default=1)


class SegmentRow(BoxLayout):
    """The trough that the sides of a switch lie in."""
