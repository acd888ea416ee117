"""A sheet of paper that rises from the foot of the screen, over a dimmed background."""

from __future__ import annotations

from typing import Any

from kivy.animation import Animation
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.floatlayout import FloatLayout

from client.theme.rules import load_rules
from client.widgets import panel

load_rules(__file__, panel)


class Sheet(FloatLayout):
    """Fills its screen and does nothing until it is shown. Its rules put a SheetPaper with the id `sheet` into it.

    While it is up nothing beneath it is touched, and a touch outside the paper sends it away.
    """

    open = BooleanProperty(False)
    rise = NumericProperty(0)

    def show(self) -> None:
        """Come up."""
        self.open = True
        Animation.cancel_all(self, "rise")
        Animation(rise=1, duration=0.2, transition="out_cubic").start(self)

    def close(self) -> None:
        """Go down again."""
        self.open = False
        Animation.cancel_all(self, "rise")
        Animation(rise=0, duration=0.15).start(self)

    def on_touch_down(self, touch: Any) -> bool:
        if not self.open:
            return False
        if not self.ids.sheet.collide_point(*touch.pos):
            self.close()
            return True
        super().on_touch_down(touch)
        return True


class SheetPaper(panel.Panel):
    """The paper itself; `rise` is that of its sheet."""

    rise = NumericProperty(0)
