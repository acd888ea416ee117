"""Quick reactions: choosing one, and seeing those of the others float up (docs/product.md S14)."""

from __future__ import annotations

import zlib
from typing import Any

from kivy.animation import Animation
from kivy.properties import StringProperty
from kivy.uix.behaviors import ButtonBehavior
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.scrollview import ScrollView

from client.store.state import Session
from client.theme.active import theme
from client.theme.rules import load_rules
from client.widgets import focus, panel, text
from client.widgets.focus import Reachable
from client.words import _

load_rules(__file__, focus, panel, text)

# Each emoji of the protocol with its picture: the text font has no emoji.
PICTURES = {
    "👍": "thumbs-up",
    "❤️": "heart",
    "😂": "laughing",
    "😮": "surprised",
    "😋": "yummy",
    "🤔": "thinking",
    "🔥": "fire",
    "👎": "thumbs-down",
}
# A reaction means something in its moment; what a reconnect brings later is not shown any more.
FRESH_SECONDS = 8.0
FLOAT_SECONDS = 2.6


class ReactionKey(Reachable, ButtonBehavior, panel.Art):
    """One emoji to press."""

    emoji = StringProperty("")


class ReactionPicker(ScrollView):
    """All emojis in a row, once they are offered; `on_pick(emoji)` tells which one was pressed."""

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_pick")
        super().__init__(**properties)

    def offer(self) -> None:
        """Lay them out; the pictures take long enough to be felt where nobody needs them yet."""
        if self.ids.row.children:
            return
        for emoji, art in PICTURES.items():
            key = ReactionKey(emoji=emoji, art=art)
            key.bind(on_release=lambda pressed: self.dispatch("on_pick", pressed.emoji))
            self.ids.row.add_widget(key)

    def on_pick(self, emoji: str) -> None:
        """Somebody listens."""


class FloatingReaction(BoxLayout):
    """An emoji with the name of who sent it."""

    art = StringProperty("")
    name = StringProperty("")


class FloatingReactions(FloatLayout):
    """Lets each new reaction of a session float up once. Takes no touches."""

    def __init__(self, **properties: Any) -> None:
        self._shown_until = 0.0
        super().__init__(**properties)

    def follow(self, session: Session, server_now: float) -> None:
        """Show what has come since the last time and is fresh at `server_now` (epoch seconds)."""
        since = max(self._shown_until, server_now - FRESH_SECONDS)
        for reaction in session.reactions:
            if reaction.at > since and reaction.emoji in PICTURES:
                names = {person.id: person.display_name for person in session.participants}
                name = (
                    _("You") if reaction.participant_id == session.you else names.get(reaction.participant_id)
                )
                self._float(PICTURES[reaction.emoji], name or "", reaction.participant_id)
        self._shown_until = max([self._shown_until, *(reaction.at for reaction in session.reactions)])

    def _float(self, art: str, name: str, participant_id: str) -> None:
        # Everybody's reactions rise in a lane of their own.
        lane = 0.16 + 0.68 * (zlib.crc32(participant_id.encode()) % 100) / 100
        floating = FloatingReaction(art=art, name=name)
        floating.center_x = self.x + self.width * lane
        floating.y = self.y + self.height * 0.2
        self.add_widget(floating)
        rise = 0.0 if theme.reduced_motion else self.height * 0.34
        away = Animation(y=floating.y + rise, duration=FLOAT_SECONDS, transition="out_quad")
        away &= Animation(opacity=1, duration=FLOAT_SECONDS * 0.7) + Animation(
            opacity=0, duration=FLOAT_SECONDS * 0.3
        )
        away.bind(on_complete=lambda *_: self.remove_widget(floating))
        away.start(floating)
