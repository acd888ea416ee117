"""Amounts as cooks write them: scaled to the servings, in fractions where one measures in spoons. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_FRACTIONS = ((1, 8, "⅛"), (1, 4, "¼"), (1, 3, "⅓"), (1, 2, "½"), (2, 3, "⅔"), (3, 4, "¾"))
# Weighed or filled, not counted: decimals there, and the larger unit from a thousand on.
_LARGER = {"g": "kg", "ml": "l"}
_DECIMAL = {"g", "kg", "ml", "l", "oz", "lb"}
# From here on nobody measures a fraction.
_WHOLE_FROM = 20
_THOUSAND = 1000
# Words that are units when a line is typed; others belong to the name.
_UNITS = {"g", "kg", "ml", "l", "tsp", "tbsp", "oz", "lb", "cup", "cups", "can", "cans", "pack", "packs"}
_UNITS |= {"bunch", "bunches", "clove", "cloves", "slice", "slices", "bottle", "bottles", "jar", "jars"}
_NUMBER = re.compile(
    r"(?P<whole>\d{1,5}(?:[.,]\d{1,3})?(?![\d/]))?\s*(?P<fraction>[⅛¼⅓½⅔¾]|\d/\d)?\s*(?:x\s+)?(?P<rest>.*)"
)


@dataclass(frozen=True, slots=True)
class TypedItem:
    """What somebody has typed to be bought; `amount` None: nobody said how much."""

    name: str
    amount: float | None = None
    unit: str = ""


def scaled(amount: float, servings: int, of: int) -> float:
    """As much as `servings` need, where `amount` is for `of` servings."""
    return amount * servings / of


def amount_text(amount: float | None, unit: str) -> str:
    """`1½ tbsp`, `750 g`, `1.2 kg`, `⅓`; empty where nobody said how much."""
    if amount is None:
        return unit
    if unit in _LARGER and amount >= _THOUSAND:
        amount, unit = amount / _THOUSAND, _LARGER[unit]
    number = _decimal(amount, unit) if unit in _DECIMAL else _fraction(amount)
    return f"{number} {unit}".rstrip()


def read_typed(words: str) -> TypedItem:
    """`1.5 kg flour` is flour, 1.5 kg; `eggs` is eggs. What is only a number is a name."""
    line = " ".join(words.split())
    found = _NUMBER.fullmatch(line)
    if found is None or not (found["whole"] or found["fraction"]):
        return TypedItem(line)
    amount = _number(found["whole"]) + _number(found["fraction"])
    first, _, name = found["rest"].partition(" ")
    glued = found["rest"] and not line[: -len(found["rest"])].endswith(" ") and first.casefold() not in _UNITS
    if amount <= 0 or not found["rest"] or glued:
        # "7up" is a drink.
        return TypedItem(line)
    if name and first.casefold() in _UNITS:
        return TypedItem(name, amount, first.casefold())
    return TypedItem(found["rest"], amount)


def _number(text: str | None) -> float:
    if not text:
        return 0.0
    for over, under, sign in _FRACTIONS:
        if text == sign:
            return over / under
    over_text, slash, under_text = text.partition("/")
    if slash:
        return int(over_text) / int(under_text) if int(under_text) else 0.0
    return float(text.replace(",", "."))


def _decimal(amount: float, unit: str) -> str:
    places = 2 if unit not in _LARGER else 1 if amount < 10 else 0  # noqa: PLR2004  (nobody weighs tenths beyond)
    number = f"{amount:.{places}f}"
    number = number.rstrip("0").rstrip(".") if places else number
    # However little it is, it is not nothing.
    return number if float(number) else f"{10**-places:g}"


def _fraction(amount: float) -> str:
    if amount >= _WHOLE_FROM:
        return f"{amount:.0f}"
    whole = int(amount)
    parts = [(0.0, ""), *((over / under, sign) for over, under, sign in _FRACTIONS), (1.0, "")]
    if not whole:
        # However little it is, it is not nothing.
        parts = parts[1:]
    share, sign = min(parts, key=lambda part: abs(part[0] - (amount - whole)))
    whole += share == 1.0
    return f"{whole or ''}{sign}"
