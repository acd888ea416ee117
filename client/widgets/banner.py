"""What lies over a screen: the connection banner, notices, and questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.animation import Animation
from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.anchorlayout import AnchorLayout
from kivy.uix.boxlayout import BoxLayout

from client.store.state import Connection, Notice
from client.theme.rules import load_rules
from client.widgets import buttons, panel, sheet, text
from client.widgets.sheet import Sheet
from client.words import _, ngettext

load_rules(__file__, buttons, panel, sheet, text)

NOTICE_SECONDS = 6.0


class ConnectionBanner(BoxLayout):
    """Says that the connection is gone and what is kept; offers "Try now" once it has been gone for a while."""

    shown = BooleanProperty(False)
    words = StringProperty("")
    can_retry = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_retry")
        super().__init__(**properties)

    def on_retry(self) -> None:
        """ "Try now" was pressed; the shell listens."""

    def show(self, connection: Connection, in_session: bool, pending_swipes: int) -> None:
        """Follow the connection; outside a session there is none to lose."""
        self.shown = in_session and connection.status == "reconnecting"
        if self.shown:
            self.words = banner_words(connection, pending_swipes)
            self.can_retry = connection.give_hint


def banner_words(connection: Connection, pending_swipes: int) -> str:
    """One sentence about a lost connection: what happens now, and that nothing is lost."""
    hopeful, doubtful = _("Connection lost. Reconnecting…"), _("Still no connection. Is your internet on?")
    words = doubtful if connection.give_hint else hopeful
    if not pending_swipes:
        return words
    kept = ngettext("One swipe is kept.", "{count} swipes are kept.", pending_swipes)
    return f"{words} {kept.format(count=pending_swipes)}"


class NoticeBar(AnchorLayout):
    """One sentence that covers no title: at the foot, or below the head of screens that have their buttons at the foot.

    `head` is how much of its place, from the top, the title takes. A tap or a few seconds send it away.
    """

    at_foot = BooleanProperty(False)
    head = NumericProperty(0)
    text = StringProperty("")
    kind = StringProperty("info")
    rise = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_dismiss")
        self._timeout: Any = None
        super().__init__(**properties)

    def on_dismiss(self) -> None:
        """The notice has been seen; the shell listens."""

    def show(self, notice: Notice | None) -> None:
        """Show the notice, or none."""
        if self._timeout is not None:
            self._timeout.cancel()
            self._timeout = None
        Animation.cancel_all(self, "rise")
        if notice is None:
            Animation(rise=0, duration=0.15).start(self)
            return
        self.text, self.kind = notice.text, notice.kind
        Animation(rise=1, duration=0.22, transition="out_cubic").start(self)
        self._timeout = Clock.schedule_once(lambda _: self.dispatch("on_dismiss"), NOTICE_SECONDS)

    def on_touch_down(self, touch: Any) -> bool:
        if self.rise and self.ids.strip.collide_point(*touch.pos):
            self.dispatch("on_dismiss")
            return True
        return False


class Question(Sheet):
    """A sheet that asks before something is given up. Touches outside it mean no."""

    title = StringProperty("")
    words = StringProperty("")
    yes = StringProperty("")
    no = StringProperty("")
    answer = ObjectProperty(None, allownone=True)

    def ask(self, title: str, words: str, yes: str, answer: Callable[[], None], no: str = "") -> None:
        """Put the question; `answer` is called if the answer is yes. Without a word for no it is "Stay"."""
        self.title, self.words, self.yes, self.no, self.answer = title, words, yes, no or _("Stay"), answer
        self.show()

    def confirm(self) -> None:
        """Yes."""
        answer = self.answer
        self.close()
        if answer is not None:
            answer()

    def close(self) -> None:
        """No, or no longer asked."""
        self.answer = None
        super().close()
