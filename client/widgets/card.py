"""A card of the deck: picture, title, one line about it, facts; with the stamps that a drag inks."""

from __future__ import annotations

from kivy.properties import ColorProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.floatlayout import FloatLayout
from kivy.uix.stacklayout import StackLayout

from client.net.values import Card
from client.theme.rules import load_rules
from client.widgets import panel, picture, text
from client.widgets.wording import Fact, facts_of
from client.words import _

load_rules(__file__, panel, picture, text)


class Tag(BoxLayout):
    """A small fact: an icon and a few words."""

    icon = StringProperty("")
    text = StringProperty("")


class TagRow(StackLayout):
    """Facts side by side, on as many lines as they need."""

    facts = ObjectProperty(())

    def on_facts(self, _row: TagRow, facts: tuple[Fact, ...]) -> None:
        self.clear_widgets()
        for fact in facts:
            self.add_widget(Tag(icon=fact.icon, text=fact.text))


class Stamp(AnchorLayout):
    """LIKE, NOPE or SKIP, inked as strongly as the drag is far."""

    text = StringProperty("")
    ink = ColorProperty()
    strength = NumericProperty(0)
    slant = NumericProperty(0)


class CardFace(FloatLayout):
    """Shows `card`. `shift_x`, `shift_y`, `angle` and `zoom` move what is drawn, not the layout beneath."""

    card = ObjectProperty(None, allownone=True)
    pictures = ObjectProperty(None, allownone=True)
    shift_x = NumericProperty(0)
    shift_y = NumericProperty(0)
    angle = NumericProperty(0)
    zoom = NumericProperty(1)
    like = NumericProperty(0)
    nope = NumericProperty(0)
    skip = NumericProperty(0)

    title = StringProperty("")
    subtitle = StringProperty("")
    image_url = StringProperty("")
    blurhash = StringProperty("")
    badge = StringProperty("")
    facts = ObjectProperty(())

    def on_card(self, _face: CardFace, card: Card | None) -> None:
        if card is None:
            return
        self.title = card.title
        self.subtitle = card.subtitle
        self.blurhash = card.blurhash
        self.image_url = card.image_url
        self.badge = _("Sponsored") if card.sponsored else ""
        self.facts = facts_of(card)
