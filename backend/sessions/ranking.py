"""Which cards come first: energy, taste and what was before (docs/product.md S6, S15). Pure, and never what is safe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bson import ObjectId

from backend.catalog.candidates import Candidate
from backend.catalog.geo import Place, miles_between
from backend.sessions.state import Energy

_MILES = {Energy.LOW: 2.0, Energy.MEDIUM: 5.0, Energy.HIGH: 10.0}
_QUICK_PREP_MINUTES = 30
_DIFFICULTY_RANK = {"easy": 0, "medium": 1, "hard": 2}
_USUAL_RATING = 4.0
_USUAL_FOLLOW_THROUGH = 0.5


@dataclass(frozen=True, slots=True)
class Past:
    """What the evenings before say, without names.

    Attributes:
        eaten: cards that somebody at the table was matched with lately.
        liked: cards that somebody at the table liked before.
        follow_through: by card, how often (0 to 1) a match with it was cooked or visited, whoever matched.
    """

    eaten: frozenset[ObjectId] = frozenset()
    liked: frozenset[ObjectId] = frozenset()
    follow_through: Mapping[ObjectId, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Taste:
    """What shapes the order, never what is safe."""

    energy: Energy
    near: Place | None = None
    liked_cuisines: frozenset[str] = frozenset()
    disliked_cuisines: frozenset[str] = frozenset()
    max_price: int | None = None
    past: Past = field(default_factory=Past)


def fits_energy(candidate: Candidate, taste: Taste) -> bool:
    """Whether a card is what the group has the energy, and the money, for."""
    if candidate.kind == "restaurant":
        distance = _distance(candidate, taste)
        affordable = taste.max_price is None or (candidate.price or 1) <= taste.max_price
        return affordable and (distance is None or distance <= _MILES[taste.energy])
    if taste.energy is Energy.LOW:
        return (candidate.prep_minutes or 0) < _QUICK_PREP_MINUTES
    return taste.energy is Energy.HIGH or candidate.difficulty != "hard"


def effort(candidate: Candidate, taste: Taste) -> float:
    """How far a card is from what the energy asks for, to fill a deck that would be too small."""
    distance = _distance(candidate, taste)
    if distance is not None:
        return distance / _MILES[taste.energy]
    return (candidate.prep_minutes or 0) / _QUICK_PREP_MINUTES


def appeal(candidate: Candidate, taste: Taste, drawn: float) -> float:
    """How early a card comes. Chance weighs most, so that evenings differ; all else leans on it.

    Args:
        drawn: chance, 0 to 1.
    """
    cuisines = set(candidate.cuisines)
    past = taste.past
    points = drawn
    points += 0.3 * bool(cuisines & taste.liked_cuisines) - 0.4 * bool(cuisines & taste.disliked_cuisines)
    points += 0.1 * ((candidate.rating or _USUAL_RATING) - _USUAL_RATING)
    points += 0.15 * (candidate.id in past.liked) - 0.5 * (candidate.id in past.eaten)
    points += 0.4 * (past.follow_through.get(candidate.id, _USUAL_FOLLOW_THROUGH) - _USUAL_FOLLOW_THROUGH)
    if taste.energy is Energy.LOW and candidate.difficulty is not None:
        points -= 0.5 * _DIFFICULTY_RANK.get(candidate.difficulty, 1)
    return points


def _distance(candidate: Candidate, taste: Taste) -> float | None:
    if candidate.location is None or taste.near is None:
        return None
    return miles_between(taste.near, candidate.location)
