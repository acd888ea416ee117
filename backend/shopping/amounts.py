"""How much of something: units that can be added, and numbers that add up exactly. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_THOUSAND: Final = 1000

# How many thousandths of its base unit a unit is. Units with the same base can be added.
_IN_BASE: Final[dict[str, tuple[str, int]]] = {
    "g": ("g", _THOUSAND),
    "kg": ("g", _THOUSAND * _THOUSAND),
    "ml": ("ml", _THOUSAND),
    "l": ("ml", _THOUSAND * _THOUSAND),
    "tsp": ("tsp", _THOUSAND),
    "tbsp": ("tsp", 3 * _THOUSAND),
}
# The larger unit of a base, from how many thousandths on it is used, and of which step they have to be a multiple.
_LARGER: Final[dict[str, tuple[str, int, int]]] = {
    "g": ("kg", _THOUSAND * _THOUSAND, 1),
    "ml": ("l", _THOUSAND * _THOUSAND, 1),
    "tsp": ("tbsp", 3 * _THOUSAND, 3 * _THOUSAND // 2),  # half a tablespoon can be measured, a third cannot
}
_SPELLINGS: Final[dict[str, str]] = {
    "gram": "g",
    "grams": "g",
    "kilogram": "kg",
    "kilograms": "kg",
    "millilitre": "ml",
    "millilitres": "ml",
    "milliliter": "ml",
    "milliliters": "ml",
    "litre": "l",
    "litres": "l",
    "liter": "l",
    "liters": "l",
    "teaspoon": "tsp",
    "teaspoons": "tsp",
    "tablespoon": "tbsp",
    "tablespoons": "tbsp",
    "piece": "",
    "pieces": "",
    "pcs": "",
}


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount.

    Attributes:
        thousandths: of the base unit; a whole number, at least 1, so that adding is exact in any order.
        base: `g`, `ml`, `tsp`, "" for pieces, or any other unit: that is its own base.
    """

    thousandths: int
    base: str

    @classmethod
    def of(cls, amount: float, unit: str) -> Quantity:
        """Of an amount above 0 in any unit; what is less than a thousandth of the base unit counts as one."""
        base, size = _IN_BASE.get(known_unit(unit), (known_unit(unit), _THOUSAND))
        return cls(max(1, round(amount * size)), base)

    def __add__(self, other: Quantity) -> Quantity:
        """Both together; they must have the same base."""
        if self.base != other.base:
            raise ValueError(f"{self.base!r} and {other.base!r} cannot be added")
        return Quantity(self.thousandths + other.thousandths, self.base)

    def scaled(self, to: int, of: int) -> Quantity:
        """As much as `to` servings need, where this is for `of`; rounded to a thousandth, and never nothing."""
        return Quantity(max(1, (2 * self.thousandths * to + of) // (2 * of)), self.base)

    @property
    def shown(self) -> tuple[float, str]:
        """Amount and unit as people write them: `1500 g` is 1.5 kg, 6 teaspoons are 2 tablespoons."""
        larger = _LARGER.get(self.base)
        if larger and self.thousandths >= larger[1] and self.thousandths % larger[2] == 0:
            return self.thousandths / _IN_BASE[larger[0]][1], larger[0]
        return self.thousandths / _THOUSAND, self.base


def is_common(unit: str) -> bool:
    """Whether it is one of the units that everybody knows, and nobody's own word."""
    return not unit or unit in _IN_BASE


def known_unit(unit: str) -> str:
    """The unit in the spelling that it is compared by: lower case, `grams` and `g` are one, pieces are ""."""
    plain = " ".join(unit.casefold().split())
    return _SPELLINGS.get(plain, plain)
