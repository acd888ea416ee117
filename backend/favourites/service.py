"""What people do with favourites: save, like, be recommended something (docs/product.md C5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bson import ObjectId

from backend.catalog.candidates import Kind
from backend.catalog.geo import Place
from backend.catalog.regard import Regard
from backend.catalog.service import CatalogService, Found
from backend.errors import Conflict
from backend.favourites.recommendations import Habits, recommended
from backend.favourites.store import FavouriteStore, Like, Saved
from backend.infra.clock import Clock, to_iso
from backend.sessions.outcomes import Outcomes
from backend.users.preferences import PreferenceService

MOST_SAVED: Final = 1000  # of each kind
MOST_LIKED: Final = 1000


@dataclass(frozen=True, slots=True)
class Marks:
    """The ids of everything that one user has saved or likes, newest first."""

    recipes: tuple[ObjectId, ...]
    restaurants: tuple[ObjectId, ...]
    liked: tuple[ObjectId, ...]


class FavouriteService:
    """Everybody's favourites. Each of them is only its own user's to see; of likes, all see how many there are."""

    def __init__(
        self,
        *,
        store: FavouriteStore,
        catalog: CatalogService,
        preferences: PreferenceService,
        outcomes: Outcomes,
        clock: Clock,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._preferences = preferences
        self._outcomes = outcomes
        self._clock = clock

    def save(self, user_id: ObjectId, kind: Kind, item_id: ObjectId) -> None:
        """Save a recipe or restaurant. Harmless to repeat: the first time counts.

        Raises:
            NotFound: `recipe_not_found`, `restaurant_not_found`.
            Conflict: `too_many_saved`.
        """
        if kind == "recipe":
            self._catalog.recipe(item_id)
        else:
            self._catalog.restaurant(item_id)
        if self._store.has_saved(user_id, item_id):
            return
        if self._store.count_saved(user_id, kind) >= MOST_SAVED:
            raise Conflict(
                f"You have saved {MOST_SAVED} {kind}s, which is as many as fit. Remove one first.",
                code="too_many_saved",
            )
        self._store.save(user_id, Saved(item_id, kind, self._clock.now()))

    def unsave(self, user_id: ObjectId, kind: Kind, item_id: ObjectId) -> None:
        """Save it no longer. Harmless to repeat."""
        self._store.unsave(user_id, kind, item_id)

    def saved(self, user_id: ObjectId, kind: Kind, skip: int, limit: int, near: Place | None = None) -> Found:
        """A page of what the user has saved of one kind, newest first, as cards."""
        ids = self._store.saved(user_id, kind, skip, limit)
        return Found(self._catalog.cards(ids, near), self._store.count_saved(user_id, kind))

    def has_saved(self, user_id: ObjectId, item_id: ObjectId) -> bool:
        """Whether the user has saved it."""
        return self._store.has_saved(user_id, item_id)

    def marks(self, user_id: ObjectId) -> Marks:
        """The ids of all that the user has saved or likes: enough to mark the cards of any list."""
        saved = list(self._store.all_saved(user_id))[::-1]
        return Marks(
            recipes=tuple(one.item_id for one in saved if one.kind == "recipe"),
            restaurants=tuple(one.item_id for one in saved if one.kind == "restaurant"),
            liked=tuple(one.recipe_id for one in self._store.all_liked(user_id))[::-1],
        )

    def like(self, user_id: ObjectId, recipe_id: ObjectId) -> Regard:
        """Like a recipe. Harmless to repeat.

        Raises:
            NotFound: `recipe_not_found`.
            Conflict: `too_many_liked`.
        """
        self._catalog.recipe(recipe_id)
        if not self._store.likes(user_id, recipe_id):
            if self._store.count_liked(user_id) >= MOST_LIKED:
                raise Conflict(
                    f"You like {MOST_LIKED} recipes, which is as many as fit. Take one like back first.",
                    code="too_many_liked",
                )
            self._store.like(user_id, Like(recipe_id, self._clock.now()))
        return self.regard(user_id, recipe_id)

    def unlike(self, user_id: ObjectId, recipe_id: ObjectId) -> Regard:
        """Take a like back. Harmless to repeat.

        Raises:
            NotFound: `recipe_not_found`.
        """
        self._catalog.recipe(recipe_id)
        self._store.unlike(user_id, recipe_id)
        return self.regard(user_id, recipe_id)

    def regard(self, user_id: ObjectId, recipe_id: ObjectId) -> Regard:
        """How a recipe is regarded."""
        return Regard(
            likes=self._store.count_likes(recipe_id),
            liked=self._store.likes(user_id, recipe_id),
            saved=self._store.has_saved(user_id, recipe_id),
        )

    def recommend(self, user_id: ObjectId, skip: int, limit: int) -> Found:
        """A page of the recipes to recommend to the user, best first; the rule is `recommended`'s.

        Raises:
            NotFound: `user_not_found`.
            Locked: `data_locked`: what the user cannot eat is there and cannot be read.
        """
        past, marks = self._outcomes.past_of(user_id), self.marks(user_id)
        habits = Habits(frozenset((*marks.recipes, *marks.liked)) | past.liked, past.eaten)
        recipes = self._catalog.deck_candidates("recipes")
        best = recommended(recipes, self._preferences.of(user_id), habits)
        return Found(self._catalog.cards(best[skip : skip + limit]), len(best))

    def saved_history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Everything that the user has saved, oldest first, JSON-ready (for the export)."""
        for one in self._store.all_saved(user_id):
            yield {"item_id": str(one.item_id), "kind": one.kind, "at": to_iso(one.saved_at)}

    def liked_history_of(self, user_id: ObjectId) -> Iterator[dict[str, Any]]:
        """Every like of the user, oldest first, JSON-ready (for the export)."""
        for one in self._store.all_liked(user_id):
            yield {"item_id": str(one.recipe_id), "at": to_iso(one.at)}

    def forget_saved(self, user_id: ObjectId) -> int:
        """Delete what somebody has saved; how much that was."""
        return self._store.delete_saved_of(user_id)

    def forget_likes(self, user_id: ObjectId) -> int:
        """Delete somebody's likes; how many they were."""
        return self._store.delete_likes_of(user_id)

    def people(self) -> Iterator[ObjectId]:
        """Everybody who has favourites."""
        return self._store.people()
