"""Says for a moment that another round has begun: the cards are others now, and less time is left."""

from __future__ import annotations

from typing import Any

from kivy.animation import Animation
from kivy.properties import NumericProperty, StringProperty
from kivy.uix.anchorlayout import AnchorLayout

from client.theme.active import theme
from client.theme.rules import load_rules
from client.widgets import panel, text

load_rules(__file__, panel, text)

SHOWN_SECONDS = 1.8


class RoundSplash(AnchorLayout):
    """Lies over the deck and lets every touch through; nothing is to be seen but after `announce`."""

    title = StringProperty("")
    words = StringProperty("")
    strength = NumericProperty(0)

    def announce(self, title: str, words: str) -> None:
        """Show the name of a round and what it is, then fade."""
        self.title, self.words = title, words
        Animation.cancel_all(self, "strength")
        fade = 0.01 if theme.reduced_motion else 0.25
        shown = Animation(strength=1, duration=fade) + Animation(strength=1, duration=SHOWN_SECONDS)
        (shown + Animation(strength=0, duration=fade)).start(self)

    def on_touch_down(self, touch: Any) -> bool:
        del touch
        return False
