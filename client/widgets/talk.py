"""The chat: a button that counts what is unread, and the sheet with messages, reactions and a line to type in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.label import Label

from client.net.values import ChatMessage
from client.store.state import Session
from client.theme.rules import load_rules
from client.widgets import buttons, fields, panel, reactions, sheet, text
from client.widgets.sheet import Sheet
from client.widgets.wording import count_text, in_letters
from client.words import _

load_rules(__file__, buttons, fields, panel, reactions, sheet, text)

# docs/product.md S14.
LONGEST_MESSAGE = 500
MOST_UNREAD_SHOWN = 9


class TalkButton(buttons.Pressable):
    """Opens the chat of `session`; a badge counts what has not been seen."""

    session = ObjectProperty(None, allownone=True)
    badge = StringProperty("")

    def on_session(self, _button: TalkButton, session: Session | None) -> None:
        unread = 0 if session is None else session.unread
        self.badge = count_text(unread, MOST_UNREAD_SHOWN) if unread else ""


class SpokenWords(Label):
    """Words on a patch of colour: as wide as they are, and wrapped where that would be more than `widest`."""

    widest = NumericProperty(0)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self.bind(text=self._fit, widest=self._fit, font_size=self._fit)

    def _fit(self, *_: Any) -> None:
        self.text_size = (None, None)
        self.texture_update()
        if self.texture_size[0] > self.widest > 0:
            self.text_size = (self.widest, None)


class MessageRow(BoxLayout):
    """One message; the name is left out where the one before is of the same person."""

    name = StringProperty("")
    text = StringProperty("")
    mine = BooleanProperty(False)


class TalkSheet(Sheet):
    """What everybody says. `on_say(text)`, `on_react(emoji)`, and `on_seen()` while new messages are looked at."""

    can_talk = BooleanProperty(True)
    online = BooleanProperty(True)
    empty = BooleanProperty(True)

    def __init__(self, **properties: Any) -> None:
        for name in ("on_say", "on_react", "on_seen"):
            self.register_event_type(name)
        self._session_id = ""
        self._shown: tuple[ChatMessage, ...] = ()
        super().__init__(**properties)

    def on_say(self, text: str) -> None:
        """The shell listens."""

    def on_react(self, emoji: str) -> None:
        """The shell listens."""

    def on_seen(self) -> None:
        """The shell listens."""

    def say(self) -> None:
        """Send what was typed; the line is free for the next thing at once."""
        words = self.ids.line.text.strip()
        self.ids.line.text = ""
        if words:
            self.dispatch("on_say", words[:LONGEST_MESSAGE])
        # Enter lets go of the cursor; whoever talks wants to go on.
        Clock.schedule_once(lambda _: setattr(self.ids.line, "focus", self.open))

    def react(self, emoji: str) -> None:
        """Send a reaction and get out of the way, so that it can be seen."""
        self.dispatch("on_react", emoji)
        self.close()

    def show(self) -> None:
        super().show()
        self.ids.scroll.scroll_y = 0
        self.dispatch("on_seen")

    def close(self) -> None:
        self.ids.line.focus = False
        super().close()

    def follow(self, session: Session | None, online: bool) -> None:
        """Show the messages of the session that is open."""
        self.online = online
        if session is None:
            return
        self.ids.reactions.offer()
        self.can_talk = session.status not in {"expired", "closed"}
        if session.messages != self._shown or session.id != self._session_id:
            self._list(session)
        if self.open and session.unread:
            self.dispatch("on_seen")

    def _list(self, session: Session) -> None:
        """Have a row for each message; those that are there already stay, for there may be many."""
        messages, rows = session.messages, self.ids.rows
        kept = _still_first(self._shown, messages) if session.id == self._session_id else ()
        # Kivy lists the children from the last one on.
        rows.clear_widgets(rows.children[len(kept) :])
        for place in range(len(kept), len(messages)):
            before = messages[place - 1].participant_id if place else None
            named = messages[place].participant_id != before
            rows.add_widget(_row(session, messages[place], named=named))
        self._shown, self._session_id = messages, session.id
        self.empty = not messages
        self.ids.scroll.scroll_y = 0


def _still_first(shown: Sequence[ChatMessage], messages: Sequence[ChatMessage]) -> Sequence[ChatMessage]:
    """The end of what is shown if `messages` begin with it, once the oldest have been dropped; else nothing."""
    if not messages or messages[0] not in shown:
        return ()
    kept = shown[shown.index(messages[0]) :]
    return kept if kept == messages[: len(kept)] else ()


def _row(session: Session, message: ChatMessage, *, named: bool) -> MessageRow:
    mine = message.participant_id == session.you
    names = {person.id: person.display_name for person in session.participants}
    name = names.get(message.participant_id, _("Somebody")) if named and not mine else ""
    return MessageRow(name=name, text=in_letters(message.text), mine=mine)
