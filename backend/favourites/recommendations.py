"""Which recipes to recommend to one person. Pure (docs/product.md C5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bson import ObjectId

from backend.catalog.candidates import Candidate
from backend.catalog.cuisines import cuisine_key
from backend.catalog.diet import suits
from backend.users.preferences import Preferences

_LIKED_CUISINE = 2
_LIKED_BEFORE = 1


@dataclass(frozen=True, slots=True)
class Habits:
    """What somebody has done so far.

    Attributes:
        favourites: recipes that they have saved, liked, or swiped right in their latest sessions.
        lately: cards that their sessions decided on in the last two weeks.
    """

    favourites: frozenset[ObjectId] = frozenset()
    lately: frozenset[ObjectId] = frozenset()


def recommended(
    recipes: Iterable[Candidate], preferences: Preferences, habits: Habits
) -> tuple[ObjectId, ...]:
    """The recipes to recommend, best first.

    What the person cannot eat is never among them, and what was decided lately is not either. Of the rest, each has
    points: two for a cuisine that the person likes, one for a cuisine of something they have saved or liked; a cuisine
    that they dislike takes two away. More points come first; among equals the newest recipe. The same person with the
    same past always gets the same answer.
    """
    known = list(recipes)
    edible = [
        one
        for one in known
        if one.id not in habits.lately
        and suits(one.dietary_tags, one.allergens, preferences.dietary, preferences.allergies)
    ]
    liked = frozenset(map(cuisine_key, preferences.liked_cuisines))
    disliked = frozenset(map(cuisine_key, preferences.disliked_cuisines))
    familiar = frozenset(cuisine for one in known if one.id in habits.favourites for cuisine in one.cuisines)

    def points(one: Candidate) -> int:
        cuisines = frozenset(one.cuisines)
        return (
            _LIKED_CUISINE * bool(cuisines & liked)
            + _LIKED_BEFORE * bool(cuisines & familiar)
            - _LIKED_CUISINE * bool(cuisines & disliked)
        )

    best_first = sorted(edible, key=lambda one: (points(one), one.id), reverse=True)
    return tuple(one.id for one in best_first)
