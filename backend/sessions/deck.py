"""Building a deck: candidates and needs in, card ids out. Pure, reproducible by its seed (docs/product.md S5-S7)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from bson import ObjectId

from backend.catalog.candidates import Candidate
from backend.catalog.diet import suits
from backend.catalog.geo import Place, miles_between
from backend.sessions.rules import MIN_DECK
from backend.sessions.state import Energy

_SPONSORED_ONE_IN = 10
_MILES = {Energy.LOW: 2.0, Energy.MEDIUM: 5.0, Energy.HIGH: 10.0}
_QUICK_PREP_MINUTES = 30
_DIFFICULTY_RANK = {"easy": 0, "medium": 1, "hard": 2}


@dataclass(frozen=True, slots=True)
class Needs:
    """What nobody at the table can do without: the union over all participants, without names."""

    dietary: frozenset[str] = frozenset()
    allergies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Taste:
    """What shapes the order, never what is safe."""

    energy: Energy
    near: Place | None = None
    liked_cuisines: frozenset[str] = frozenset()
    disliked_cuisines: frozenset[str] = frozenset()
    max_price: int | None = None


@dataclass(frozen=True, slots=True)
class Deck:
    """The cards in order, and, where they are too few, which kinds of filter took the others."""

    items: tuple[ObjectId, ...]
    narrowed_by: tuple[str, ...] = ()

    @property
    def enough(self) -> bool:
        """Whether there is something to choose from."""
        return len(self.items) >= MIN_DECK


def build_deck(candidates: Sequence[Candidate], needs: Needs, taste: Taste, size: int, seed: int) -> Deck:
    """Filter hard by needs, shape by taste, shuffle by seed.

    No card that somebody at the table cannot eat is ever in the deck; an item whose facts are unknown for a need is
    out. Energy and distance only decide who comes first: they step aside rather than leave fewer than MIN_DECK.
    """
    safe = [c for c in candidates if suits(c.dietary_tags, c.allergens, needs.dietary, needs.allergies)]
    chance = random.Random(seed)  # noqa: S311  # a reproducible shuffle, not a secret
    drawn = {c.id: chance.random() for c in sorted(safe, key=lambda c: c.id)}
    fitting = [c for c in safe if _fits_energy(c, taste)]
    if len(fitting) < MIN_DECK:
        rest = sorted((c for c in safe if c not in fitting), key=lambda c: (_effort(c, taste), drawn[c.id]))
        fitting += rest[: MIN_DECK - len(fitting)]
    ranked = sorted(fitting, key=lambda c: (-_appeal(c, taste, drawn[c.id]), c.id))
    items = tuple(c.id for c in _ration_sponsored(ranked, size))
    return Deck(items, () if len(items) >= MIN_DECK else _narrowed_by(candidates, needs))


def _narrowed_by(candidates: Sequence[Candidate], needs: Needs) -> tuple[str, ...]:
    """The kinds of need without which more cards would remain. Kinds only: a tag could tell whose it is."""
    kinds = []
    if sum(suits(c.dietary_tags, c.allergens, needs.dietary, ()) for c in candidates) < len(candidates):
        kinds.append("dietary restrictions")
    if sum(suits(c.dietary_tags, c.allergens, (), needs.allergies) for c in candidates) < len(candidates):
        kinds.append("allergies")
    if len(candidates) < MIN_DECK or not kinds:
        kinds.append("menu")
    return tuple(kinds)


def _fits_energy(candidate: Candidate, taste: Taste) -> bool:
    if candidate.kind == "restaurant":
        distance = _distance(candidate, taste)
        affordable = taste.max_price is None or (candidate.price or 1) <= taste.max_price
        return affordable and (distance is None or distance <= _MILES[taste.energy])
    if taste.energy is Energy.LOW:
        return (candidate.prep_minutes or 0) < _QUICK_PREP_MINUTES
    return taste.energy is Energy.HIGH or candidate.difficulty != "hard"


def _effort(candidate: Candidate, taste: Taste) -> float:
    """How far a card is from what the energy asks for, to fill a deck that would be too small."""
    distance = _distance(candidate, taste)
    if distance is not None:
        return distance / _MILES[taste.energy]
    return (candidate.prep_minutes or 0) / _QUICK_PREP_MINUTES


def _appeal(candidate: Candidate, taste: Taste, drawn: float) -> float:
    """Chance weighs most, so that evenings differ; taste, rating and ease lean on it."""
    cuisines = set(candidate.cuisines)
    appeal = drawn
    appeal += 0.3 * bool(cuisines & taste.liked_cuisines) - 0.4 * bool(cuisines & taste.disliked_cuisines)
    appeal += 0.1 * ((candidate.rating or 4.0) - 4.0)
    if taste.energy is Energy.LOW and candidate.difficulty is not None:
        appeal -= 0.5 * _DIFFICULTY_RANK.get(candidate.difficulty, 1)
    return appeal


def _distance(candidate: Candidate, taste: Taste) -> float | None:
    if candidate.location is None or taste.near is None:
        return None
    return miles_between(taste.near, candidate.location)


def _ration_sponsored(ranked: Sequence[Candidate], size: int) -> list[Candidate]:
    """Keep the first `size`, with at most one sponsored card in ten (S7)."""
    allowed = min(size, sum(not c.sponsored for c in ranked)) // _SPONSORED_ONE_IN
    deck: list[Candidate] = []
    for candidate in ranked:
        if candidate.sponsored:
            if allowed == 0:
                continue
            allowed -= 1
        deck.append(candidate)
    return deck[:size]
