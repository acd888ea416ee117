"""Words for numbers: facts of a card, clocks, greetings. Pure, so that every wording has a test."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from client.net.values import Card
from client.vocabulary import MONTHS
from client.words import _

# Characters that only change the look of the emoji before them.
_EMOJI_STYLE = "\ufe0f"
_SKIN_TONES = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_SYMBOLS, _AFTER_SYMBOLS, _EMOJIS = "\u2600", "\u2800", "\U0001f000"

# A card shows this many facts; more would push the picture away.
MOST_FACTS = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """An icon's name and the words beside it."""

    icon: str
    text: str


def minutes_text(minutes: int) -> str:
    """`25 min`, `1 h`, `1 h 20 min`, as the server writes it too."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min"
    return f"{hours} h {rest} min" if rest else f"{hours} h"


def distance_text(miles: float) -> str:
    """`0.8 mi`, `12 mi`; one decimal only where it helps."""
    return f"{miles:.1f} mi" if miles < 10 else f"{miles:.0f} mi"  # noqa: PLR2004  (ten miles read better rounded)


def label_of(tag: str) -> str:
    """`gluten-free` as `Gluten-free`: tags are lower case in the API. Those that the app knows are translated."""
    return _(_spelled(tag))


def _spelled(tag: str) -> str:
    return tag[:1].upper() + tag[1:]


def facts_of(card: Card) -> tuple[Fact, ...]:
    """The facts worth a chip, most useful first: time or distance, price, rating, cuisine, diet.

    What the subtitle says already is left out.
    """
    said = card.subtitle.casefold()
    found: list[tuple[str, str]] = []
    if card.minutes is not None:
        found.append(("clock-outline", minutes_text(card.minutes)))
    if card.distance_miles is not None:
        found.append(("map-marker", distance_text(card.distance_miles)))
    if card.rating is not None:
        found.append(("star", f"{card.rating:.1f}"))
    if card.price is not None:
        found.append(("silverware-fork-knife", "$" * card.price))
    if card.difficulty is not None:
        found.append(("chef-hat", _spelled(card.difficulty)))
    if card.cuisines:
        found.append(("food-outline" if card.kind == "recipe" else "store", _spelled(card.cuisines[0])))
    found.extend(("leaf", _spelled(tag)) for tag in telling_tags(card.dietary_tags))
    # The server speaks English, so what it has said is looked for before anything is translated.
    return tuple(Fact(icon, _(words)) for icon, words in found if words.casefold() not in said)[:MOST_FACTS]


def telling_tags(tags: Sequence[str]) -> tuple[str, ...]:
    """Dietary tags without those another one implies (docs/product.md C: vegan implies vegetarian and more)."""
    implied = {
        "vegan": {"vegetarian", "pescatarian", "dairy-free"},
        "vegetarian": {"pescatarian"},
    }
    silent = set().union(*(implied.get(tag, set()) for tag in tags))
    return tuple(tag for tag in tags if tag not in silent)


def clock_text(seconds: float) -> str:
    """What is left as `m:ss`, rounded up: 0:00 means that the time is over."""
    whole = max(0, math.ceil(seconds))
    return f"{whole // 60}:{whole % 60:02d}"


def spoken_list(names: Sequence[str]) -> str:
    """`Ana`, `Ana and Ben`, `Ana, Ben and Cleo`."""
    if len(names) <= 1:
        return "".join(names)
    return _("{names} and {last}").format(names=", ".join(names[:-1]), last=names[-1])


def greeting(hour: int, name: str) -> str:
    """A greeting that fits the hour of the day (0-23)."""
    first = name.split(maxsplit=1)[0] if name.split() else name
    if hour < 5:  # noqa: PLR2004  (the bounds of the day's parts are read at a glance here)
        return _("Still up, {name}?").format(name=first)
    if hour < 12:  # noqa: PLR2004  (as above)
        return _("Good morning, {name}").format(name=first)
    words = _("Good afternoon, {name}") if hour < 17 else _("Good evening, {name}")  # noqa: PLR2004  (as above)
    return words.format(name=first)


def shortened(words: str, most: int) -> str:
    """At most so many characters: names that others have chosen must not break out of a button."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"


def count_text(count: int, most: int) -> str:
    """A number that fits a badge: `7`, and `99+` for more than `most`."""
    return f"{most}+" if count > most else f"{count}"


def people_text(count: int) -> str:
    """How many are in a group, of whom the reader is one."""
    return _("Only you so far") if count == 1 else _("{count} people").format(count=count)


def day_text(moment: float, now: float) -> str:
    """The day of a moment, in this device's time: `today`, `yesterday`, `on 9 May`, or `on 9 May 2025` of another year.

    Both are epoch seconds. A clock that is behind the server's makes nothing lie in the future.
    """
    moments = (datetime.fromtimestamp(seconds, UTC) for seconds in (min(moment, now), now))
    day, today = (there.astimezone().date() for there in moments)
    if (today - day).days <= 1:
        return _("today") if day == today else _("yesterday")
    return _("on {date}").format(date=date_text(day, with_year=day.year != today.year))


def date_text(day: date, *, with_year: bool) -> str:
    """`9 May`, or `9 May 2025`: months by the names of the chosen language, whatever the system speaks."""
    words = _("{day} {month} {year}") if with_year else _("{day} {month}")
    return words.format(day=day.day, month=_(MONTHS[day.month - 1]), year=day.year)


def spaced_code(code: str) -> str:
    """A join code in two halves, easier to read aloud."""
    half = len(code) // 2
    return f"{code[:half]} {code[half:]}"


def in_letters(text: str) -> str:
    """What somebody typed, as this app's font can draw it: each emoji spelled out, as `:fire:`, in one paragraph.

    Control, formatting and half characters are left out: they could turn the line around, or cannot be drawn at all.
    """
    return "".join(map(_in_letters, " ".join(text.split())))


def _in_letters(character: str) -> str:
    if character in _SKIN_TONES or unicodedata.category(character)[0] == "C" or character == _EMOJI_STYLE:
        return ""
    if character >= _EMOJIS or _SYMBOLS <= character < _AFTER_SYMBOLS:
        return f":{unicodedata.name(character, 'symbol').lower()}:"
    return character
