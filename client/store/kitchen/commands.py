"""What the user can do in the kitchen. Every method returns at once; what comes of it is seen in the store.

What is changed here is seen at once, sent in the order in which it was done, and undone with a notice where the server
refuses it.
"""

from __future__ import annotations

from dataclasses import replace

from client.net.browser_log_in import OpenBrowser
from client.net.errors import ApiError
from client.net.kitchen_api import KitchenApi
from client.net.kitchen_values import CatalogueKind, CatalogueQuery
from client.net.values import Location
from client.store import actions
from client.store.answers import Answers
from client.store.kitchen import actions as kitchen_actions
from client.store.kitchen.debounce import Debounce, Later, later
from client.store.kitchen.lists import ListCommands
from client.store.kitchen.state import SaveChange
from client.store.kitchen.turns import Turns
from client.store.runner import CommandRunner
from client.store.store import Store
from client.words import _

TYPING_SECONDS = 0.3
"""Whoever has not typed for so long has typed what is looked for."""


class KitchenCommands(ListCommands):
    """The intentions about catalogue, favourites and (inherited) shopping lists.

    `open_browser` hands an address to the system, `wait` is how the search waits for the end of typing.
    """

    def __init__(
        self,
        *,
        store: Store,
        api: KitchenApi,
        runner: CommandRunner,
        open_browser: OpenBrowser,
        wait: Later = later,
    ) -> None:
        self._open_browser = open_browser
        self._turns = Turns(runner)
        super().__init__(store=store, api=api, runner=runner, turns=self._turns)
        self._typing = Debounce(TYPING_SECONDS, self._look_for, wait)

    # The catalogue

    def open_browse(self) -> None:
        """Show what was found before; look for it where nothing was, and learn what is saved and what suits."""
        kitchen = self._store.state.kitchen
        if kitchen.results.status in {"idle", "failed"}:
            self.retry_browse()
        if kitchen.recommended.status in {"idle", "failed"}:
            self._recommend()
        self._learn_saved()

    def search(self, words: str) -> None:
        """Look for these words as soon as no more are typed."""
        self._typing.put(words)

    def browse(self, query: CatalogueQuery) -> None:
        """Look for something else at once; words that were just typed count."""
        typed = self._typing.take()
        wanted = query if typed is None else replace(query, words=typed)
        if wanted != self._store.state.kitchen.query:
            self._store.dispatch(kitchen_actions.QueryChosen(wanted))
            self._read_results()

    def retry_browse(self) -> None:
        """Ask once more for the page that did not come."""
        if self._store.state.kitchen.results.status != "loading":
            self._store.dispatch(kitchen_actions.ResultsRequested())
            self._read_results()

    def load_more_results(self) -> None:
        """The rows will soon be at their end: ask for the next page, if there is one."""
        results = self._store.state.kitchen.results
        if results.status == "loaded" and results.next_page is not None:
            self.retry_browse()

    def show_recipe(self, recipe_id: str) -> None:
        """Read a recipe."""
        self._store.dispatch(kitchen_actions.ItemRequested("recipe", recipe_id))
        self._read(
            lambda: kitchen_actions.RecipeLoaded(self._api.recipe(recipe_id)),
            lambda error: kitchen_actions.ItemFailed("recipe", recipe_id, error),
        )

    def show_restaurant(self, restaurant_id: str) -> None:
        """Read a restaurant, with its distance from the user's home where that is known."""
        near = self._home()
        self._store.dispatch(kitchen_actions.ItemRequested("restaurant", restaurant_id))
        self._read(
            lambda: kitchen_actions.RestaurantLoaded(self._api.restaurant(restaurant_id, near)),
            lambda error: kitchen_actions.ItemFailed("restaurant", restaurant_id, error),
        )

    def set_servings(self, recipe_id: str, servings: int) -> None:
        """Show a recipe for so many."""
        self._store.dispatch(kitchen_actions.ServingsChosen(recipe_id, servings))

    # Favourites

    def set_saved(self, kind: CatalogueKind, item_id: str, saved: bool) -> None:
        """Save something, or save it no longer."""
        change = SaveChange(kitchen_actions.next_change_id(), item_id, saved)
        answers = Answers(self._store)
        self._store.dispatch(kitchen_actions.SaveChanged(change))

        def settle() -> None:
            if not answers.wanted:
                # It would be saved by whoever is signed in by now.
                return
            accepted = False
            try:
                (self._api.save if saved else self._api.unsave)(kind, item_id)
                accepted = True
            except ApiError:
                if answers.wanted:
                    raise
            finally:
                answers.tell(kitchen_actions.SaveSettled(change, accepted))

        self._turns.do(settle)

    def load_favourites(self, kind: CatalogueKind) -> None:
        """Read what is saved from the beginning."""
        self._store.dispatch(kitchen_actions.FavouritesRequested(kind, anew=True))
        self._read_favourites(kind, 1)

    def load_more_favourites(self, kind: CatalogueKind) -> None:
        """As `load_more_results`; where the last attempt failed it is made again."""
        known = self._store.state.kitchen.favourites.get(kind)
        if known is None or known.status == "loading" or known.next_page is None:
            return
        self._store.dispatch(kitchen_actions.FavouritesRequested(kind, anew=False))
        self._read_favourites(kind, known.next_page)

    # Other apps

    def open_link(self, address: str) -> None:
        """Hand an address to whatever on this device is made for it: maps, phone, browser."""

        def hand_over() -> None:
            if not self._open_browser(address):
                self._store.dispatch(actions.NoticeShown("error", _("Nothing on this device can open that.")))

        self._runner.in_background(hand_over)

    def _look_for(self, words: str) -> None:
        self.browse(replace(self._store.state.kitchen.query, words=words))

    def _read_results(self) -> None:
        kitchen = self._store.state.kitchen
        query, number = kitchen.query, kitchen.results.next_page or 1
        self._read(
            lambda: kitchen_actions.ResultsLoaded(query, self._api.browse(query, number)),
            lambda error: kitchen_actions.ResultsFailed(query, error),
        )

    def _recommend(self) -> None:
        self._store.dispatch(kitchen_actions.RecommendedRequested())
        self._read(
            lambda: kitchen_actions.RecommendedLoaded(self._api.recommended()),
            kitchen_actions.RecommendedFailed,
        )

    def _read_favourites(self, kind: CatalogueKind, number: int) -> None:
        self._read(
            lambda: kitchen_actions.FavouritesLoaded(kind, self._api.saved(kind, number)),
            lambda error: kitchen_actions.FavouritesFailed(kind, error),
        )

    def _learn_saved(self) -> None:
        """Nobody has asked for it, so nobody is told when it does not work: hearts stay empty then."""
        answers = Answers(self._store)

        def learn() -> None:
            try:
                ids = self._api.saved_ids()
            except ApiError:
                return
            answers.tell(kitchen_actions.SavedIdsLoaded(ids))

        self._turns.do(learn)

    def _home(self) -> Location | None:
        preferences = self._store.state.preferences
        return None if preferences is None else preferences.home_location
