"""Building a deck: candidates and needs in, card ids out. Pure, reproducible by its seed (docs/product.md S5-S7)."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from bson import ObjectId

from backend.catalog.candidates import Candidate
from backend.catalog.diet import suits
from backend.sessions.ranking import Taste, appeal, effort, fits_energy
from backend.sessions.rules.requirements import MIN_DECK
from backend.sessions.rules.rounds import NEW_CARDS

_SPONSORED_ONE_IN = 10


@dataclass(frozen=True, slots=True)
class Needs:
    """What nobody at the table can do without: the union over all participants, without names."""

    dietary: frozenset[str] = frozenset()
    allergies: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Deck:
    """The cards in order, and, where they are too few, which kinds of filter took the others.

    Attributes:
        reserve: the cards that would come next, for round 2; none of them sponsored.
    """

    items: tuple[ObjectId, ...]
    reserve: tuple[ObjectId, ...] = ()
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
    fitting = [c for c in safe if fits_energy(c, taste)]
    if len(fitting) < MIN_DECK:
        rest = sorted((c for c in safe if c not in fitting), key=lambda c: (effort(c, taste), drawn[c.id]))
        fitting += rest[: MIN_DECK - len(fitting)]
    ranked = sorted(fitting, key=lambda c: (-appeal(c, taste, drawn[c.id]), c.id))
    items = tuple(c.id for c in _ration_sponsored(ranked, size))
    if len(items) < MIN_DECK:
        return Deck(items, narrowed_by=_narrowed_by(candidates, needs))
    reserve = (c.id for c in ranked if c.id not in items and not c.sponsored)
    return Deck(items, tuple(itertools.islice(reserve, NEW_CARDS)))


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
