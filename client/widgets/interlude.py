"""What is shown in place of the deck: loading, all done, a pause, watching. Each with a picture and a sentence."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ObjectProperty, StringProperty
from kivy.uix.scrollview import ScrollView

from client.store.state import Session
from client.theme.rules import load_rules
from client.widgets import buttons, panel, people, text
from client.widgets.people import deciding
from client.widgets.wording import clock_text, spoken_list
from client.words import _, marked, ngettext

load_rules(__file__, buttons, panel, people, text)

DEALING = {
    1: marked("Everybody gets the same deck, in the same order."),
    2: marked("You get what others liked, and cards nobody has seen."),
}
LAST_DEAL = marked("Everybody gets the five most liked cards.")


class Interlude(ScrollView):
    """Shown while `phase` is anything but "cards"; `on_resume` asks the others to go on after a break.

    It lies over the deck, so while there are cards it lets every touch through.
    """

    session = ObjectProperty(None, allownone=True)
    phase = StringProperty("loading")
    art = StringProperty("dinner")
    title = StringProperty("")
    words = StringProperty("")
    can_resume = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        self.register_event_type("on_resume")
        super().__init__(**properties)

    def on_resume(self) -> None:
        """The screen listens."""

    def on_touch_down(self, touch: Any) -> bool:
        return self.phase != "cards" and bool(super().on_touch_down(touch))

    def on_session(self, _interlude: Interlude, session: Session | None) -> None:
        if session is None:
            return
        self.phase = phase_of(session)
        self.art, self.title, self.words = interlude_words(session)
        asked = any(motion.kind == "resume" for motion in session.motions)
        by_vote = session.pause is not None and session.pause.reason == "vote"
        self.can_resume = by_vote and not asked and not session.spectating


def phase_of(session: Session) -> str:
    """ "cards" while there are some to swipe, else why not: "paused", "watching", "loading" or "waiting"."""
    if session.status == "paused":
        return "paused"
    if session.spectating:
        return "watching"
    if not session.deck_loaded:
        return "loading"
    return "cards" if session.current_card is not None else "waiting"


def interlude_words(session: Session) -> tuple[str, str, str]:
    """Picture, title and sentence for what is going on."""
    phase = phase_of(session)
    if phase == "paused":
        return paused_words(session)
    if phase == "watching":
        return (
            "couch",
            _("You're watching"),
            _("You came after the first round. Here is how it goes, and how it ends."),
        )
    if phase == "loading":
        return "dinner", _("Dealing the cards…"), dealing_words(session.round)
    if not session.deck:
        return "waiting", _("Nothing new for you"), waiting_words(session)
    return "waiting", _("All done!"), waiting_words(session)


def dealing_words(number: int) -> str:
    """What the cards of a round are."""
    return _(DEALING.get(number, LAST_DEAL))


def paused_words(session: Session) -> tuple[str, str, str]:
    """Why the clock stands, and what makes it go on."""
    pause = session.pause
    left = ""
    if pause is not None:
        left = " " + _("{time} of this round are left.").format(time=clock_text(pause.remaining))
    if pause is not None and pause.reason == "majority_away":
        return (
            "antenna",
            _("Waiting for the others"),
            _("Too many are away. It goes on by itself when they are back.") + left,
        )
    return "pause", _("Taking a break"), _("You decided on it together.") + left


def waiting_words(session: Session) -> str:
    """Whom those who are done wait for."""
    others = [
        person.display_name
        for person in deciding(session)
        if person.id != session.you and person.swiped < person.deck_size
    ]
    if not others:
        return _("Everybody is done. Counting the likes…")
    words = ngettext("{names} is still choosing.", "{names} are still choosing.", len(others))
    return words.format(names=spoken_list(others))
