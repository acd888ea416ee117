"""Surfaces: panels with a soft shadow, and pictures of the app's own."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.image import Image
from kivy.uix.widget import Widget

from client.theme.rules import load_rules

load_rules(__file__)


class Panel(BoxLayout):
    """A raised sheet of paper; as high as what is in it. `fill` None is the theme's surface."""

    radius = NumericProperty()
    fill = ColorProperty(None, allownone=True)
    raised = BooleanProperty(True)


class Art(Image):
    """A picture from `client/assets/art`, by its name."""

    art = StringProperty("")


class ArtBadge(AnchorLayout):
    """A picture on a round wash of coral."""

    art = StringProperty("")


class Fold(BoxLayout):
    """Takes room only while `shown`. What is folded away is out of the tree: it cannot be touched or tabbed to.

    Put it where there is no spacing, and let it keep the distance to what is `above` it itself.
    """

    shown = BooleanProperty(True)
    above = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        self._folded: list[Widget] = []
        super().__init__(**properties)

    def on_shown(self, _fold: Fold, shown: bool) -> None:
        if shown:
            for widget in reversed(self._folded):
                self.add_widget(widget)
            self._folded = []
        elif not self._folded:
            self._folded = self.children[:]
            self.clear_widgets()


class Gap(Widget):
    """Takes what room is left."""
