"""The deck: the top card follows the finger, the next two lie beneath it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.metrics import dp
from kivy.properties import BooleanProperty, ObjectProperty
from kivy.uix.floatlayout import FloatLayout

from client.net.values import Card
from client.theme.active import theme
from client.widgets import gesture
from client.widgets.card import CardFace
from client.widgets.gesture import Direction

SHOWN = 3
# Each card beneath is a little smaller and peeks out a little lower, by this share of the deck's height.
ZOOM_STEP = 0.05
PEEK_STEP = 0.018
# Where a touch notes whether it has stayed where it went down.
_STILL = "deck.still"


class SwipeDeck(FloatLayout):
    """Shows the first of `cards`; `on_swipe(item_id, direction)` reports each decision once, `on_tap(item_id)` a tap.

    A card that was swiped does not come back while it stays in `cards`, so a slow store cannot show it twice; only
    `take_back` brings it back at once. Whatever comes back flies in from where it went.
    """

    cards = ObjectProperty(())
    pictures = ObjectProperty(None, allownone=True)
    enabled = BooleanProperty(True)

    def __init__(self, now: Callable[[], float] = Clock.get_time, **properties: Any) -> None:
        self.register_event_type("on_swipe")
        self.register_event_type("on_tap")
        self._now = now
        self._faces: dict[str, CardFace] = {}
        self._swiped: set[str] = set()
        self._ways: dict[str, gesture.Flight] = {}
        self._meter = gesture.SpeedMeter()
        self._grip = 1.0
        super().__init__(**properties)
        self.bind(cards=self._deal, size=self._arrange, pos=self._arrange)

    def on_swipe(self, item_id: str, direction: Direction) -> None:
        """A card was swiped; screens listen."""

    def on_tap(self, item_id: str) -> None:
        """A card was tapped: it has not moved by more than a nervous finger does; screens listen."""

    @property
    def top_face(self) -> CardFace | None:
        """The card that can be swiped now."""
        waiting = self._waiting()
        return self._faces.get(waiting[0].id) if waiting else None

    def throw(self, direction: Direction) -> None:
        """Swipe the top card as a key or a button asks."""
        face = self.top_face
        if face is not None and self.enabled:
            _ink(face, gesture.Lean(direction, 1.0))
            self._let_fly(face, direction, gesture.thrown(direction, self.width, self.height))

    def take_back(self, item_id: str) -> None:
        """A card that was swiped may be shown again."""
        self._swiped.discard(item_id)
        self._deal()

    def on_touch_down(self, touch: Any) -> bool:
        face = self.top_face
        if face is None or not self.enabled or not self.collide_point(*touch.pos) or touch.is_mouse_scrolling:
            return False
        touch.grab(self)
        Animation.cancel_all(face)
        self._meter = gesture.SpeedMeter()
        self._meter.add(self._now(), touch.x, touch.y, Clock.frametime)
        self._grip = 1.0 if touch.y >= face.center_y else -1.0
        touch.ud[self] = face
        touch.ud[_STILL] = True
        return True

    def on_touch_move(self, touch: Any) -> bool:
        face = self._held(touch)
        if face is None:
            return False
        self._meter.add(self._now(), touch.x, touch.y, Clock.frametime)
        dx, dy = touch.x - touch.ox, touch.y - touch.oy
        touch.ud[_STILL] = touch.ud[_STILL] and gesture.is_tap(dx, dy, dp(1))
        face.shift_x, face.shift_y = dx, dy
        face.angle = gesture.tilt(dx, self.width, self._grip)
        _ink(face, gesture.lean(dx, dy, self.width, self.height))
        self._lift(min(1.0, (abs(dx) + abs(dy)) / (self.width * gesture.REACH_SIDEWAYS)))
        return True

    def on_touch_up(self, touch: Any) -> bool:
        face = self._held(touch)
        if face is None:
            return False
        touch.ungrab(self)
        # Some screens tell a drag without any move in between.
        if touch.ud[_STILL] and gesture.is_tap(touch.x - touch.ox, touch.y - touch.oy, dp(1)):
            self._spring_back(face)
            self.dispatch("on_tap", face.card.id)
            return True
        vx, vy = self._meter.speed(self._now())
        drag = gesture.Drag(touch.x - touch.ox, touch.y - touch.oy, vx, vy)
        direction = gesture.release(drag, self.width, self.height)
        if direction is None or not self.enabled:
            self._spring_back(face)
        else:
            way = gesture.flight(drag, direction, self.width, self.height, face.angle)
            self._let_fly(face, direction, way)
        return True

    def _held(self, touch: Any) -> CardFace | None:
        """The card this touch drags, as long as it is still the one on top."""
        if touch.grab_current is not self:
            return None
        face = touch.ud.get(self)
        return face if face is self.top_face else None

    def _waiting(self) -> list[Card]:
        return [card for card in self.cards if card.id not in self._swiped]

    def _let_fly(self, face: CardFace, direction: Direction, way: gesture.Flight) -> None:
        """The card leaves; the decision counts at once, not when the card has landed."""
        card = face.card
        self._swiped.add(card.id)
        self._ways[card.id] = way
        del self._faces[card.id]
        seconds = 0.01 if theme.reduced_motion else way.seconds
        leaving = Animation(
            shift_x=way.dx, shift_y=way.dy, angle=way.angle, duration=seconds, transition="out_quad"
        )
        leaving.bind(on_complete=lambda *_: self.remove_widget(face))
        leaving.start(face)
        self._deal()
        self.dispatch("on_swipe", card.id, direction)

    def _spring_back(self, face: CardFace) -> None:
        Animation(
            shift_x=0, shift_y=0, angle=0, like=0, nope=0, skip=0, duration=0.32, transition="out_back"
        ).start(face)
        self._settle()

    def _deal(self, *_: Any) -> None:
        """Have exactly the next cards as faces, the top one last so that it is drawn above the others."""
        self._swiped &= {card.id for card in self.cards}
        if not self.cards:
            # Another round: what comes now has not been here before.
            self._ways.clear()
        shown = self._waiting()[:SHOWN]
        wanted = {card.id for card in shown}
        for item_id in [known for known in self._faces if known not in wanted]:
            self.remove_widget(self._faces.pop(item_id))
        for depth, card in enumerate(shown):
            if card.id not in self._faces:
                self._add_face(card, depth)
            self._faces[card.id].card = card
        self._settle()

    def _add_face(self, card: Card, depth: int) -> None:
        face = CardFace(pictures=self.pictures, size_hint=(None, None), opacity=0)
        way = self._ways.pop(card.id, None)
        if way is None or theme.reduced_motion:
            face.zoom, face.shift_y = _resting(depth + 1, self._peek)
        else:
            face.opacity, face.angle, face.shift_x, face.shift_y = 1, way.angle, way.dx, way.dy
        flying = len(self.children) - len(self._faces)
        self._faces[card.id] = face
        self.add_widget(face, index=flying + depth)
        self._place(face)

    def _settle(self) -> None:
        """Let each waiting card glide to its place in the pile."""
        for depth, card in enumerate(self._waiting()[:SHOWN]):
            face = self._faces[card.id]
            zoom, shift_y = _resting(depth, self._peek)
            Animation.cancel_all(face, "zoom", "opacity")
            moved = Animation(zoom=zoom, opacity=1, duration=0.2, transition="out_quad")
            moved.start(face)
            if depth:
                Animation(shift_y=shift_y, duration=0.2, transition="out_quad").start(face)
            elif face.shift_x == 0 and face.shift_y < 0:
                Animation(shift_y=0, duration=0.2, transition="out_quad").start(face)
            elif face.angle and not face.like + face.nope + face.skip:
                Animation(shift_x=0, shift_y=0, angle=0, duration=0.3, transition="out_quad").start(face)

    def _lift(self, progress: float) -> None:
        """The further the top card is dragged, the more the next ones come forward."""
        for depth, card in enumerate(self._waiting()[1:SHOWN], start=1):
            face = self._faces[card.id]
            Animation.cancel_all(face, "zoom", "shift_y")
            face.zoom, face.shift_y = _resting(depth - progress, self._peek)

    @property
    def _peek(self) -> float:
        return float(self.height) * PEEK_STEP

    def _arrange(self, *_: Any) -> None:
        """The deck has got another size: everything goes to its place at once."""
        for face in self.children:
            self._place(face)
        for depth, card in enumerate(self._waiting()[:SHOWN]):
            face = self._faces[card.id]
            Animation.cancel_all(face)
            face.shift_x, face.angle, face.opacity = 0, 0, 1
            face.zoom, face.shift_y = _resting(depth, self._peek)

    def _place(self, face: CardFace) -> None:
        """Leave room at the foot of the deck for the cards that peek out."""
        foot = self._peek * (SHOWN - 1)
        face.size = (self.width, max(1.0, self.height - foot))
        face.pos = (self.x, self.y + foot)


def _resting(depth: float, peek: float) -> tuple[float, float]:
    """Size and offset of a card that lies `depth` cards down."""
    return 1 - ZOOM_STEP * depth, -peek * depth


def _ink(face: CardFace, lean: gesture.Lean) -> None:
    face.like = lean.strength if lean.direction == "right" else 0.0
    face.nope = lean.strength if lean.direction == "left" else 0.0
    face.skip = lean.strength if lean.direction == "up" else 0.0
